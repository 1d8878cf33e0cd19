"""The overdue board in words: by rule, by clinic, what waits for the head's word, what was said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from oncor_cases.kernel.calendar import Calendar
from oncor_cases.regulations.rulebook import Rulebook
from oncor_cases.sources.seeds import acknowledgement_reasons
from oncor_cases.store.acknowledgements import ReasonRow
from oncor_cases.store.board import ClinicRow, RuleRow, Silent
from oncor_cases.store.inbox import Filters
from oncor_cases.web import rule_words, then, words
from oncor_cases.web.duties import duty, subject_words
from oncor_cases.web.inbox_page import address, days_past, full_name
from oncor_cases.web.pages import Option, Tag
from oncor_cases.web.then import Then, ThenForm

MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for."""

    clinic: str = ""
    rule: str = ""
    on: str = ""
    how: str = ""
    known: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of the form, and what it held when it did not fit."""

    said: str = ""
    complaint: str = ""
    reason: str = ""
    note: str = ""
    until: str = ""
    chosen: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """One rule or one clinic; `href` opens its tasks."""

    title: str
    code: str
    href: str
    tasks: str
    persons: str
    untaken: str
    raised: str
    silent: str
    silent_href: str
    oldest: str
    age: str
    tag: Tag


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One overdue task on the board."""

    task: str
    person: str
    href: str
    who: str
    todo: str
    icd10: str
    due: str
    age: str
    level: Tag
    place: str
    hands: str
    said: str
    checked: bool


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """How often a reason was given."""

    title: str
    words: str
    given: str
    standing: str
    persons: str


@dataclass(frozen=True, slots=True)
class BoardPage:
    """Overdue by rule, by clinic for those who answer for several, and the words of heads."""

    title: str
    summary: str
    said: str
    complaint: str
    then: ThenForm
    rules: tuple[Line, ...]
    clinics: tuple[Line, ...]
    clinic: str
    rule: str
    rule_title: str
    whole_href: str
    all_rules_href: str
    speaks: bool
    silent: tuple[TaskLine, ...]
    silent_more: str
    answers: tuple[TaskLine, ...]
    reasons: tuple[ReasonLine, ...]
    options: tuple[Option, ...]
    note: str
    until: str
    until_from: str
    key: str


def page(
    by_rule: Sequence[RuleRow], by_clinic: Sequence[ClinicRow], silent: Sequence[Silent], answers: Sequence[Silent],
    reasons: Sequence[ReasonRow], *, asked: Asked, answered: Answered, day: Then, today: date, calendar: Calendar,
    book: Rulebook, speaks: bool, key: str, failed: int = 0,
) -> BoardPage:  # fmt: skip
    """The page from its rows."""
    total, unsaid = sum(r.tasks for r in by_rule), sum(r.silent for r in by_rule)
    summary = words.count(total, "просроченная задача", "просроченные задачи", "просроченных задач")
    if unsaid:
        summary += f", без объяснения заведующего {words.number(unsaid)}"
    known = acknowledgement_reasons()
    options = tuple(Option(r.id, f"{r.title} (до {r.longest} дн.)", r.id == answered.reason) for r in known.values())
    return BoardPage(
        title="Просрочено по правилам",
        summary=summary,
        said=answered.said,
        complaint=answered.complaint,
        then=then.form(day, today, _href(asked.clinic), {"clinic": asked.clinic}, failed),
        rules=tuple(_rule(r, asked.clinic, day, calendar, book) for r in by_rule),
        clinics=tuple(_clinic(c, day, calendar) for c in by_clinic),
        clinic=asked.clinic,
        rule=asked.rule,
        rule_title=duty(asked.rule).title if asked.rule else "",
        whole_href=_href("", day=day) if asked.clinic else "",
        all_rules_href=_href(asked.clinic) if asked.rule else "",
        speaks=speaks,
        silent=tuple(_task(t, today, calendar, answered) for t in silent),
        silent_more=f"Показаны первые {len(silent)}." if len(silent) >= 50 else "",
        answers=tuple(_task(t, today, calendar, answered) for t in answers),
        reasons=tuple(
            ReasonLine(
                known[r.reason].title if r.reason in known else r.reason, known[r.reason].words if r.reason in known else "",
                words.number(r.given), words.number(r.standing), words.number(r.persons),
            )
            for r in reasons
        ),
        options=options,
        note=answered.note,
        until=answered.until or calendar.add_working_days(today, 5).isoformat(),
        until_from=(today + timedelta(days=1)).isoformat(),
        key=key,
    )  # fmt: skip


def _href(clinic: str, rule: str = "", day: Then | None = None) -> str:
    pairs = {"clinic": clinic, "rule": rule} | (day.pairs() if day else {})
    query = urlencode({k: v for k, v in pairs.items() if v})
    return f"/overdue?{query}" if query else "/overdue"


def _rule(r: RuleRow, clinic: str, day: Then, calendar: Calendar, book: Rulebook) -> Line:
    filters = Filters("clinic" if r.norm == "recalled" else "overdue", r.rule, "", clinic)
    return Line(
        title=duty(r.rule).title,
        code=r.rule,
        href=address(filters, then=day.pairs()),
        tasks=words.number(r.tasks),
        persons=words.number(r.persons),
        untaken=words.number(r.untaken) if r.untaken else "—",
        raised=words.number(r.raised) if r.raised else "—",
        silent=words.number(r.silent) if r.silent else "—",
        silent_href=_href(clinic, r.rule) + "#silent" if r.silent and not day.past else "",
        oldest=words.day(r.oldest, day.day),
        age=words.past_or_left(days_past(r.oldest, day.day, calendar)),
        tag=rule_words.force(r.norm, book.basis(r.rule, day.day)),
    )


def _clinic(c: ClinicRow, day: Then, calendar: Calendar) -> Line:
    return Line(
        title=c.name, code=c.org, href=_href(c.org, day=day), tasks=words.number(c.tasks), persons="", untaken="",
        raised=words.number(c.raised) if c.raised else "—", silent=words.number(c.silent) if c.silent else "—",
        silent_href="", oldest=words.day(c.oldest, day.day),
        age=words.past_or_left(days_past(c.oldest, day.day, calendar)), tag=Tag(""),
    )  # fmt: skip


def _task(t: Silent, today: date, calendar: Calendar, answered: Answered) -> TaskLine:
    known = acknowledgement_reasons()
    reason = known[t.reason].title if t.reason in known else t.reason
    said = f"{reason}, до {words.day(t.until_day, today)}: «{t.note}», {t.author_name}" if t.until_day else ""
    return TaskLine(
        task=str(t.task),
        person=str(t.person),
        href=f"/case/{t.person}?task={t.task}",
        who=full_name(t.family, t.given, t.patronymic),
        todo=words.joined([duty(t.rule).title, subject_words(t.subject)], ": "),
        icd10=t.icd10,
        due=words.day(t.due, today),
        age=words.past_or_left(days_past(t.due, today, calendar)),
        level=Tag(words.LEVELS.get(t.level, t.level), {"head": "soon", "coordinator": "late"}.get(t.level, "")),
        place=t.owner_name,
        hands=t.assignee_name or "никто не взял",
        said=said,
        checked=str(t.task) in answered.chosen,
    )
