"""A sweep of a whole region from PostgreSQL: first time, unchanged, and one new fact from its arrival to its tasks."""

from datetime import date, datetime, time, timedelta
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from psycopg.types.json import Jsonb

from bench import measure
from bench.cases import TODAY, case, patient
from oncor_cases.actions.sweep import sweep
from oncor_cases.facts.vocabulary import check
from oncor_cases.store import facts, regions, sweeps
from oncor_cases.store.session import Connection, Database

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
        with psycopg.connect(db.url, autocommit=True) as conn:
            conn.execute("vacuum analyze")  # housekeeping of what was just filled is not a part of the sweep
        with measure.Family() as family:
            first, seconds = _timed(db, TODAY, workers)
        sizes = _sizes(db, cases)
        _, again = _timed(db, TODAY, workers)
        changed = max(cases // 100, 1)
        with db.batch() as conn:
            _say_something(conn, changed)
        few, some = _timed(db, TODAY, workers)
        with db.batch() as conn:
            sweeps.wake_all(conn, 1, TODAY)
        everybody, whole = _timed(db, TODAY, workers)
        next_day, morning = _timed(db, TODAY + timedelta(days=1), workers)
        took = sorted(_one(db, person) for person in range(1, 21))
        measure.show(
            "Разбор региона из PostgreSQL",
            [
                ("случаев, фактов", f"{cases:,} · {total:,}"),
                ("подготовка базы, с", f"{filled:.1f}"),
                (f"первый разбор ({workers} процесса), с", seconds),
                ("открыто задач, не разобрано", f"{first['opened']:,} · {first['failed']}"),
                ("разбор без изменений, с", again),
                (f"изменился 1 % ({few['persons']:,}), с", some),
                (f"полный пересчёт ({everybody['persons']:,}), с", whole),
                (f"следующее утро ({next_day['persons']:,}), с", morning),
                ("новый факт → задачи (медиана из 20), мс", f"{took[10] * 1000:.0f}"),
                ("память процессов, пик, МБ", family.mb),
                *sizes,
            ],
            goal="100 000 случаев за 60 с, пик до 500 МБ; без изменений до 2 с; 1 % до 5 с; состояние до 2 КБ на случай",
        )


def _timed(db: Database, day: date, workers: int) -> tuple[dict[str, Any], str]:
    """Counts of a sweep, and its seconds: of the clock, and of processors (client + server)."""
    effort = measure.Effort(db)
    began = perf_counter()
    counts = sweep(db, day, workers=workers)
    return counts, f"{perf_counter() - began:.2f} ({effort})"


def _say_something(conn: Connection, persons: int) -> None:
    """A new fact for each of the first persons, as a list or a day's documents would bring it."""
    conn.execute(
        """insert into fact (region_id, subject_id, kind, on_date, known_at, attributes, author)
           select 1, id, 'study_performed', %s, now(), '{"study": "lab"}', %s from subject order by id limit %s""",
        (TODAY, SENDER, persons),
    )
    facts.changed(conn, 1, range(1, persons + 1))


def _sizes(db: Database, cases: int) -> list[tuple[str, object]]:
    """Bytes a case of what is derived from facts (views and episodes) and of what is a record (tasks with history)."""
    with db.owner() as conn:
        cells = conn.execute("select count(*) from pathway_view").fetchone()[0]
        size = {
            name: conn.execute("select pg_table_size(%s::regclass), pg_indexes_size(%s::regclass)", (name, name)).fetchone()
            for name in ("pathway_view", "episode", "task", "task_event")
        }
    derived = sum(size["pathway_view"]) + sum(size["episode"])
    rows: list[tuple[str, object]] = [
        ("состояние (представления, эпизоды), Б на пациента · на путь", f"{derived / cases:,.0f} · {derived / cells:,.0f}")
    ]
    record = sum(size["task"]) + sum(size["task_event"])
    return [*rows, ("задачи с историей, Б на пациента", f"{record / cases:,.0f}")]


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
