"""The pathway of a pre-tumour condition under observation by its responsible doctor.

Conditions: seeds/dictionaries/precancer.yml (intervals recalled: reminders). Terms: seeds/regulations/pre_tumour.yml.
A suspicion opens the diagnosis pathway, which reads the same fact; the case here stays open until it is resolved."""

from collections.abc import Iterable, Iterator
from datetime import date

from oncor_cases.kernel.codes import CANCER
from oncor_cases.regulations.rulebook import Condition, Rulebook
from oncor_cases.workflows.clocks import Desk
from oncor_cases.workflows.episodes import Episode, confirms, excludes
from oncor_cases.workflows.events import PRESENCE, Event
from oncor_cases.workflows.machine import Machine, Transition
from oncor_cases.workflows.view import View

MACHINE = Machine(
    "pre_tumour",
    {
        "identified": "Выявлено",
        "observed": "Под наблюдением",
        "suspected": "Подозрение на ЗНО",
        "removed": "Снято с наблюдения",
    },
    (
        Transition(("",), "diagnosis", "identified", "установлен диагноз"),
        Transition(("", "identified", "removed"), "registration", "observed", "взят под наблюдение"),
        Transition(("identified", "observed"), "suspicion", "suspected", "подозрение на ЗНО"),
        Transition(("suspected",), "exclusion", "observed", "подозрение снято"),
        Transition(("identified", "observed", "suspected"), "removal", "removed", "снят с наблюдения"),
        Transition(("identified", "observed", "suspected"), "cancer", "removed", "подтверждено ЗНО: дальше другой маршрут"),
    ),
)


def cases(events: Iterable[Event], rules: Rulebook) -> list[Episode]:
    """One case a condition. Suspicions, consultations and cancer diagnoses of the person belong to every open one."""
    found: dict[str, Episode] = {}
    for e in events:
        condition = rules.condition(e.icd10) if e.icd10 else None
        if condition is not None and e.kind in ("diagnosis", "visit", "register_exit", "register_entry"):
            case = found.get(condition.id)
            if case is None and e.kind != "register_exit":
                case = found[condition.id] = Episode(condition.id, "", 1, e.on, e.icd10)
            if case is not None:
                case.events.append(e)
        elif _concerns_all(e) or (
            not e.icd10
            and (e.kind in ("visit", "register_exit") or _registers(e))
            and e.attributes.get("register") == "precancer"
        ):
            for case in found.values():
                case.events.append(e)
    return list(found.values())


def _registers(e: Event) -> bool:
    return e.kind == "register_entry" and e.attributes["register"] == "precancer"


def _concerns_all(e: Event) -> bool:
    if e.kind == "diagnosis":
        return e.icd10 in CANCER or e.attributes["status"] == "excluded"
    return e.kind in ("suspicion", "consultation", "done_elsewhere", "refusal")


def _triggers(case: Episode) -> Iterator[tuple[str, date]]:
    for e in case.events:
        if e.kind == "diagnosis":
            if confirms(e):
                yield "cancer", e.on
            elif e.icd10 not in CANCER and e.attributes["status"] != "excluded":
                yield "diagnosis", e.on
            if excludes(e):
                yield "exclusion", e.on
        elif e.kind == "register_entry":
            yield "registration", e.on
        elif e.kind == "register_exit":
            yield "removal", e.on
        elif e.kind == "suspicion":
            yield "suspicion", e.on


def follow(case: Episode, everything: list[Event], desk: Desk) -> View | None:
    """The view of one condition; `everything` is not read: the case holds what concerns it."""
    state, milestones = MACHINE.fold(_triggers(case))
    condition = desk.rules.condition(case.icd10)
    if not state or condition is None:
        return None
    desk.icd10 = case.icd10
    desk.notes["condition"] = {"doctor": condition.doctor, "months": condition.months, "recalled": condition.recalled}
    of: dict[str, list[Event]] = {}
    for e in case.events:
        of.setdefault(e.kind, []).append(e)
    desk.elsewhere = of.get("done_elsewhere", [])
    desk.refusals = of.get("refusal", [])
    entries = of.get("register_entry", [])
    own = [e for e in of.get("diagnosis", []) if e.icd10 in condition.icd and e.attributes["status"] != "excluded"]
    left = [(e, "removed") for e in of.get("register_exit", [])]
    left += [(e, "cancer_found") for e in of.get("diagnosis", []) if confirms(e)]
    desk.examined_on = [e.on for e in case.events if e.kind in PRESENCE]
    if own and (not entries or entries[0].on >= own[0].on):
        desk.run(
            "PT-01", own[0], subject=condition.id, stops=entries, closed=left, steps=("PT-01",), refusable="observation"
        )
    _visits(case, condition, entries, of.get("visit", []), left, desk)
    _suspicion(of, left, desk, condition)
    if state != "removed":
        desk.ask_again("observation", of.get("visit", []))
    return desk.view("pre_tumour", case, state, milestones, case.attended, over=state == "removed")


def _visits(
    case: Episode, condition: Condition, entries: list[Event], visits: list[Event], left: list[tuple[Event, str]], desk: Desk
) -> None:
    bases = entries + visits
    if not entries:
        return
    base = max(bases, key=lambda e: e.on)
    desk.run(
        "PT-02",
        base,
        subject=condition.id,
        closed=[(e, why) for e, why in left if e.on >= base.on],
        variant=str(condition.months),
        steps=("visit", "PT-02"),
        refusable="observation",
        recurring=True,
    )


def _suspicion(of: dict[str, list[Event]], left: list[tuple[Event, str]], desk: Desk, condition: Condition) -> None:
    """PT-03: the first suspicion written since the last one was settled, while the condition is observed."""
    decided = [e for e in of.get("diagnosis", []) if excludes(e) or confirms(e)]
    suspicions = of.get("suspicion", [])
    if not suspicions:
        return
    before = max((e.on for e in decided if e.on < suspicions[-1].on), default=None)
    start = next(e for e in suspicions if before is None or e.on > before)
    entered = max((e.on for e in of.get("register_entry", [])), default=None)
    if any(e.on <= start.on and (entered is None or entered <= e.on) for e, why in left if why == "removed"):
        return  # written after the observation had ended
    seen = [
        e
        for e in of.get("consultation", [])
        if e.attributes["specialty"] in ("oncologist", "haematologist", "paediatric_oncologist")
    ]
    settled = [(e, "resolved") for e in decided if e.on >= start.on]
    desk.run(
        "PT-03",
        start,
        subject=condition.id,
        stops=seen,
        closed=settled,
        steps=("oncologist", "PT-03"),
        refusable="investigation",
    )
