"""What statistics of time and routing keep of one case: its dates, where each step was made, its clocks. Pure.

Written beside the view of the case, in the same transaction, so that a page over a region counts narrow rows and opens no
explanations (store/case_routes.py)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from oncor_cases.facts.fact import Fact
from oncor_cases.kernel.codes import IcdSet
from oncor_cases.workflows.view import View

STEPS = ("first_visit", "referral", "consultation", "examined", "diagnosis", "plan", "treatment")


class Workup(NamedTuple):
    """The least a referral of a site brings: of each group one study (a word, or the beginning of a service code)."""

    id: str
    icd: IcdSet
    days: int
    groups: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Definitions:
    """`needs`: kinds of facts that make a visit one for the dispensary, if one lies within `around` days of it."""

    workups: tuple[Workup, ...] = ()
    needs: frozenset[str] = frozenset()
    around: int = 14


class Routed(NamedTuple):
    """One case. `workup`: 1 brought along, 0 lacking, None where nothing is defined or nobody was referred; `clocks`:
    `RULE|status|norm` with the days they started and were due; `visits`: where visits of observation were made, `plain`
    those of them that needed no dispensary; `delay` of `planned` days of drug treatment."""

    pathway: str
    episode: str
    icd10: str
    site: str
    org: str
    state: str
    opened_on: date
    excluded: date | None
    told: date | None
    first_exam: date | None
    days: tuple[date | None, ...]  # in the order of STEPS
    orgs: tuple[str, ...]  # first visit, consultation, plan, treatment
    workup: int | None
    visits: tuple[str, ...]
    plain: tuple[str, ...]
    delay: int
    planned: int
    clocks: tuple[str, ...]
    starts: tuple[date, ...]
    dues: tuple[date, ...]


def routed(view: View, facts: Mapping[str, Fact], attached: str, defined: Definitions) -> Routed:
    """`facts`: by id; `attached`: the clinic that answers for the case, else whoever sent its first fact."""
    mine = sorted((facts[id] for id in view.anchors if id in facts), key=lambda f: (f.on or date.max, f.id))
    dated = [f for f in mine if f.on is not None]
    days = tuple(view.milestones.get(step) for step in STEPS)
    of = dict(zip(STEPS, days, strict=True))
    clocks = [c for c in view.clocks if not c.silent]
    visits, plain = _visits(view, dated, defined)
    delays: Sequence[Mapping[str, Any]] = view.notes.get("delays", ())
    return Routed(
        pathway=view.pathway,
        episode=view.episode,
        icd10=view.icd10,
        site=view.icd10[:3],
        org=attached or next((_place(f) for f in dated if _place(f)), ""),
        state=view.under or view.state,
        opened_on=view.opened_on,
        excluded=view.milestones.get("excluded"),
        told=next((f.on for f in dated if f.kind == "result_told"), None),
        first_exam=view.milestones.get("investigating"),
        days=days,
        orgs=(
            _made(dated, of["first_visit"], ()),
            _made(dated, of["consultation"], ("consultation",)),
            _made(dated, of["plan"], ("consilium",)),
            _made(dated, of["treatment"], ("operation", "chemo_cycle", "radiotherapy", "hormone_therapy", "admission")),
        ),
        workup=_workup(view, dated, of["referral"], defined),
        visits=visits,
        plain=plain,
        delay=sum(int(d["days"]) for d in delays),
        planned=sum(int(d["planned_days"]) for d in delays),
        clocks=tuple(f"{c.rule}|{c.status}|{c.norm}" for c in clocks),
        starts=tuple(c.start for c in clocks),
        dues=tuple(c.due for c in clocks),
    )


def _place(f: Fact) -> str:
    """Who made it: whoever wrote the document; what the fact names is where somebody was sent."""
    return f.author if f.evidence == "document" and f.author else f.org


def _made(dated: Sequence[Fact], day: date | None, kinds: tuple[str, ...]) -> str:
    if day is None:
        return ""
    found = [f for f in dated if f.on == day and (not kinds or f.kind in kinds)]
    return next((_place(f) for f in found if _place(f)), "")


def _workup(view: View, dated: Sequence[Fact], referral: date | None, defined: Definitions) -> int | None:
    wanted = next((w for w in defined.workups if view.icd10 in w.icd), None)
    if wanted is None or referral is None:
        return None
    since = referral - timedelta(days=wanted.days)
    done = [str(f.attributes.get("study") or "") for f in dated if f.kind == "study_performed" and since <= f.on <= referral]  # type: ignore[operator]
    return int(all(any(study.startswith(tuple(group)) for study in done) for group in wanted.groups))


def _visits(view: View, dated: Sequence[Fact], defined: Definitions) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if view.pathway != "follow_up":
        return (), ()
    heavy = [f.on for f in dated if f.kind in defined.needs]
    made = [f for f in dated if f.kind == "visit" and _place(f)]
    around = timedelta(days=defined.around)
    plain = [f for f in made if not any(abs(day - f.on) <= around for day in heavy)]  # type: ignore[operator]
    return tuple(map(_place, made)), tuple(map(_place, plain))
