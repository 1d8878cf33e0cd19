"""Sets of four million persons: our bitmaps, numpy and PostgreSQL side by side; then the same in the pages of a region.

The region of the second part has everybody as a row, a list of the insurance fund over nearly all of them, and smaller
lists; times are those of the server, through the whole application as the `web` role."""

import json
import tempfile
from array import array
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from urllib.parse import quote

import numpy
from pyroaring import BitMap

from bench import measure
from bench.cases import TODAY
from bench.pages import PASSWORD, _client, _time
from oncor_cases import config
from oncor_cases.actions import accounts, assigning, exporting
from oncor_cases.actions import contingents as lists
from oncor_cases.actions.sweep import sweep
from oncor_cases.contingents.algebra import combined
from oncor_cases.contingents.overlap import cells
from oncor_cases.store import contingents, population, regions
from oncor_cases.store.session import Connection, Database, Scope

GOAL = "операция над списками в 4 млн: до 50 мс"
REGION = Scope(1, "coordinator", "coordinator")
CLINICS = 150


def run(people: int, region: bool = True) -> None:
    _algebra(people)
    if region:
        _region(people)


def _ms(what: Callable[[], object], times: int = 5) -> str:
    took = []
    for _ in range(times):
        began = perf_counter()
        what()
        took.append((perf_counter() - began) * 1000)
    return f"{median(took):,.2f}"


