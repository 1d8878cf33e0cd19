"""The pathway of one person's round of a screening programme, from the invitation to the outcome.

Cases exist only for programmes named by a fact; programmes merely due are a table of the screening service, never tasks.
Terms: seeds/regulations/screening.yml."""

from collections.abc import Iterable, Iterator
from datetime import date

from oncor_cases.workflows.clocks import Desk
from oncor_cases.workflows.episodes import Episode, confirms, excludes
from oncor_cases.workflows.events import PRESENCE, Event
from oncor_cases.workflows.machine import Machine, Transition
from oncor_cases.workflows.view import Finding, View

MACHINE = Machine(
    "screening",
    {
        "due": "Пора пройти",
        "invited": "Приглашён",
        "in_assessment": "На дообследовании",
        "cleared": "Отклонений нет",
        "suspected": "Подозрение",
        "declined": "Отказался",
    },
    (
        # a test or an invitation after an outcome opens the next round; an assessment still belongs to this one
        Transition(("", "due"), "invitation", "invited", "приглашение"),
        Transition(("", "due", "invited"), "inadequate", "due", "материал непригоден: повторить"),
        Transition(("", "due", "invited"), "abnormal", "in_assessment", "результат с отклонением"),
        Transition(("", "due", "invited", "in_assessment", "declined"), "clear", "cleared", "норма или доброкачественное"),
        Transition(
            ("", "due", "invited", "in_assessment", "cleared", "declined"), "suspicious", "suspected", "подозрение на ЗНО"
        ),
        Transition(("", "due", "invited", "in_assessment"), "refusal", "declined", "отказ"),
        Transition(("", "due", "invited"), "earlier", "cleared", "пройдено раньше"),
    ),
)
KINDS = frozenset(
    {"screening_invited", "screening_test", "screening_done_earlier", "screening_refused", "screening_assessment"}
)
_RESULTS = {"normal": "clear", "abnormal": "abnormal", "suspicious": "suspicious", "inadequate": "inadequate"}
_ASSESSED = {"normal": "clear", "benign": "clear", "precancer": "clear", "suspicious": "suspicious"}


def cases(events: Iterable[Event]) -> list[Episode]:
    """One case a programme and round; the next invitation or test after an outcome opens the next round."""
    rounds: dict[str, list[Episode]] = {}
    for e in events:
        if e.kind not in KINDS:
            continue
        programme = str(e.attributes["programme"])
        told = rounds.setdefault(programme, [])
        starts = e.kind in ("screening_invited", "screening_test") and bool(told) and _over(told[-1])
        if starts or not told:
            told.append(Episode(programme, "", len(told) + 1, e.on))
        told[-1].events.append(e)
    # an earlier round is over, unless it ended in a suspicion somebody must answer
    return [case for told in rounds.values() for case in told if case is told[-1] or _ended(case) == "suspected"]


def _over(case: Episode) -> bool:
    return _ended(case) in ("cleared", "suspected", "declined")


def _ended(case: Episode) -> str:
    return MACHINE.fold(_triggers(case.events))[0]


def _with_refusal(case: Episode, everything: list[Event]) -> list[Event]:
    """The events of a round with a written refusal of screening that names no programme."""
    written = [e for e in everything if e.kind == "refusal" and e.attributes["of"] == "screening" and e.on >= case.opened_on]
    written = [e for e in written if e.attributes["documented"] == "written"]
    return sorted([*case.events, *written], key=lambda e: e.on) if written else case.events


def _triggers(events: Iterable[Event]) -> Iterator[tuple[str, date]]:
    for e in events:
        if e.kind == "screening_invited":
            yield "invitation", e.on
        elif e.kind == "screening_test":
            yield _RESULTS[e.attributes["result"]], e.on
        elif e.kind == "screening_assessment":
            yield _ASSESSED[e.attributes["result"]], e.on
        elif e.kind in ("screening_refused", "refusal"):
            yield "refusal", e.on
        elif e.kind == "screening_done_earlier":
            yield "earlier", e.on


def follow(case: Episode, everything: list[Event], desk: Desk) -> View | None:
    """The view of one round. `everything`: all events of the person, for the referral that answers a suspicion."""
    state, milestones = MACHINE.fold(_triggers(_with_refusal(case, everything)))
    if not state:
        return None
    programme = case.site
    if programme not in desk.rules.tables.programmes:
        desk.findings.append(Finding("programme_unknown", case.events[0].facts))
    of = {kind: [e for e in case.events if e.kind == kind] for kind in KINDS}
    desk.elsewhere = [e for e in everything if e.kind == "done_elsewhere"]
    refused = [(e, "refused") for e in of["screening_refused"]]
    desk.refusals = [e for e in everything if e.kind == "refusal" and e.on >= case.opened_on]
    desk.examined_on = [e.on for e in case.events if e.kind in PRESENCE]
    tests = [e for e in of["screening_test"] if e.attributes["result"] != "inadequate"]
    subject = f"{programme}/{case.round}"
    asked = of["screening_invited"] + [e for e in of["screening_test"] if e.attributes["result"] == "inadequate"]
    if asked:
        earlier = [(e, "done_earlier") for e in of["screening_done_earlier"]]
        last = max(asked, key=lambda e: e.on)
        desk.run(
            "SC-20",
            last,
            subject=subject,
            stops=sorted([*tests, *of["screening_assessment"]], key=lambda e: e.on),
            closed=[*refused, *earlier],
            steps=("screening", programme, "SC-20"),
            refusable="screening",
        )
    abnormal = [e for e in tests if e.attributes["result"] == "abnormal"]
    suspicious = [e for e in [*tests, *of["screening_assessment"]] if e.attributes["result"] == "suspicious"]
    answers = [e for e in everything if _to_oncologist(e)]
    if abnormal:
        desk.run(
            "SC-13",
            abnormal[-1],
            subject=subject,
            stops=sorted([*of["screening_assessment"], *(e for e in tests if e.on > abnormal[-1].on)], key=lambda e: e.on),
            passed=answers,
            closed=refused,
            steps=("assessment", programme, "SC-13"),
            refusable="investigation",
        )
    if suspicious:
        desk.run(
            "SC-14",
            suspicious[0],
            subject=subject,
            stops=answers,
            passed=[e for e in everything if e.kind == "diagnosis" and (confirms(e) or excludes(e))],
            steps=("oncologist", "SC-14"),
            refusable="investigation",
        )
    desk.ask_again("screening", [*of["screening_test"], *of["screening_assessment"]])
    return desk.view("screening", case, state, milestones, case.attended)


def _to_oncologist(e: Event) -> bool:
    if e.kind == "referral":
        return e.attributes["to"] in ("oncologist", "haematologist")
    return e.kind == "consultation" and e.attributes["specialty"] in ("oncologist", "haematologist", "paediatric_oncologist")
