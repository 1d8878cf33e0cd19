"""The dates of the way of one round, under names that never change: statistics of routing and the late-stage protocol
read them from `pathway_view.view -> 'milestones'` beside the days on which states were entered.

| name           | the day                                                                                          |
|----------------|--------------------------------------------------------------------------------------------------|
| `first_visit`  | the round's first record that shows the person at a doctor: a suspicion, or presence of any kind |
| `referral`     | the first referral to the oncologist (haematologist)                                             |
| `consultation` | the first consultation the suspicion asked for, attested by a document                           |
| `examined`     | the last study or pathology report up to the decision (diagnosis, exclusion); while nothing is   |
|                | decided, the last result, once no ordered study or taken material is awaited                     |
| `diagnosis`    | the earlier of the malignant report and the final diagnosis (what starts DX-03)                  |
| `plan`         | the first consilium with a plan, or after the tumour was confirmed                               |
| `treatment`    | the first treatment                                                                              |

A name is absent where the thing has not happened. Defended by tests/spec/test_route.py."""

from datetime import date

from oncor_cases.workflows.clocks import Desk
from oncor_cases.workflows.course import Course
from oncor_cases.workflows.episodes import asks_oncologist
from oncor_cases.workflows.events import PRESENCE
from oncor_cases.workflows.view import RUNNING

ROUTE = ("first_visit", "referral", "consultation", "examined", "diagnosis", "plan", "treatment")
_AWAITED = ("DX-02", "DX-08")


def route(course: Course, desk: Desk) -> dict[str, date]:
    """The milestones of the way that have been reached. The clocks of the examination must have been filed."""
    found = {
        "first_visit": next((e.on for e in course.events if e.kind == "suspicion" or e.kind in PRESENCE), None),
        "referral": next((e.on for e in course["referral"] if asks_oncologist(e)), None),
        "consultation": next((e.on for e in course["consultation"] if e.documented and course.answers(e)), None),
        "examined": _examined(course, desk),
        "diagnosis": course.verification.on if course.verification else None,
        "plan": next(
            (e.on for e in course["consilium"] if e.attributes.get("plan") or course.verified_by(e.on)),
            None,
        ),
        "treatment": course.treatment.on if course.treatment else None,
    }
    return {name: day for name, day in found.items() if day is not None}


def _examined(course: Course, desk: Desk) -> date | None:
    results = [e.on for kind in ("study_performed", "pathology_report") for e in course[kind]]
    decided = [e.on for e in (course.verification, course.exclusion) if e is not None]
    if decided:
        results = [day for day in results if day <= min(decided)]
    elif any(c.rule in _AWAITED and c.status == RUNNING for c in desk.clocks):
        return None
    return max(results, default=None)
