"""The insured list of a region, beside a bare COPY of the same file into a plain table and the hash join alone."""

import csv
import io
import tempfile
import time
from collections.abc import Callable, Sized
from datetime import date
from pathlib import Path
from random import Random
from statistics import median

from bench.measure import database, show
from oncor_cases.actions import lists
from oncor_cases.actions.lists import Outcome
from oncor_cases.contingents.query import Query
from oncor_cases.region.people import enp_of, name_of, snils_of
from oncor_cases.store import contingent_query, members, population, regions
from oncor_cases.store.session import Connection, Database, Scope

HEADER = ["ENP", "SNILS", "FAM", "IM", "OT", "DR", "W", "MO", "DATE_ATTACH", "SMO"]
FLOORS = 3
CLINICS = [f"1.2.643.5.1.13.13.12.2.99.{n}" for n in range(1000, 1180)]


def invented(count: int, path: Path, *, seed: int = 1, faults: int = 2000) -> None:
    """An invented list: every `faults`-th line has a fault of its own."""
    chance = Random(seed)
    names = [(sex, *name_of(chance, sex, 1930 + n % 80)) for n in range(4000) for sex in ("male", "female")]
    days = [f"{date.fromordinal(n):%d.%m.%Y}" for n in range(date(1930, 1, 1).toordinal(), date(2026, 1, 1).toordinal())]
    since = days[-4000:]
    with path.open("w", encoding="cp1251", newline="") as file:
        told = csv.writer(file, delimiter=";", lineterminator="\n")
        told.writerow(HEADER)
        for n in range(count):
            sex, family, given, patronymic = names[int(chance.random() * len(names))]
            row = [
                enp_of(n * 7919 % 9_999_999_967), snils_of(150_000_000 + n).replace("-", "").replace(" ", ""),
                family.upper(), given.upper(), patronymic.upper(), days[int(chance.random() * len(days))],
                "1" if sex == "male" else "2", CLINICS[int(chance.random() * 180)], since[int(chance.random() * 4000)],
                "99001",
            ]  # fmt: skip
            if n % faults == 7:
                at = n // faults % 4
                row[(0, 1, 5, 6)[at]] = ("7,7E+15", "12345678900", "31.02.1980", "3")[at]
            told.writerow(row)


def timed(what: Callable[[], object]) -> float:
    began = time.perf_counter()
    what()
    return time.perf_counter() - began


def floors(db: Database, path: Path) -> tuple[list[float], list[float]]:
    """COPY into a fresh table, then the join of what has just been written; more than once, because one time of it differs
    from the next by half. Ascending."""
    times = [(timed(lambda: bare_copy(db, path)), timed(lambda: hash_join(db))) for _ in range(FLOORS)]
    copies, joins = zip(*times, strict=True)
    return sorted(copies), sorted(joins)


def middle(times: list[float]) -> str:
    return f"{median(times):.1f} (от {times[0]:.1f} до {times[-1]:.1f})"


def bare_copy(db: Database, path: Path) -> None:
    """What PostgreSQL needs for the bytes alone: ten texts a row, one transaction."""
    with db.owner() as conn:
        conn.execute("drop table if exists bare")
        conn.execute("create table bare (" + ", ".join(f"{name.lower()} text" for name in HEADER) + ")")
        sql = "copy bare from stdin (format csv, header true, delimiter ';', encoding 'win1251')"
        with conn.cursor().copy(sql) as copy, path.open("rb") as file:
            while block := file.read(1 << 20):
                copy.write(block)


def hash_join(db: Database) -> None:
    """Every row of the list met with its resident by policy."""
    with db.owner() as conn:
        conn.execute("set local work_mem = '256MB'")
        conn.execute("set local enable_mergejoin = off")
        conn.execute("set local enable_nestloop = off")
        conn.execute(
            "select count(*), sum(r.person_id::bigint) from bare b join resident r on r.region_id = 1 and r.enp = b.enp"
        )


def known(db: Database, path: Path, every: int) -> int:
    """Persons known from documents before the list: one record each, with the SNILS or the policy of a line."""
    with path.open("rb") as file:
        picked = [line for n, line in enumerate(file) if n and n % every == 0]
    rows = list(csv.reader(io.StringIO(b"".join(picked).decode("cp1251")), delimiter=";"))
    with db.batch() as conn:
        for n, row in enumerate(rows):
            conn.execute(
                """with p as (insert into person (region_id) values (1) returning id), s as (
                       insert into subject (region_id, person_id, snils, enp, family, given, birth_date, sex, fingerprint,
                           first_seen_at)
                       select 1, p.id, %s, %s, %s, %s, %s::date, %s, sha256(%s), now() from p returning id, person_id)
                   insert into subject_link (region_id, subject_id, person_id, valid_from)
                       select 1, id, person_id, now() from s""",
                (row[1] if n % 2 else "", "" if n % 2 else row[0], row[2], row[3],
                 "-".join(reversed(row[5].split("."))) if row[5] != "31.02.1980" else None,
                 "male" if row[6] == "1" else "female", str(n).encode()),
            )  # fmt: skip
    return len(rows)