def _scattered(people: int, step: int) -> BitMap:
    """About nine of ten persons, without long runs: the worst case for a bitmap."""
    return BitMap(array("I", (n for n in range(1, people + people // 10) if (n * step) % 101 > 9)))


def _algebra(people: int) -> None:
    sets = [_scattered(people, step) for step in (7, 13, 29, 53)]
    a, b = sets[:2]
    packed = a.serialize()
    rows: list[tuple[str, object]] = [("людей в списках", " · ".join(f"{len(s):,}" for s in sets[:2]))]
    for op, title in (("any", "объединение"), ("all", "пересечение"), ("minus", "разность"), ("odd", "симметрическая")):
        rows.append((f"наши: {title}, мс", _ms(lambda op=op: combined(op, [a, b]))))
    rows += [
        ("наши: не меньше чем в 2 из 4, мс", _ms(lambda: combined("least", sets, 2))),
        ("наши: все 15 частей четырёх списков, мс", _ms(lambda: cells(sets))),
        ("наши: из байтов базы и обратно, мс", f"{_ms(lambda: BitMap.deserialize(packed))} · {_ms(a.serialize)}"),
        ("размер списка в базе, МБ", f"{len(packed) / 1e6:.2f}"),
    ]
    rows += _numpy(a, b) + _postgres(a, b)
    measure.show("Списки: операции над двумя", rows, goal=GOAL)


def _numpy(a: BitMap, b: BitMap) -> list[tuple[str, object]]:
    """Sorted numbers, as a list is kept; and masks of everybody, numpy's best when the numbers are dense as ours are."""
    x, y = (numpy.array(s.to_array(), dtype=numpy.uint32) for s in (a, b))
    masks = [numpy.zeros(max(a.max(), b.max()) + 1, dtype=bool) for _ in range(2)]
    for mask, ids in zip(masks, (x, y), strict=True):
        mask[ids] = True
    m, n = masks
    assert len(numpy.intersect1d(x, y, assume_unique=True)) == (m & n).sum() == len(a & b), "all must say the same"
    return [
        ("numpy: пересечение (сортированные), мс", _ms(lambda: numpy.intersect1d(x, y, assume_unique=True), 3)),
        ("numpy: объединение, мс", _ms(lambda: numpy.union1d(x, y), 1)),
        ("numpy: разность, мс", _ms(lambda: numpy.setdiff1d(x, y, assume_unique=True), 3)),
        ("numpy: пересечение · объединение · разность масок, мс",
         " · ".join(_ms(what) for what in (lambda: m & n, lambda: m | n, lambda: m & ~n))),
        ("numpy: маска в памяти, МБ", f"{m.nbytes / 1e6:.2f}"),
    ]  # fmt: skip


def _postgres(a: BitMap, b: BitMap) -> list[tuple[str, object]]:
    with measure.database() as db, db.owner() as conn:
        for name, members in (("a", a), ("b", b)):
            conn.execute(f"create unlogged table set_{name} (id int4 primary key)")
            with conn.cursor().copy(f"copy set_{name} from stdin") as copy:
                copy.write("".join(f"{n}\n" for n in members))
        conn.execute("analyze set_a")
        conn.execute("analyze set_b")
        conn.execute("set work_mem = '512MB'")

        def ask(op: str) -> int:
            query = f"select count(*) from (select id from set_a {op} select id from set_b) x"
            return int(conn.execute(query).fetchone()[0])

        assert ask("intersect") == len(a & b), "both must say the same"
        return [
            ("PostgreSQL: INTERSECT, мс", _ms(lambda: ask("intersect"), 1)),
            ("PostgreSQL: UNION, мс", _ms(lambda: ask("union"), 1)),
            ("PostgreSQL: EXCEPT, мс", _ms(lambda: ask("except"), 1)),
        ]


def fill(conn: Connection, people: int) -> None:
    """A region where everybody has a row and a clinic; every thirtieth is a patient seen by that clinic."""
    conn.execute(
        """insert into organisation (region_id, oid, name, short_name, sort_key)
           select 1, '1.2.643.5.1.13.13.12.2.98.' || g, 'Поликлиника № ' || g, 'Поликлиника № ' || g, lpad(g::text, 4, '0')
           from generate_series(1, %s) g""",
        (CLINICS,),
    )
    for name in ("sort_key_id", "search_key_id", "attached_org", "snils", "enp"):
        conn.execute(f"drop index ix_person_region_id_{name}")
    conn.execute(
        """insert into person (region_id, id, family, given, sex, birth_date, attached_org, died_on, sort_key, search_key)
           select 1, g, 'Фамилия' || g %% 50000, 'Имя', case g %% 2 when 0 then 'male' else 'female' end,
                  date '1930-01-01' + (g * 7919::bigint %% 34000)::int,
                  '1.2.643.5.1.13.13.12.2.98.' || (1 + g * 31::bigint %% %(clinics)s),
                  case when g %% 97 = 0 then %(today)s::date - 30 end, 'фамилия' || g %% 50000, 'фамилия' || g %% 50000
           from generate_series(1, %(people)s) g""",
        {"clinics": CLINICS, "today": TODAY, "people": people},
    )
    conn.execute("create index ix_person_region_id_search_key_id on person (region_id, search_key, id)")
    conn.execute("create index ix_person_region_id_attached_org on person (region_id, attached_org)")
    conn.execute(
        """insert into person_scope (region_id, person_id, org, reason)
           select 1, id, attached_org, 'attached' from person where id %% 30 = 0""",
        (),
    )
    conn.execute("analyze")


def _region(people: int) -> None:
    from oncor_cases.web.app import create

    with measure.database() as db, tempfile.TemporaryDirectory() as home:
        began = perf_counter()
        with db.owner() as conn:
            regions.ensure(conn, 1, name="bench", demo=True)
            fill(conn, people)
        filled = perf_counter() - began
        everybody = BitMap(range(1, people + 1))
        parts = {
            "ТФОМС, застрахованные": everybody - BitMap(range(50, people, 50)),
            "ТФОМС, март": everybody - BitMap(range(40, people, 40)),
            "Под наблюдением": BitMap(range(30, people, 30)),
            "Приглашены на скрининг": BitMap(range(3, people, 3)),
        }
        names = {}
        for name, members in parts.items():
            with db.batch() as conn:
                id, address = contingents.create(
                    conn, 1, name=name, kind="file", owner_user="bench", owner_org="", definition={}, provenance="bench",
                    made_on=TODAY, shared=True,
                )  # fmt: skip
                contingents.add_snapshot(conn, 1, id, members, TODAY)
            names[name] = lists.name_of(address)
        clinic = "1.2.643.5.1.13.13.12.2.98.7"
        accounts.add(db, "head", PASSWORD, name="", role="head", orgs=[clinic])
        accounts.add(db, "coordinator", PASSWORD, name="", role="coordinator")
        settings = replace(config.read({"ONCOR_HOME": home}), today=TODAY)
        app = create(settings, db)
        insured, _, watched, _ = names.values()
        two = {"op": "minus", "of": [insured, watched]}
        four = {"op": "least", "k": 2, "of": list(names.values())}
        alive = {"op": "all", "of": [two, "alive", f"clinic:{clinic}"]}
        one = f"/contingents/{insured.removeprefix('c:')}"
        coordinator, head = _client(app, "coordinator"), _client(app, "head")
        began = perf_counter()
        assert coordinator.get(_built(alive)).status_code == 200
        cold = perf_counter() - began
        rows: list[tuple[str, object]] = [
            ("людей, подготовка базы, с", f"{people:,} · {filled:.0f}"),
            ("координатор: построитель, первый раз, мс", f"{cold * 1000:,.0f}"),
            ("координатор: построитель, два списка, мс", _time(coordinator, _built(two))),
            ("координатор: построитель, не меньше 2 из 4, мс", _time(coordinator, _built(four))),
            ("координатор: нет в другом, живы, клиника, мс", _time(coordinator, _built(alive))),
            ("координатор: все списки, мс", _time(coordinator, "/contingents")),
            ("координатор: страница списка, мс", _time(coordinator, one)),
            ("координатор: по клиникам, мс", _time(coordinator, f"{one}?tab=clinics")),
            ("координатор: страница 1 000 001-го, мс", _time(coordinator, f"{one}?start={people // 4}")),
            ("заведующий: все списки, мс", _time(head, "/contingents")),
            ("заведующий: страница списка, мс", _time(head, one)),
            ("задачи: предпросмотр клиники, мс", _time(coordinator, f"/contingents/work?e={quote(json.dumps(alive))}")),
        ]
        began = perf_counter()
        lists.save(db, REGION, name="x", kind="query", definition={"query": {"alive": True, "age_from": 40}}, today=TODAY)
        rows.append(("запрос «живы, от 40 лет» и снимок, мс", f"{(perf_counter() - began) * 1000:,.0f}"))
        began = perf_counter()
        address = lists.save(db, REGION, name="y", kind="expression", definition={"expression": watched}, today=TODAY)
        n = exporting.export(db, REGION, address, columns=exporting.USUAL, kind="csv", to=Path(home) / "x.csv")
        rows.append(("выгрузка CSV, строк · с", f"{n:,} · {perf_counter() - began:.1f}"))
        rows += _work(db, people)
        population._kept.clear()
        measure.show("Списки: страницы региона (медиана · худший из 30)", rows, goal="работает в браузере с 4 млн человек")


def _work(db: Database, people: int) -> list[tuple[str, object]]:
    """Work given about thirty thousand persons at once, and the sweep that makes it their tasks."""
    some = BitMap(range(1, people, max(1, people // 30_000)))
    with db.batch() as conn:
        id, address = contingents.create(
            conn, 1, name="Тридцать тысяч", kind="file", owner_user="bench", owner_org="", definition={}, provenance="bench",
            made_on=TODAY,
        )  # fmt: skip
        contingents.add_snapshot(conn, 1, id, some, TODAY)
    began = perf_counter()
    given = assigning.give(
        db, REGION, lists.name_of(address), name="", owner="", due=TODAY + timedelta(days=14), text="Пригласить", today=TODAY
    )
    gave = perf_counter() - began
    began = perf_counter()
    swept = sweep(db, TODAY, workers=2)
    return [
        ("поручения даны: человек · с", f"{len(given.persons):,} · {gave:.1f}"),
        ("разбор после них: задач · с", f"{swept['opened']:,} · {perf_counter() - began:.1f}"),
    ]


def _built(expression: object) -> str:
    return f"/contingents/build?e={quote(json.dumps(expression))}"
