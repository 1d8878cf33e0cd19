"""What one patient's page shows: who, how to reach them, where they stand, why each date, what happened, what to decide."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from oncor_cases.actions.evaluation import Rules
from oncor_cases.actions.gone import Gone
from oncor_cases.store import residents
from oncor_cases.store.case import EventRow, FactRow, PersonRow
from oncor_cases.store.inbox import TaskRow
from oncor_cases.store.late_stage import Draft
from oncor_cases.store.traces import TraceRow
from oncor_cases.tasks.assigned import PATHWAY as LISTS
from oncor_cases.web import assigned_forms, care_words, diagram, gone_words, words
from oncor_cases.web.care_words import Note, TraceLine
from oncor_cases.web.clock_page import ClockLine, line
from oncor_cases.web.decision_forms import ABOUT_PERSON, Form, forms
from oncor_cases.web.duties import duty, subject_words
from oncor_cases.web.fact_words import (
    CERTAINTY,
    EVIDENCE,
    describe,
)
from oncor_cases.web.findings import finding
from oncor_cases.web.gone_words import GoneLine
from oncor_cases.web.history_lines import HistoryLine, history_line
from oncor_cases.web.inbox_page import because, days_past, full_name, row
from oncor_cases.web.pages import Option, Tag
from oncor_cases.web.place_words import WHO
from oncor_cases.workflows.catalogue import PATHWAYS
from oncor_cases.workflows.view import RUNNING, Clock, Finding, View

PATHWAY_TITLES = {
    "diagnosis": "Диагностика и начало лечения", "chemotherapy": "Химиотерапия", "follow_up": "Диспансерное наблюдение",
    "pre_tumour": "Предопухолевое заболевание", "screening": "Скрининг",
}  # fmt: skip
INSURED = "список застрахованных"  # says where somebody is attached; a fact without a document
PERSON = "person"  # in place of a task: what is said of the patient alone
WITHOUT_PATHWAY = {  # by whether a sweep is still to judge what is known
    True: "Пути ещё не рассчитаны: они появятся после ближайшего разбора.",
    False: "По сведениям источников пациент не идёт ни по одному пути.",
}
LOST = {"LOST-1": "выпал из наблюдения", "LOST-2": "ни разу не обращался"}


@dataclass(frozen=True, slots=True)
class Phone:
    """A number for people and for the dialler."""

    text: str
    link: str


@dataclass(frozen=True, slots=True)
class Side:
    """A record a finding speaks of, with the document behind it."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class FindingLine:
    """What is to be put right, and the records it speaks of."""

    text: str
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Episode:
    """One round of care of one tumour with its picture and its clocks."""

    n: int
    title: str
    state: str
    state_tone: str
    lost: str
    diagram: diagram.Diagram | None
    clocks: tuple[ClockLine, ...]
    findings: tuple[FindingLine, ...]
    notes: tuple[Note, ...] = ()
    episode: str = ""
    protocol: str = ""  # of late detection: a draft, a sent one, or the offer to compose it
    protocol_href: str = ""


@dataclass(frozen=True, slots=True)
class FactLine:
    """One line of the timeline."""

    on: str
    title: str
    detail: str
    note: str
    tone: str
    href: str
    source: str


@dataclass(frozen=True, slots=True)
class Decidable:
    """A task or a running clock with the forms to decide it. Forms are there for the chosen one only."""

    target: str
    title: str
    todo: str
    status: str
    relation: str
    tone: str
    chosen: bool
    href: str
    forms: tuple[Form, ...]


@dataclass(frozen=True, slots=True)
class CasePage:
    """The page of one patient."""

    title: str
    who: str
    about: str
    tags: tuple[Tag, ...]
    gone: GoneLine | None
    said: str
    complaint: str
    phones: tuple[Phone, ...]
    snils: str
    enp: str
    unmask_href: str
    address: str
    attached: str
    provisional: bool
    who_href: str
    wrong_href: str
    records_href: str
    places_href: str
    decide_href: str
    episodes: tuple[Episode, ...]
    without: str  # in place of pathways
    trace: tuple[TraceLine, ...]
    protocol_href: str
    facts: tuple[FactLine, ...]
    more_facts: str
    history: tuple[HistoryLine, ...]
    decidable: tuple[Decidable, ...]
    version: int  # the last event seen: a form made before a colleague's decision is a conflict