def asked(db: Database) -> list[tuple[str, str]]:
    """What contingents ask of everybody who is insured."""
    rows = []
    day = date(2026, 4, 1)
    wanted = Query(insured=True, unregistered="oncology", alive=True, attached=(CLINICS[0],))
    coordinator = Scope(1, "bench", "coordinator")

    def said(title: str, ask: Callable[[Connection], Sized]) -> None:
        with db.batch() as conn:
            began = time.perf_counter()
            found = len(ask(conn))
            rows.append((title, f"{found:,} · {time.perf_counter() - began:.2f}"))

    said("застрахованы: человек · с", lambda conn: population.common(conn, 1, "insured", day, fresh=True))
    said("застрахованы, живы, не в регистре, клиника", lambda conn: contingent_query.found(conn, 1, wanted, day))
    said("все по поликлиникам: поликлиник · с", lambda conn: population.by_clinic(conn, 1))
    with db.batch() as conn:
        everybody = population.common(conn, 1, "insured", day)
    said("найти по фамилии среди всех", lambda conn: members.find(conn, coordinator, everybody, None, "иванова а", ""))
    return rows


def run(count: int = 4_300_000) -> None:
    """Load, load again, load a corrected list."""
    with tempfile.TemporaryDirectory(prefix="oncor-list-") as folder, database() as db:
        path = Path(folder) / "list.csv"
        invented(count, path)
        with db.batch() as conn:
            regions.ensure(conn, 1, name="Замер", demo=True)
        met = known(db, path, max(1, count // 20_000))
        day = date(2026, 3, 1)
        done: list[Outcome] = []
        told = {"region": 1, "kind": "tfoms_insured", "as_of": day, "sender": "ТФОМС"}

        def load(file: Path) -> None:
            done.append(lists.take(db, file, author="bench", **told))
            assert done[-1].state == "loaded", done[-1]

        number: list[int] = []
        stored = timed(lambda: number.append(lists.receive(db, path, path.name, author="bench", **told)))
        first = stored + timed(lambda: done.append(lists.load(db, number[0], region=1)))
        assert done[-1].state == "loaded", done[-1]
        copies, joins = floors(db, path)
        again = timed(lambda: load(path))
        lines = path.read_bytes().split(b"\n")
        other = Path(folder) / "other.csv"
        other.write_bytes(b"\n".join([lines[0], *reversed(lines[1:-1])]) + b"\n")
        same = timed(lambda: load(other))
        corrected = Path(folder) / "corrected.csv"
        lines[1::1000] = [line.replace(b";99001", b";99002") for line in lines[1::1000]]
        corrected.write_bytes(b"\n".join(lines))
        differ = timed(lambda: load(corrected))
        questions = asked(db)
        floor = median(copies) + median(joins)
        worst, best = first / (copies[0] + joins[0]), first / (copies[-1] + joins[-1])
        counts = [one.counts for one in done]
        show(
            f"Список застрахованных: {count:,} строк, {path.stat().st_size / 1e6:,.0f} МБ, известных раньше {met:,}",
            [
                ("COPY того же файла в простую таблицу, с", middle(copies)),
                ("соединение с жителями по полису (hash join), с", middle(joins)),
                ("предел: трижды сумма середин, с", f"{3 * floor:.1f}"),
                ("загрузка и сопоставление через общую дверь, с", f"{first:.1f}"),
                ("  из них сохранение байтов, с", f"{stored:.1f}"),
                ("  во сколько раз дольше суммы середин", f"{first / floor:.2f}"),
                ("  дольше суммы наименьших / наибольших", f"{worst:.2f} / {best:.2f}"),
                ("  принято / отклонено / узнано", " / ".join(f"{counts[0][n]:,}" for n in ("added", "rejected", "known"))),
                ("те же байты ещё раз, с", f"{again:.1f}"),
                ("те же строки в другом порядке, с", f"{same:.1f}"),
                ("  доля от первой загрузки", f"{same / first:.2f}"),
                ("исправленный список (одна строка из тысячи), с", f"{differ:.1f}"),
                ("  исправлено / выбыло", f"{counts[3]['corrected']:,} / {counts[3]['gone']:,}"),
                *questions,
            ],
            "не больше трёх раз; повтор впятеро быстрее",
        )  # fmt: skip
