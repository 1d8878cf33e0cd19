"""A sweep of a whole region from PostgreSQL: first time, unchanged, and one new fact from its arrival to its tasks."""

from datetime import datetime, time, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

from psycopg.types.json import Jsonb

from bench import measure
from bench.cases import TODAY, case, patient
from oncor_cases.actions.sweep import sweep
from oncor_cases.facts.vocabulary import check
from oncor_cases.store import facts, regions
from oncor_cases.store.session import Connection

DISTINCT = 2_000  # ways invented one by one; the rest are the same ways some days earlier
SENDER = "1.2.643.5.1.13.13.12.2.98.1"


def run(cases: int, workers: int) -> None:
    with measure.database() as db:
        with db.owner() as conn:
            regions.ensure(conn, 1, name="bench")
        began = perf_counter()
        with db.owner() as conn:
            total = fill(conn, cases)
        filled = perf_counter() - began
        with db.owner() as conn:
            conn.execute("analyze")
        with measure.Family() as family:
            began = perf_counter()
            first = sweep(db, TODAY, workers=workers)
            seconds = perf_counter() - began
        began = perf_counter()
        sweep(db, TODAY, workers=workers)
        again = perf_counter() - began
        began = perf_counter()
        next_day = sweep(db, TODAY + timedelta(days=1), workers=workers)
        morning = perf_counter() - began
        took = sorted(_one(db, person) for person in range(1, 21))
        measure.show(
            "Разбор региона из PostgreSQL",
            [
                ("случаев, фактов", f"{cases:,} · {total:,}"),
                ("подготовка базы, с", f"{filled:.1f}"),
                (f"первый разбор ({workers} процесса), с", f"{seconds:.1f}"),
                ("случаев в секунду", f"{cases / seconds:,.0f}"),
                ("открыто задач, не разобрано", f"{first['opened']:,} · {first['failed']}"),
                ("разбор без изменений, с", f"{again:.2f}"),
                ("следующее утро: человек, с", f"{next_day['persons']:,} · {morning:.1f}"),
                ("новый факт → задачи (медиана из 20), мс", f"{took[10] * 1000:.0f}"),
                ("память процессов, пик, МБ", family.mb),
            ],
            goal="100 000 случаев за 60 с, пик до 500 МБ; без изменений до 2 с; новый факт до 100 мс",
        )


def _one(db, person: int) -> float:
    began = perf_counter()
    with db.batch() as conn:
        facts.state(conn, 1, person, "contact", TODAY, {"outcome": "reached", "channel": "phone"}, author="bench")
    counts = sweep(db, TODAY + timedelta(days=1), persons=[person])
    took = perf_counter() - began
    assert counts["persons"] == 1
    return took


def fill(conn: Connection, cases: int) -> int:
    """Persons with subjects, documents and facts, set-based; returns the number of facts."""
    distinct = min(cases, DISTINCT)
    zone = ZoneInfo("Europe/Moscow")
    conn.execute("create temp table way (n int, step int, kind text, on_date date, known timestamptz, said jsonb)")
    with conn.cursor().copy("copy way from stdin") as copy:
        copy.set_types(["int4", "int4", "text", "date", "timestamptz", "jsonb"])
        for n in range(distinct):
            for step, (on, kind, said) in enumerate(case(n)):
                known = datetime.combine(on, time(18), zone)
                copy.write_row((n, step, kind, on, known, Jsonb(check(kind, said))))
    conn.execute("create temp table who (n int, sex text, born date, attached text)")
    with conn.cursor().copy("copy who from stdin") as copy:
        for n in range(distinct):
            p = patient(n)
            copy.write_row((n, p.sex, p.born, p.attached))
    values = {"distinct": distinct, "cases": cases, "sender": SENDER}
    conn.execute(
        """insert into person (region_id, id, family, given, sex, birth_date, attached_org, sort_key, search_key)
           select 1, g + 1, 'Фамилия' || g, 'Имя', sex, born, attached, 'фамилия' || g, 'фамилия' || g
           from generate_series(0, %(cases)s - 1) g join who on who.n = g %% %(distinct)s""",
        values,
    )
    conn.execute(
        """insert into subject (region_id, id, person_id, fingerprint, first_seen_at)
           overriding system value select 1, id, id, sha256(('s' || id)::bytea), now() from person""",
    )
    conn.execute(
        """insert into subject_link (region_id, subject_id, person_id, valid_from)
           select 1, id, id, now() - interval '3 years' from person"""
    )
    conn.execute(
        """insert into fact (region_id, subject_id, kind, on_date, known_at, attributes, author)
           select 1, g + 1, kind, on_date - (g / %(distinct)s) %% 60, known - ((g / %(distinct)s) %% 60) * interval '1 day',
                  said, %(sender)s
           from generate_series(0, %(cases)s - 1) g join way on way.n = g %% %(distinct)s""",
        values,
    )
    conn.execute(
        """insert into person_change (region_id, person_id, generation) select 1, id, 1 from person
           on conflict (region_id, person_id) do update set generation = person_change.generation + 1"""
    )
    conn.execute(
        """insert into organisation (region_id, oid, name) select distinct 1, attached_org, attached_org from person
           on conflict do nothing"""
    )
    conn.execute("select setval(pg_get_serial_sequence('person', 'id'), %s)", (cases + 1,))
    conn.execute("select setval(pg_get_serial_sequence('subject', 'id'), %s)", (cases + 1,))
    return conn.execute("select count(*) from fact").fetchone()[0]