def clock_code(view: View, clock: Clock) -> str:
    """A short name of a clock for addresses and forms; says nothing of the patient."""
    text = f"{view.pathway}|{view.episode}|{clock.rule}|{clock.subject}"
    return "clock-" + hashlib.sha256(text.encode()).hexdigest()[:12]


def upcoming_clocks(views: Sequence[View], tasks: Sequence[TaskRow]) -> list[tuple[View, Clock]]:
    """Running clocks that no open task stands for, the nearest first."""
    have = {(t.pathway, t.episode, t.rule, t.subject) for t in tasks}
    found = [
        (v, c)
        for v in views
        for c in v.clocks
        if c.status == RUNNING and not c.silent and (v.pathway, v.episode, c.rule, c.subject) not in have
    ]
    return sorted(found, key=lambda vc: (vc[1].due, vc[1].rule, vc[1].subject))


@dataclass(frozen=True, slots=True)
class Material:
    """Everything the page is made of, read by the route in one transaction."""

    person: PersonRow
    views: Sequence[View]
    facts: Sequence[FactRow]
    tasks: Sequence[TaskRow]
    history: Sequence[EventRow]
    colleagues: Sequence[tuple[str, str]]
    organisations: Sequence[tuple[str, str]]
    rules: Rules
    today: date
    user: str
    speaks: bool = False  # may answer for overdue tasks
    trace: Sequence[TraceRow] = ()
    drafts: Sequence[Draft] = ()
    gone: Gone | None = None
    signs: bool = False  # may this reader sign a protocol of late detection?


def page(
    m: Material, *, chosen: str = "", opened: str = "", said: str = "", complaint: str = "", unmasked: bool = False,
    key: str = "", limit: int = 200,
) -> CasePage:  # fmt: skip
    """The page; `chosen` is the task or clock whose forms are open."""
    p, today = m.person, m.today
    base = f"/case/{p.public_id}"
    by_id = {str(f.id): f for f in m.facts}
    clinics = {**dict(m.organisations), p.attached_org: p.attached_name}  # those to hand over to, without the own one
    who = full_name(p.family, p.given, p.patronymic)
    return CasePage(
        title=who,
        who=who,
        about=words.joined([
            words.age(p.birth_date, min(today, p.died_on or today)), words.SEX.get(p.sex, ""),
            f"родился {words.day(p.birth_date)}" if p.birth_date and p.sex == "male" else
            f"родилась {words.day(p.birth_date)}" if p.birth_date else "дата рождения неизвестна",
        ]),
        tags=_tags(p, today),
        gone=gone_words.line(m.gone, p.sex, by_id, today) if m.gone else None,
        said=said,
        complaint=complaint,
        phones=tuple(Phone(words.phone(t), "" if m.gone else words.phone_link(t)) for t in p.phones),
        snils=(words.snils(p.snils) if unmasked else words.snils_masked(p.snils)) or "не указан",
        enp=(p.enp if unmasked else f"•••• {p.enp[-4:]}") if p.enp else "не указан",
        unmask_href="" if unmasked or not (p.snils or p.enp) else f"{base}?numbers=1",
        address=p.address or "не указан",
        attached=p.attached_name or "не указано",
        provisional=p.provisional,
        who_href=f"{base}/who",
        wrong_href=f"{base}/wrong",
        records_href=f"{base}/records",
        places_href=f"{base}/places",
        decide_href=f"{base}/decide",
        episodes=tuple(_episode(v, n, by_id, m) for n, v in enumerate(m.views, 1)),
        without=WITHOUT_PATHWAY[p.to_sweep],
        trace=care_words.trace(m.trace, today),
        protocol_href=f"{base}/protocol",
        facts=tuple(_fact(f, today, clinics) for f in m.facts[:limit]),
        more_facts=f"{base}?all=1#line" if len(m.facts) > limit else "",
        history=tuple(history_line(e, today) for e in m.history),
        decidable=_decidable(m, chosen, opened, base, key),
        version=max((e.id for e in m.history if e.of_task), default=0),
    )  # fmt: skip


