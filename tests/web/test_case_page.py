"""What the page of a patient says where a reader would stumble: half-known days, no pathway, the age of a dead person."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from tests.web import people
from tests.web.people import Clinic

SignIn = Callable[[str], Any]


def newcomer(conn: Any, clinic: Clinic) -> tuple[int, int]:
    """(person, subject) of whom nothing is known yet."""
    who = people.person(conn, clinic, "newcomer", "Новикова Алла Петровна", born=date(1950, 6, 1))
    row = conn.execute(
        "insert into subject (region_id, person_id, source, family, given, birth_date, fingerprint, first_seen_at)"
        " values (1, %s, 'list', 'Новикова', 'Алла', '1950-06-01', 'newcomer', '2026-03-09') returning id",
        (who,),
    ).fetchone()
    return who, int(row.id)


def page(sign_in: SignIn, clinic: Clinic) -> str:
    return str(sign_in("navigator").get(f"/case/{clinic.public['newcomer']}").text)


def test_a_month_stands_among_the_days_it_belongs_to(sign_in: SignIn, clinic: Clinic, database: Any) -> None:
    with database.batch() as conn:
        _, subject = newcomer(conn, clinic)
        for on, text in (("2026-03-09", ""), (None, "2026-02"), ("2026-02-20", ""), ("2025-12-31", ""), (None, "")):
            conn.execute(
                "insert into fact (region_id, subject_id, kind, on_date, on_text, known_at, evidence, attributes, author)"
                " values (1, %s, 'visit_planned', %s, %s, '2026-03-09', 'person', '{}', 'navigator')",
                (subject, on, text),
            )
    days = re.findall(
        r'<li><span class="nowrap soft">([^<]*)</span>\s*<span class="[^"]*"><b>Назначена', page(sign_in, clinic)
    )
    assert [d.replace("\u00a0", " ") for d in days] == [
        "9 марта", "20 февраля", "февраль 2026", "31 декабря 2025", "без даты",
    ]  # fmt: skip


def test_without_a_pathway_the_page_tells_who_is_not_swept_from_who_has_none(
    sign_in: SignIn, clinic: Clinic, database: Any
) -> None:
    with database.batch() as conn:
        who, _ = newcomer(conn, clinic)
    assert "По сведениям источников пациент не идёт ни по одному пути" in page(sign_in, clinic)
    with database.batch() as conn:
        conn.execute("update person_change set generation = generation + 1 where person_id = %s", (who,))
    assert "появятся после ближайшего разбора" in page(sign_in, clinic)


def test_the_dead_do_not_grow_older(sign_in: SignIn, clinic: Clinic, database: Any) -> None:
    with database.batch() as conn:
        who, _ = newcomer(conn, clinic)
        conn.execute("update person set died_on = '2020-03-01' where id = %s", (who,))
    assert "69 лет" in page(sign_in, clinic).replace("\u00a0", " ")
