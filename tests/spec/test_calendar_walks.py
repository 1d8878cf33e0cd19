"""On exactly which days a task exists, and at which level: the days are walked one by one over holidays.

A drawn walk reads from the first day: `.` no task, `r n h c` reminder, navigator, head, coordinator; `|` ends a week
(Sunday). The start is the day of the suspicion or of the order."""

from datetime import date, timedelta

import pytest

from oncor_cases.facts.fact import Fact, fact
from oncor_cases.facts.timeline import Patient, Timeline
from oncor_cases.sources.seeds import default_calendar, default_rulebook
from oncor_cases.tasks.wishes import wishes
from oncor_cases.workflows.catalogue import PATHWAYS, follow

RULES, CALENDAR = default_rulebook(), default_calendar()
BORN = date(1961, 4, 12)


def walk(kinds: dict[str, dict[str, str]], start: str, rule: str, days: int) -> str:
    """One letter a day for the task of `rule`, from `start` on."""
    first = date.fromisoformat(start)
    facts = tuple(_said(f"f{n}", kind, first, given) for n, (kind, given) in enumerate(kinds.items()))
    timeline = Timeline(Patient("p", "male", BORN, "home"), facts)
    drawn = ""
    for n in range(days):
        day = first + timedelta(days=n)
        views, person = follow(timeline, day, RULES, CALENDAR, known_on=first)
        levels = [w.level for v in views for w in wishes(v, person, day, RULES, CALENDAR) if w.key.rule == rule]
        assert len(levels) <= 1
        drawn += (levels[0][0] if levels else ".") + ("|" if day.weekday() == 6 else "")
    return drawn


def _said(id: str, kind: str, first: date, given: dict[str, str]) -> Fact:
    """A fact of the first day, or of so many days `before` it."""
    on = first - timedelta(days=int(given.get("before", 0)))
    return fact(id, kind, on, on, {name: value for name, value in given.items() if name != "before"})


SUSPICION = {"suspicion": {"icd10": "C34.1"}}
ORDER = SUSPICION | {"study_ordered": {"study": "ct"}}
DIAGNOSIS = {"diagnosis": {"icd10": "C34.1"}}
CYCLE = {"chemo_cycle": {"icd10": "C34.1"}, "chemo_prescribed": {"icd10": "C34.1", "cycles": "4", "cycle_days": "21"}}
OBSERVED = DIAGNOSIS | {"register_entry": {"icd10": "C34.1"}}
DISCHARGED = OBSERVED | {"operation": {"icd10": "C34.1"}, "discharge": {"icd10": "C34.1", "org": "hospital"}}
PRECANCER = {"diagnosis": {"icd10": "K13.2"}, "register_entry": {"icd10": "K13.2", "register": "precancer"}}
PRECANCER_FOUND = {"diagnosis": {"icd10": "K13.2"}}
PRECANCER_SUSPECTED = {
    "diagnosis": {"icd10": "K13.2", "before": "30"},
    "register_entry": {"icd10": "K13.2", "register": "precancer", "before": "30"},
    "suspicion": {"icd10": "C06.9"},
}
SCREENED = {"screening_test": {"programme": "RU-BREAST", "result": "suspicious"}}
ABNORMAL = {"screening_test": {"programme": "RU-BREAST", "result": "abnormal"}}