def _tags(p: PersonRow, today: date) -> tuple[Tag, ...]:
    found = []
    if p.died_on:
        found.append(Tag(f"умер{'ла' if p.sex == 'female' else ''} {words.day(p.died_on, today)}"))
    if p.provisional:
        found.append(Tag("личность не установлена", "soon"))
    return tuple(found)


def _episode(v: View, n: int, facts: Mapping[str, FactRow], m: Material) -> Episode:
    machine = getattr(PATHWAYS.get(v.pathway), "MACHINE", None)
    now = v.under or v.state if v.lost else v.state
    title = PATHWAY_TITLES.get(v.pathway, v.pathway)
    ordered = sorted(v.clocks, key=lambda c: (c.status != RUNNING, c.silent, c.due))
    return Episode(
        n=n,
        title=words.joined([title, words.icd(v.icd10, v.side)], ": "),
        state=words.lower_first(machine.states.get(now, now)) if machine else now,
        state_tone="fine" if now in ("treated", "excluded", "completed", "cleared") else "wait",
        lost=LOST.get(v.lost, ""),
        diagram=diagram.draw(machine, now, v.milestones, m.today) if machine else None,
        clocks=tuple(line(c, facts, m.rules, m.today, n * 100 + i) for i, c in enumerate(ordered)),
        findings=tuple(_finding(f, facts, m.today) for f in v.findings),
        notes=care_words.notes(v, m.today),
        episode=v.episode,
        **_protocol(v, m),
    )


def _finding(f: Finding, facts: Mapping[str, FactRow], today: date) -> FindingLine:
    """A finding with the records behind it: of a contradiction both sides are shown."""
    rows = [facts[id] for id in f.facts if id in facts]
    sides = tuple(
        Side(
            words.joined([
                words.day(r.on_date, today) if r.on_date else words.partial_day(r.on_text, today) or "без даты",
                words.joined(describe(r.kind, r.attributes), ": "),
                words.sender(r.sender) or EVIDENCE.get(r.evidence, r.evidence),
            ]),
            f"/document/{r.document}" if r.document else "",
        )
        for r in rows[:6]
    )  # fmt: skip
    return FindingLine(finding(f.code, f.rule), sides)


def _protocol(v: View, m: Material) -> dict[str, str]:
    """The protocol of late detection of a case: the link to it, or the offer where it is owed and the reader may sign."""
    if v.pathway != "diagnosis":
        return {}
    for draft in m.drafts:
        if draft.episode == v.episode:
            said = {"drafted": "черновик", "published": "отправлен", "reviewed": "разобран"}[draft.state]
            return {"protocol": said, "protocol_href": f"/protocol/{draft.public_id}"}
    owed = any(c.rule == "DX-32" and c.status == RUNNING for c in v.clocks)
    owed = owed or any(f.code == "late_stage_after_death" for f in v.findings)
    return {"protocol": "Составить протокол запущенности"} if owed and m.signs else {}


def _fact(f: FactRow, today: date, names: Mapping[str, str]) -> FactLine:
    title, detail = describe(f.kind, f.attributes)
    if f.kind == "attached":  # the clinic is all it says
        detail = names.get(str(f.attributes.get("org", "")), "")
    late = (f.known_on - f.on_date).days if f.on_date else 0
    note = [words.sender(f.sender), CERTAINTY.get(f.certainty, f.certainty) if f.kind != "suspicion" else ""]
    if f.on_date and late > 3:
        note.append(f"узнали {words.day(f.known_on, today)}")
    if not f.in_force:
        note.append("заменён или отозван")
    return FactLine(
        on=words.day(f.on_date, today) if f.on_date else words.partial_day(f.on_text, today),
        title=title,
        detail=detail,
        note=words.joined(note),
        tone="" if f.in_force else "old",
        href=f"/document/{f.document}" if f.document else "",
        source=INSURED
        if f.author == residents.AUTHOR
        else words.joined([EVIDENCE.get(f.evidence, f.evidence), f.author if not f.document else ""]),
    )


