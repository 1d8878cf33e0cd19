"""The time machine over a year of an invented region: what was shown on each day is what is computed for it from what was
known on it, words of heads, absences and withdrawals included (DESIGN invariant 8)."""

from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from oncor_cases.actions import accounts
from oncor_cases.actions import explain as asked
from oncor_cases.actions.deliveries import Delivery
from oncor_cases.actions.ingest import ingest
from oncor_cases.actions.statistics import Question, ask
from oncor_cases.actions.sweep import sweep
from oncor_cases.actions.then import past
from oncor_cases.actions.withdraw import withdraw
from oncor_cases.ops import demo, demo_navigators, demo_staff
from oncor_cases.region.generate import generate
from oncor_cases.store import accounts as rows
from oncor_cases.store import board, regions
from oncor_cases.store.session import Database, Scope

TODAY = date(2026, 11, 23)
COORDINATOR = Scope(1, "coordinator", "coordinator")


def plain(answer: asked.Answer) -> list[dict[str, Any]]:
    return [{k: v for k, v in r.items() if k not in ("because", "danger", "id")} for r in answer.rows]


def year(db: Database, folder: Path, *, patients: int, first: date, every: int) -> Iterator[date]:
    """Replays a region: each evening its documents, then the sweep, then what people decided; yields the day."""
    generate(folder, residents_count=patients * 12, patients_count=patients, seed=7, today=TODAY)
    with db.owner() as conn:
        regions.ensure(conn, 1, name="Край", observed_from=first, demo=True)
    demo._clinics(db, 1, folder)
    with db.batch() as conn:
        clinic = max(rows.busiest(conn, 1))[0]
    posts, day = list(demo.posts(folder)), first
    for login, role, orgs in (
        ("head", "head", [clinic]), ("navigator", "navigator", [clinic]), ("navigator2", "navigator", [clinic]),
        ("coordinator", "coordinator", []),
    ):  # fmt: skip
        accounts.add(db, login, "tihaya-gavan", name=login, role=role, orgs=orgs)
    while day <= TODAY:
        come, posts = [p for p in posts if p.day <= day], [p for p in posts if p.day > day]
        for post in come:
            data = post.path.read_bytes()
            if post.action == "deliver":
                ingest(db, [Delivery(post.path.name, data, post.at)], region=1, workers=1)
            else:
                withdraw(db, sha256(data).digest(), post.reason, by="отправитель", region=1, at=post.at)
        sweep(db, day)
        with db.batch() as conn:  # the head answers for the clinic that has most to answer for
            conn.execute(
                "update user_account set orgs = %s where role in ('head', 'navigator')", ([rows.busiest(conn, 1)[0][0]],)
            )
        demo_staff.morning(db, 1, day, TODAY)
        if TODAY - day <= demo_navigators.WORKS_FOR:
            demo_navigators.morning(db, 1, day)
        yield day
        day += timedelta(days=every)


def agree(db: Database, folder: Path, **size: Any) -> tuple[int, int]:
    """Compares every day; how many rows were compared, how many words of heads were said."""
    days = list(year(db, folder, **size))
    compared = 0
    for day in days:
        then, computed = plain(asked.shown(db, day)), plain(asked.tasks(db, day, known_on=day))
        assert computed == then, day
        compared += len(then)
    for day in days[:: max(1, len(days) // 12)]:
        with db.web(COORDINATOR) as conn:
            boards = [
                board.by_rule(
                    conn, COORDINATOR, day, source=past(db, COORDINATOR, day, known_on=known).source, known_on=known or day
                )
                for known in (None, day)
            ]
        assert boards[0] == boards[1], day
    with db.batch() as conn:
        decided = conn.execute("select count(*) from task_event where author = 'navigator'").fetchone()[0]
        assert decided > 0
        return compared, conn.execute("select count(*) from acknowledgement").fetchone()[0]


def test_a_year_shown_then_is_computed_then(database: Database, tmp_path: Path) -> None:
    compared, said = agree(database, tmp_path / "region", patients=20, first=TODAY - timedelta(days=350), every=14)
    assert compared > 50
    assert said > 0
    question = Question(TODAY - timedelta(days=365), TODAY, TODAY)
    now = ask(database, COORDINATOR, question)
    assert now["times"][0]["cases"] > 5


@pytest.mark.deep
def test_a_year_day_by_day(database: Database, tmp_path: Path) -> None:
    compared, said = agree(database, tmp_path / "region", patients=80, first=TODAY - timedelta(days=364), every=1)
    assert compared > 2000
    assert said > 10
