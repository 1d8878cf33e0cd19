"""From a proposal and its what-if to the page that a second person decides on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from oncor_cases.actions.region_rules import Recipe
from oncor_cases.kernel.errors import BadRuleRecord
from oncor_cases.regulations.amend import amended
from oncor_cases.regulations.compare import differences
from oncor_cases.sources.seeds import laid_over
from oncor_cases.store.rule_runs import ClinicCount, PersonLine, Run
from oncor_cases.store.rulebook import OPEN, Proposal, Record, changes
from oncor_cases.web import rule_words, words
from oncor_cases.web.access import Reader
from oncor_cases.web.duties import duty, subject_words
from oncor_cases.web.inbox_page import full_name
from oncor_cases.web.pages import Tag
from oncor_cases.web.proposal_forms import STORY_HINT, TITLES, Field, Form
from oncor_cases.web.rule_standing import subject

CHANGES = tuple(rule_words.CHANGES)


@dataclass(frozen=True, slots=True)
class FormPage:
    """The form of a change."""

    title: str
    rule: str
    back: str
    action: str
    kind: str
    lead: str
    fields: tuple[Field, ...]
    reason: str
    stories: str
    stories_hint: str
    complaint: str


@dataclass(frozen=True, slots=True)
class Changed:
    """One field: as it is and as it would be."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class StoryLine:
    """A story and where the changed book answers otherwise."""

    title: str
    tag: Tag
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """Tasks of one kind of change; `href` opens their people."""

    title: str
    n: str
    href: str


@dataclass(frozen=True, slots=True)
class ClinicLine:
    """A clinic's numbers in the order of CHANGES."""

    name: str
    href: str
    counts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunBox:
    """The what-if: going on, done or failed. `poll`: the address the block asks every two seconds while it goes on."""

    poll: str
    words: str
    done: int
    total: int
    counts: tuple[Count, ...]
    clinics: tuple[ClinicLine, ...]
    failed: str
    stale: str