WALKS = [
    # an ordinary week: Monday, due Thursday, navigator Friday, head three working days after the first overdue day
    (SUSPICION, "2026-02-02", "DX-01", "....nnn|nnhhhhh|hhhhccc|"),
    # over 23 February, a Monday off: started Friday, due Thursday
    (SUSPICION, "2026-02-20", "DX-01", "...|....nnn|nnhhhhh|hhhhhhh|ccccccc|"),
    # over 9 March, a Monday off for Sunday the 8th; due on Thursday the 12th
    (SUSPICION, "2026-03-06", "DX-01", "...|....nnn|nnhhhhh|hhhhccc|"),
    # May holidays: 1 May a Friday, 11 May a Monday off for Saturday the 9th
    (SUSPICION, "2026-04-30", "DX-01", "....|...nnnn|nnhhhhh|hhhhccc|"),
    (ORDER, "2026-04-30", "DX-02", "....|.......|...nnnn|nhhhhhh|hhhcccc|"),
    # New Year: started 30 December 2025, due 14 January; the edition of 2025 is recalled, so it only reminds
    (SUSPICION, "2025-12-30", "DX-01", "......|.......|...rrrr|rrrrrrr|"),
    # New Year with a verified rule: DX-03 from 29 December 2025, due 19 January 2026
    (DIAGNOSIS, "2025-12-29", "DX-03", ".......|.......|.......|.nnnhhh|hhhhhhh|"),
    # working Saturday 1 November 2025 counts, Monday 3 and Tuesday 4 November are off
    (SUSPICION, "2025-10-30", "DX-01", "....|...rrrr|"),
    # working Saturday 28 December 2024 counts, then holidays until 8 January 2025
    (SUSPICION, "2024-12-26", "DX-01", "....|.......|....rrr|"),
    # an order given on a day off: the next working day is the first one counted
    (SUSPICION, "2026-05-09", "DX-01", "..|....nnn|nnhhhhh|"),
    # chemotherapy: a clinical interval does not move; day 1 on 10 April, expected 1 May, seven days end on Friday the 8th
    (CYCLE, "2026-04-10", "CH-02", "...|.......|.......|.......|.....nn|nnnhhhh|hhhhhhh|ccccccc|"),
    # the same over New Year: expected 1 January, due 8 January; head after the third working day
    (CYCLE, "2025-12-11", "CH-02", "....|.......|.......|.......|....nnn|nnhhhhh|"),
    # follow-up: three working days from Thursday 30 April; head five working days after the first overdue day
    (DIAGNOSIS, "2026-04-30", "FU-01", "....|...nnnn|nnnnhhh|hhhhhhh|"),
    # follow-up: three months from 11 February end on Monday 11 May, off; the visit is due on the 12th
    (OBSERVED, "2026-02-11", "FU-02", "." * 5 + "|" + ".......|" * 12 + "..nnnnn|nnnnnnn|"),
    # the same over the working Saturday 1 November 2025, and the days off after it
    (DIAGNOSIS, "2025-10-30", "FU-01", "....|...nnnn|nnnhhhh|"),
    # after discharge: ten working days over May from 28 April end on 14 May
    (DISCHARGED, "2026-04-28", "FU-13", "......|.......|....nnn|nnnnhhh|h"),
    # pre-tumour: a recalled interval only reminds; six months of leukoplakia from 10 November end on
    # Sunday 10 May, the 11th is off: due on the 12th
    (PRECANCER, "2025-11-10", "PT-02", ".......|" * 26 + "..rrrrr|"),
    # pre-tumour: the suspicion of an observed person over May holidays
    (PRECANCER_SUSPECTED, "2026-04-30", "PT-03", "....|...nnnn|nnhhhhh|"),
    # screening: a suspicion over the holidays of May and over the working Saturday
    (SCREENED, "2026-04-30", "SC-14", "....|...nnnn|nnhhhhh|"),
    (SCREENED, "2025-10-30", "SC-14", "....|...nnnn|nhhhhhh|"),
    # screening: sixty days of a product term over New Year end on Friday 27 February and do not move
    (ABNORMAL, "2025-12-29", "SC-13", ".......|" * 8 + ".....nn|nnhhhhh|"),
    # the same days for chemotherapy: due Thursday 30 October, the working Saturday counts for the head, 3 and 4 do not
    (CYCLE, "2025-10-02", "CH-02", "....|.......|.......|.......|....nnn|nnnhhhh|hhhhhhh|ccccccc|"),
    # New Year and the working Saturday for the rest: 31 December to 11 January are off
    (DIAGNOSIS, "2025-12-30", "FU-01", "......|.......|...nnnn|nnnhhhh|"),
    (PRECANCER_FOUND, "2025-12-30", "PT-01", "......|.......|...rrrr|"),
    (PRECANCER_SUSPECTED, "2025-12-30", "PT-03", "......|.......|...nnnn|nhhhhhh|"),
    (PRECANCER_SUSPECTED, "2025-10-30", "PT-03", "....|...nnnn|nhhhhhh|"),
    (SCREENED, "2025-12-30", "SC-14", "......|.......|...nnnn|nhhhhhh|"),
    # beyond the decreed years the walk is provisional, but it is walked
    (SUSPICION, "2026-12-30", "DX-01", ".....|.......|...nnnn|nhhhhhh|"),
]  # fmt: skip


@pytest.mark.parametrize(("kinds", "start", "rule", "drawn"), WALKS, ids=lambda v: v if isinstance(v, str) else "")
def test_walk(kinds: dict[str, dict[str, str]], start: str, rule: str, drawn: str) -> None:
    assert walk(kinds, start, rule, len(drawn.replace("|", ""))) == drawn


@pytest.mark.parametrize("pathway", PATHWAYS)
@pytest.mark.parametrize(
    ("first", "last"),
    [(date(2026, 5, 1), date(2026, 5, 11)), (date(2026, 1, 1), date(2026, 1, 11)), (date(2025, 11, 1), date(2025, 11, 4))],
    ids=["May", "New Year", "working Saturday"],
)
def test_every_pathway_is_walked_over_the_holidays(pathway: str, first: date, last: date) -> None:
    """From before until after them, with the task opening or rising not earlier than in them."""
    spans = [(date.fromisoformat(s), d.replace("|", "")) for _, s, rule, d in WALKS if RULES.duties[rule].pathway == pathway]
    walked = [
        start
        for start, drawn in spans
        if start < first
        and start + timedelta(days=len(drawn)) > last
        and len(set(drawn[max(0, (first - start).days - 1) :])) > 1
    ]
    assert walked


def test_lost_walk_over_the_holidays_of_may() -> None:
    # due 6 May; ten working days: 7, 8, 12-15, 18-21; lost from 22 May, head on the 27th
    assert walk(SUSPICION, "2026-04-30", "LOST-2", 32) == "....|.......|.......|....nnn|nnhhhhh|"


def test_a_notice_of_three_calendar_days_moves_off_the_holidays() -> None:
    # diagnosis 30 April: the third day is Sunday 3 May, the next working day is 4 May
    assert walk(DIAGNOSIS, "2026-04-30", "DX-11", 8) == "....|.rrr"
    # diagnosis 6 March: the third day is Monday 9 March, off; so Tuesday the 10th
    assert walk(DIAGNOSIS, "2026-03-06", "DX-11", 6) == "...|..r"


def test_a_product_term_in_calendar_days_does_not_move() -> None:
    # radiotherapy interrupted on 2 May: seven days end on Saturday 9 May, the task is there on Sunday
    kinds = {"radiotherapy": {"phase": "interrupted", "icd10": "C34.1"}}
    assert walk(kinds, "2026-05-02", "TR-04", 10) == "..|......n|n"


def test_a_due_date_beyond_the_decreed_years_is_provisional() -> None:
    timeline = Timeline(
        Patient("p", "male", BORN), (fact("s", "suspicion", date(2026, 12, 30), date(2026, 12, 30), {"icd10": "C34.1"}),)
    )
    views, _ = follow(timeline, date(2027, 1, 15), RULES, CALENDAR)
    assert [c.provisional for c in views[0].clocks if c.rule == "DX-01"] == [True]