def _decidable(m: Material, chosen: str, opened: str, base: str, key: str) -> tuple[Decidable, ...]:
    rows: list[tuple[str, TaskRow | None, View | None, Clock | None]] = [(str(t.task), t, None, None) for t in m.tasks]
    rows += [(clock_code(v, c), None, v, c) for v, c in upcoming_clocks(m.views, m.tasks)]
    codes = [r[0] for r in rows]
    current = "" if chosen == PERSON else chosen if chosen in codes else codes[0] if codes else ""
    people = tuple(Option(login, name) for login, name in m.colleagues if login != m.user)
    places = tuple(Option(oid, name) for oid, name in m.organisations)
    found = []
    for code, t, _v, c in rows:
        rule = t.rule if t else c.rule if c else ""
        due = t.due if t else c.due if c else m.today
        past = days_past(due, m.today, m.rules.calendar)
        shown = row(t, m.today, m.rules.calendar) if t else None
        made: tuple[Form, ...] = ()
        if code == current:
            taken = bool(t and t.assignee == m.user)
            made = forms(
                rule, m.today, m.rules.calendar, key, taken=taken, colleagues=people, organisations=places, opened=opened,
                step=str((t.search or {}).get("step", "")) if t else "",
                speaks=m.speaks and t is not None and due < m.today, gone=m.gone,
            )  # fmt: skip
            if t and t.pathway == LISTS:
                made = (*assigned_forms.forms(key, opened), *made)
        found.append(
            Decidable(
                target=code,
                title=words.joined([duty(rule).title, subject_words(t.subject if t else c.subject if c else "")]),
                todo=_asked(shown.todo if shown else duty(rule).todo, because(t, m.today) if t else ""),
                status=words.joined([shown.level, shown.state, shown.place, owner_word(t)])
                if shown and t
                else "задачи ещё нет, срок идёт",
                relation=shown.relation if shown else words.past_or_left(past),
                tone={"late": "late", "soon": "soon"}.get(
                    shown.tone if shown else "soon" if past >= -1 else "", "wait" if t and t.state == "waiting" else ""
                ),
                chosen=code == current,
                href=f"{base}?task={code}",
                forms=made,
            )
        )
    return (*found, _about_person(m, current == "" or chosen == PERSON, opened, base, key))


def owner_word(t: TaskRow) -> str:
    """By which word of routing the owner was found; nothing for a task a person handed over."""
    word = WHO.get(str(t.because.get("owner_by", "")), "") if t.because.get("owner_by") else ""
    return f"отвечает {word}" if word else ""


def _about_person(m: Material, chosen: bool, opened: str, base: str, key: str) -> Decidable:
    """What may be said of a patient whether or not anything is owed: a call, an appointment, departure, death."""
    made: tuple[Form, ...] = ()
    if chosen:
        made = forms("", m.today, m.rules.calendar, key, taken=True, colleagues=(), opened=opened, gone=m.gone)
    return Decidable(
        target="", title="О пациенте", todo=gone_words.WITHOUT_TASK[m.gone.kind if m.gone else ""],
        status="", relation="", tone="",
        chosen=chosen, href=f"{base}?task={PERSON}", forms=tuple(f for f in made if f.verb in ABOUT_PERSON),
    )  # fmt: skip


def _asked(todo: str, why: str) -> str:
    """`Записать к онкологу. Подозрение на ЗНО 30 октября`: what a comparison asks ends with a stop already."""
    return words.joined([todo.rstrip("."), words.upper_first(why)], ". ")