@dataclass(frozen=True, slots=True)
class ProposalPage:
    """A proposal with everything needed to decide."""

    title: str
    rule_href: str
    rule_title: str
    state: Tag
    about: tuple[tuple[str, str], ...]
    changed: tuple[Changed, ...]
    stories: tuple[StoryLine, ...]
    run: RunBox
    headings: tuple[str, ...]
    decide_href: str
    may_approve: bool
    may_decline: bool
    may_withdraw: bool
    may_compute: bool
    why_not: str
    complaint: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A task of the what-if with whose it is."""

    href: str
    who: str
    born: str
    what: str
    icd10: str
    change: str
    before: str
    after: str
    clinic: str


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """The patients behind a number."""

    title: str
    summary: str
    back: str
    rows: tuple[PersonRow, ...]
    more_href: str


def form_page(form: Form, kind: str, rule: str, given: Mapping[str, str] | None = None, complaint: str = "") -> FormPage:
    """The form, empty or as it was sent."""
    given = given or {}
    return FormPage(
        title=TITLES[kind], rule=subject(rule), back=f"/rules/{rule}" if kind != "switch" else "/rules",
        action=f"/rules/{rule}/propose", kind=kind, lead=form.lead, fields=form.fields, reason=given.get("reason", ""),
        stories=given.get("stories", ""), stories_hint=STORY_HINT, complaint=complaint,
    )  # fmt: skip


def page(
    p: Proposal, run: Run | None, clinics: Sequence[ClinicCount], records: Sequence[Record], recipe: Recipe,
    names: Mapping[str, str], found: Reader, complaint: str,
) -> ProposalPage:  # fmt: skip
    """A proposal as the reader may decide on it."""
    mine, still = p.author == found.scope.user, p.state in OPEN
    stale = still and run is not None and run.state == "done" and run.base != recipe.version
    failed = run is not None and run.state == "failed"
    ready = p.state == "computed" and not stale and not failed
    by_switch = p.kind == "switch"
    about = [
        ("Причина", p.reason),
        ("Предложил(а)", f"{names.get(p.author, p.author)}, {words.moment(found.local(p.created_at), found.today)}"),
    ]
    if p.decided_at is not None:
        who = f"{names.get(p.decided_by, p.decided_by)}, {words.moment(found.local(p.decided_at), found.today)}"
        about.append((rule_words.STATES[p.state].capitalize(), who))
    if p.decision_reason:
        about.append(("Пояснение", p.decision_reason))
    return ProposalPage(
        title=f"Предложение № {p.id}: {TITLES[p.kind].lower()}",
        rule_href="/rules" if by_switch else f"/rules/{p.rule}",
        rule_title=subject(p.rule),
        state=Tag(rule_words.STATES[p.state], rule_words.STATE_TONES[p.state]),
        about=tuple(about),
        changed=tuple(_changed(p, records)),
        stories=tuple(_story(s) for s in p.checked),
        run=_run(p, run, clinics, found.today, stale),
        headings=tuple(rule_words.TASKS.values()),
        decide_href=f"/rules/proposals/{p.id}/decide",
        may_approve=ready and not mine,
        may_decline=still and not mine,
        may_withdraw=still and mine,
        may_compute=still and (stale or failed or run is None),
        why_not="Решает второй человек: другой методолог или координатор региона." if still and mine else "",
        complaint=complaint,
    )


def people_page(p: Proposal, rows: Sequence[PersonLine], change: str, org: str, today: date) -> PeoplePage:
    """One page of patients."""
    lines = tuple(
        PersonRow(
            href=f"/case/{r.public_id}",
            who=full_name(r.family, r.given, r.patronymic),
            born=words.day(r.birth_date) if r.birth_date else "",
            what=words.joined([duty(r.rule).title, subject_words(r.subject)]),
            icd10=r.icd10,
            change=rule_words.CHANGES[r.change],
            before=_side(r.due_from, r.level_from, today),
            after=_side(r.due_to, r.level_to, today),
            clinic=r.clinic,
        )
        for r in rows
    )
    tail = f"&change={change}" + (f"&org={org}" if org else "")
    return PeoplePage(
        title=f"Предложение № {p.id}: пациенты",
        summary=rule_words.CHANGES.get(change, "все изменения"),
        back=f"/rules/proposals/{p.id}",
        rows=lines,
        more_href=f"/rules/proposals/{p.id}/people?after={rows[-1].id}{tail}" if len(rows) >= 50 else "",
    )


def _side(due: date | None, level: str, today: date) -> str:
    return f"до {words.day(due, today)}, {words.LEVELS[level]}" if due else "нет задачи"


def _changed(p: Proposal, records: Sequence[Record]) -> list[Changed]:
    """As the book stood before this change: a decided proposal still says what it changed."""
    number = next((r.number for r in records if r.proposal == p.id), None)
    earlier = [r for r in records if number is None or r.number < number]
    held = [r._replace(retired_by=r.retired_by if r.retired_by and (not number or r.retired_by < number) else None)
            for r in earlier]  # fmt: skip
    before, _ = laid_over(changes(held))
    after, _ = laid_over(changes([r for r in held if r.number != p.retires]))
    try:
        after = amended(after, [(number or 10**6, p.content)])
    except BadRuleRecord as wrong:
        return [Changed("Не ложится на книгу правил", "—", wrong.message)]
    return [Changed(*rule_words.changed(d)) for d in differences(before, after)]


def _story(told: Mapping[str, Any]) -> StoryLine:
    lines = tuple(
        f"{words.partial_day(d['today'])}, {d['field']}: ожидалось {_short(d['expected'])}, получено {_short(d['actual'])}"
        for d in told["differences"]
    )
    return StoryLine(told["story"], Tag("сходится", "fine") if told["ok"] else Tag("расходится", "late"), lines)


def _short(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_short(v) for v in value) or "ничего"
    if isinstance(value, Mapping):
        return " ".join(str(v) for v in value.values())
    return str(value)


def _run(p: Proposal, run: Run | None, clinics: Sequence[ClinicCount], today: date, stale: bool) -> RunBox:
    base = f"/rules/proposals/{p.id}"
    if run is None:
        return RunBox("", "Ещё не считалось.", 0, 0, (), (), "", "")
    if run.finished_at is None:
        going = f"Посчитано {words.number(run.done)} из {words.number(run.persons)}" if run.persons else "Начинается…"
        return RunBox(base, going, run.done, max(run.persons, 1), (), (), "", "")
    if run.state == "failed":
        return RunBox("", "Расчёт не удался. Повторите; если не поможет, сообщите в техподдержку.", 0, 0, (), (), "", "")
    people = words.count(run.done, "пациента", "пациентов", "пациентов")
    none = "" if run.counts else " Ни одна задача не меняется."
    counts = tuple(
        Count(rule_words.TASKS[c], words.number(n), f"{base}/people?change={c}" if n else "")
        for c in CHANGES
        for n in [run.counts.get(c, 0)]
    )
    lines = tuple(
        ClinicLine(
            c.name, f"{base}/people?org={c.org}", tuple(words.number(c.counts[k]) if k in c.counts else "—" for k in CHANGES)
        )
        for c in clinics
    )
    failed = f"Не рассчитано пациентов: {words.number(run.failed)}." if run.failed else ""
    old = "Книга правил изменилась после расчёта: посчитайте ещё раз." if stale else ""
    told = f"На {words.day(run.day)} проверены пути {people}; рабочий список не тронут.{none}"
    return RunBox("", told, run.done, run.persons, counts, lines, failed, old)
