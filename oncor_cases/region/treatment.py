"""Treatment as papers: each step of a plan leaves its own documents."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from oncor_cases.kernel.calendar import Calendar
from oncor_cases.region.stories import Delay, Draft
from oncor_cases.region.tumour import Tumour
from oncor_cases.sources.seeds import default_rulebook

AT_ONCE = Delay()
Plan = tuple[str, ...]  # the steps that follow


@dataclass(frozen=True, slots=True)
class Step:
    """A document of treatment and the day it was written."""

    on: date
    draft: Draft


def steps(draft: Draft, tumour: Tumour, on: date, chance: Random, calendar: Calendar) -> Iterator[Step]:
    """Documents of the plan's `first` step, of the `rest`, or of `all` of them, from day `on`."""
    plan = [s for s in tumour.plan if s in MAKERS]
    chosen = plan[:1] if draft.treatment == "first" else plan[1:] if draft.treatment == "rest" else plan
    for number, step in enumerate(chosen, plan.index(chosen[0]) if chosen else 0):
        last = on
        for paper in MAKERS[step](draft, tumour, on, chance, tuple(plan[number + 1 :])):
            last = paper.on if calendar.is_working(paper.on) else calendar.next_working(paper.on)
            yield Step(last, paper.draft)
        on = calendar.next_working(last + timedelta(days=chance.randint(10, 22)))


def _hospital(draft: Draft, *says: tuple[str, dict[str, object]]) -> Draft:
    return Draft(draft.id, AT_ONCE, ("235", "147"), draft.by or "dispensary", known=draft.known, tumour=draft.tumour,
                 says=(*says, ("diagnosis", {"status": "final"})))  # fmt: skip


def _surgery(draft: Draft, tumour: Tumour, on: date, chance: Random, rest: Plan) -> Iterator[Step]:
    """The operation's own protocol, the discharge that names it, and the laboratory's report on what was removed."""
    stay = chance.randint(6, 12)
    protocol = Draft(draft.id, AT_ONCE, ("189",), draft.by or "dispensary", known=draft.known, tumour=draft.tumour,
                     says=(("operation", {"aim": "radical"}), ("diagnosis", {"status": "final"})))  # fmt: skip
    if chance.random() < 0.3:  # not every hospital sends the protocol beside the discharge
        yield Step(on, protocol)
    yield Step(on + timedelta(days=stay), _hospital(
        draft, ("admission", {"purpose": "treatment", "after": -stay - 1}),
        ("operation", {"aim": "radical", "after": -stay}), ("discharge", {})))  # fmt: skip
    report = Draft(draft.id, AT_ONCE, ("214",), "laboratory", known=draft.known, tumour=draft.tumour,
                   says=(("pathology_report", {"kind": "operation", "result": "malignant"}),))  # fmt: skip
    reported = on + timedelta(days=stay + chance.randint(2, 8))
    yield Step(reported, report)
    own = ("diagnosis", {"status": "final"})
    # the oncologist of the place of residence reads it to the patient; now and then nobody there sees them (FU-13)
    place = draft.by if draft.by == "children" or chance.random() < 0.1 else "office"
    told = Draft(draft.id, AT_ONCE, ("119",), place or "dispensary", known=draft.known, tumour=draft.tumour,
                 says=(("consultation", {}), own))  # fmt: skip
    yield Step(reported + timedelta(days=1), told)
    if rest:
        meeting = Draft(draft.id, AT_ONCE, ("190",), "dispensary", known=draft.known, tumour=draft.tumour,
                        says=(("consilium", {"plan": rest}), own))  # fmt: skip
        yield Step(reported + timedelta(days=chance.randint(2, 6)), meeting)


def _chemotherapy(draft: Draft, tumour: Tumour, on: date, chance: Random, rest: Plan) -> Iterator[Step]:
    """A stay for each cycle; the cycle's length is that of the regimen. The register hears when the last one was given."""
    length = default_rulebook().cycle_days(tumour.site.regimen) or 21
    last = on
    for number in range(2 if rest else 3):
        stay = chance.randint(2, 3)
        shift = chance.choice((0, 0, 0, 0, 1, 3)) if number else 0
        last = on + timedelta(days=number * length + shift + stay)
        yield Step(last, _hospital(
            draft, ("admission", {"purpose": "treatment", "after": -stay}),
            ("chemo_cycle", {"regimen": tumour.site.regimen or "другая схема", "after": -stay}),
            ("discharge", {})))  # fmt: skip
    over = Draft(draft.id, AT_ONCE, ("SMSV7",), "dispensary", known=draft.known, tumour=draft.tumour,
                 says=(("visit", {}), ("clinical_group", {"group": "III"}), ("diagnosis", {"status": "final"})))  # fmt: skip
    if not rest:
        yield Step(last + timedelta(days=chance.randint(10, 20)), over)


def _radiotherapy(draft: Draft, tumour: Tumour, on: date, chance: Random, rest: Plan) -> Iterator[Step]:
    """One course: the register hears of its start, the discharge tells start and end."""
    weeks = chance.randint(4, 6)
    message = Draft(draft.id, AT_ONCE, ("SMSV7",), "dispensary", known=draft.known, tumour=draft.tumour,
                    says=(("radiotherapy", {"phase": "start"}), ("diagnosis", {"status": "final"})))  # fmt: skip
    yield Step(on + timedelta(days=1), message)
    yield Step(on + timedelta(days=7 * weeks), _hospital(
        draft, ("admission", {"purpose": "treatment", "after": -7 * weeks}),
        ("radiotherapy", {"phase": "start", "after": -7 * weeks + 1}), ("radiotherapy", {"phase": "end", "after": -1}),
        ("discharge", {})))  # fmt: skip


def _hormone(draft: Draft, tumour: Tumour, on: date, chance: Random, rest: Plan) -> Iterator[Step]:
    """Prescribed by the oncologist; the register's message carries it."""
    message = Draft(draft.id, AT_ONCE, ("SMSV7",), "dispensary", known=draft.known, tumour=draft.tumour,
                    says=(("hormone_therapy", {}), ("diagnosis", {"status": "final"})))  # fmt: skip
    yield Step(on, message)


MAKERS = {"surgery": _surgery, "chemotherapy": _chemotherapy, "radiotherapy": _radiotherapy, "hormone": _hormone}
