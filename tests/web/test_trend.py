"""How the number of differences changed, as a small picture: what is drawn, where it stands, what is read aloud."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from oncor_cases.web import trend_picture
from tests.web.people import CLINIC, TODAY, Clinic

SignIn = Callable[[str], Any]
MONDAY = date(2026, 3, 2)


def test_the_line_begins_at_nought_and_days_lie_as_far_apart_as_they_are() -> None:
    counted: list[tuple[date, int | None]] = [(MONDAY, 0), (MONDAY + timedelta(1), 10), (MONDAY + timedelta(4), 5)]
    drawn = trend_picture.draw(counted, (106, 46), MONDAY)
    assert drawn is not None
    assert drawn.lines == ("3.0,43.0 28.0,3.0 103.0,23.0",)
    assert (drawn.last.x, drawn.last.y) == (103.0, 23.0)
    assert drawn.words.replace("\u00a0", " ") == "Открыто 2 марта: 0, 6 марта: 5, больше всего 10"


def test_a_run_that_did_not_make_the_comparison_breaks_the_line() -> None:
    days = [MONDAY + timedelta(n) for n in range(5)]
    drawn = trend_picture.draw(list(zip(days, (4, 4, None, 2, 2), strict=True)), (106, 46), MONDAY)
    assert drawn is not None
    assert len(drawn.lines) == 2
    assert len(drawn.dots) == 4


def test_nothing_to_draw_and_nothing_open() -> None:
    assert trend_picture.draw([(MONDAY, 3)], (106, 46), MONDAY) is None
    assert trend_picture.draw([(MONDAY, 3), (MONDAY + timedelta(1), None)], (106, 46), MONDAY) is None
    flat = trend_picture.draw([(MONDAY, 0), (MONDAY + timedelta(1), 0)], (106, 46), MONDAY)
    assert flat is not None
    assert flat.lines == ("3.0,43.0 103.0,43.0",)


def test_the_region_sees_the_trend_and_its_numbers_a_clinic_does_not(
    sign_in: SignIn, clinic: Clinic, database: Any
) -> None:  # fmt: skip
    with database.batch() as conn:
        for back, n in ((14, 7), (7, 9), (0, 4)):
            counts = {"stage_differs": {"open": n, "new": 2, "returned": 1, "ended": 5}}
            conn.execute(
                """insert into comparison_run (region_id, day, author, started_at, finished_at, counts)
                   values (1, %s, 'сверка', now(), now(), %s)""",
                (TODAY - timedelta(back), Jsonb(counts)),
            )
    said = "Открыто 24 февраля: 7, 10 марта: 4, больше всего 9"
    client = sign_in("coordinator")
    page = client.get("/comparisons").text
    assert page.count('class="trend spark"') == 1
    assert said in page.replace("\u00a0", " ")
    page = client.get("/comparisons/stage_differs").text
    assert f'class="trend large" viewBox="0 0 640 120" role="img" aria-label="{said}"' in page.replace("\u00a0", " ")
    table = page.split("Те же числа таблицей")[1].split("</table>")[0]
    assert [row.count("</td>") for row in table.split("<tr>")[2:]] == [4, 4, 4]
    assert "style=" not in page
    assert "trend" not in client.get(f"/comparisons?clinic={CLINIC}").text.split("<main")[1]
    assert "trend" not in sign_in("registrar").get("/comparisons").text.split("<main")[1]
    assert "Как менялось" not in sign_in("registrar").get("/comparisons/stage_differs").text
