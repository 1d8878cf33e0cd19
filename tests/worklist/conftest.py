"""A small region on a real PostgreSQL: persons, facts and sweeps in a few words."""

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from oncor_cases.actions.sweep import sweep
from oncor_cases.store import facts, regions
from oncor_cases.store.session import Database

MOSCOW = timezone(timedelta(hours=3))
CLINIC, ONCOLOGY = "1.2.643.5.1.13.13.12.2.1.101", "1.2.643.5.1.13.13.12.2.1.201"


class Town:
    """A region's store with shortcuts. Facts are written as documents would write them unless said otherwise."""

    def __init__(self, db: Database, *, demo: bool) -> None:
        self.db = db
        with db.batch() as conn:
            regions.ensure(conn, 1, name="Тестовый край", observed_from=date(2025, 1, 1), demo=demo)

    def person(self, attached: str = CLINIC, **fields: Any) -> int:
        values = {"family": "Тестова", "sex": "female", "birth_date": date(1961, 4, 12)} | fields
        names = ", ".join(values)
        with self.db.batch() as conn:
            row = conn.execute(
                f"insert into person (region_id, attached_org, {names}) values (1, %s, {', '.join(['%s'] * len(values))})"
                " returning id",
                (attached, *values.values()),
            ).fetchone()
            return row[0]

    def public(self, person: int) -> UUID:
        return self.rows("select public_id from person where id = %s", person)[0][0]

    def fact(
        self, person: int, on: date, kind: str, /, *, known: date | None = None, evidence: str = "document", **said
    ) -> int:
        at = datetime.combine(known or on, datetime.min.time().replace(hour=12), MOSCOW)
        with self.db.batch() as conn:
            return facts.state(conn, 1, person, kind, on, said, author=CLINIC, at=at, evidence=evidence)

    def tell(self, said: list[tuple[int, date, date, str, dict[str, Any]]]) -> None:
        """Many facts at once: (person, on, known, kind, attributes)."""
        with self.db.batch() as conn:
            for person, on, known, kind, about in said:
                at = datetime.combine(known, datetime.min.time().replace(hour=12), MOSCOW)
                facts.state(conn, 1, person, kind, on, about, author=CLINIC, at=at, evidence="document")

    def suspected(self, on: date = date(2026, 3, 2), **fields: Any) -> int:
        """A person with a suspicion of breast cancer: DX-01 is due three working days later."""
        person = self.person(**fields)
        self.fact(person, on, "suspicion", icd10="C50.9")
        return person

    def sweep(self, today: date, **options: Any) -> dict[str, Any]:
        return sweep(self.db, today, **options)

    def rows(self, sql: str, *values: Any) -> list[Any]:
        with self.db.batch() as conn:
            return conn.execute(sql, values).fetchall()

    def tasks(self, person: int | None = None, columns: str = "rule, due, level, state") -> list[tuple[Any, ...]]:
        only = "" if person is None else f" and person_id = {person}"
        found = self.rows(f"select {columns} from task where closed_at is null{only} order by person_id, rule, subject")
        return [tuple(row) for row in found]

    def events(self, person: int) -> list[str]:
        return [row[0] for row in self.rows("select kind from task_event where person_id = %s order by id", person)]

    def snapshot(self) -> list[tuple[Any, ...]]:
        """Everything a sweep writes, without the moments and the numbers of rows."""
        return [
            tuple(row)
            for row in self.rows(
                """select t.person_id, t.pathway, e.key, t.rule, t.subject, t.icd10, t.due, t.level, t.state,
                          t.waiting_until, t.owner_org, t.opened_on, t.closed_on, t.closed_reason, t.edition
                   from task t left join episode e on e.region_id = t.region_id and e.id::text = t.episode
                   order by 1, 2, 3, 4, 5, 12"""
            )
        ]


@pytest.fixture
def town(database: Database) -> Town:
    """A store of real life: everything known now counts."""
    return Town(database, demo=False)


@pytest.fixture
def demo_town(database: Database) -> Town:
    """A demo: only what was known on the day counts."""
    return Town(database, demo=True)


@pytest.fixture
def broken_follow() -> Callable[..., Any]:
    """Pathways that cannot read the persons named in the birth year 1900."""
    from oncor_cases.workflows.catalogue import follow

    def breaks(timeline, *rest, **known):  # type: ignore[no-untyped-def]
        if timeline.patient.born is not None and timeline.patient.born.year == 1900:
            raise ZeroDivisionError(f"value of a patient {timeline.patient.born}")
        return follow(timeline, *rest, **known)

    return breaks
