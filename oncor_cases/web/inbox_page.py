"""What the inbox shows, in words: whom to call, why, by when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from urllib.parse import urlencode

from oncor_cases.actions.evaluation import REGION
from oncor_cases.kernel.calendar import Calendar
from oncor_cases.store.inbox import PAGE, WIDE, Counts, Filters, TaskRow
from oncor_cases.store.upcoming import COUNTED
from oncor_cases.web import words
from oncor_cases.web.care_words import next_step
from oncor_cases.web.duties import duty, subject_words
from oncor_cases.web.fact_words import TITLES
from oncor_cases.web.pages import Option
from oncor_cases.web.reasons import reason
from oncor_cases.web.then import Then, ThenForm
from oncor_cases.web.then import form as then_form

TAB_TITLES = {
    "clinic": "Моя клиника", "mine": "Мои", "overdue": "Просрочено", "upcoming": "Предстоящие", "waiting": "Ждут",
    "done": "Сделано",
}  # fmt: skip
NOT_PAST = ("upcoming", "done")  # lists the history of tasks cannot show
EMPTY = {
    "clinic": ("Открытых задач нет", "Новые появятся после утреннего разбора или нового документа."),
    "mine": ("Вы ничего не взяли в работу", "Откройте пациента и нажмите «Взять в работу»."),
    "overdue": ("Просроченного нет", "Все сроки соблюдены."),
    "upcoming": ("Ближайших сроков нет", "В следующие дни сроки не истекают."),
    "waiting": ("Никто не ждёт", "Сюда попадают записанные на приём и отложенные."),
    "done": ("Закрытых задач нет", "Здесь будет то, что сделано за последнее время."),
}


@dataclass(frozen=True, slots=True)
class Tab:
    """One list of the inbox with its count."""

    title: str
    href: str
    count: str
    current: bool
    hot: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """A select above the list."""

    name: str
    title: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One patient's task as one line."""

    href: str
    who: str
    others: str
    age_sex: str
    phone: str
    phone_link: str
    todo: str
    because: str
    icd10: str
    due: str
    relation: str
    tone: str
    level: str
    level_tone: str
    state: str
    place: str


@dataclass(frozen=True, slots=True)
class InboxPage:
    """The inbox: tabs, filters, rows of one page and the address of the next."""

    title: str
    subtitle: str
    tab: str
    tabs: tuple[Tab, ...]
    filters: tuple[Filter, ...]
    filtered: bool
    clear_href: str
    rows: tuple[Row, ...]
    summary: str
    more_href: str
    more_title: str
    empty_title: str
    empty_text: str
    mark: str
    then: ThenForm
    standing: str = ""  # results that are in and nobody has called: above every list
    standing_href: str = ""


def address(filters: Filters, after: str = "", then: Mapping[str, str] | None = None) -> str:
    """The address of a list; only codes and dates, never a patient's value. `then`: parameters of a past day."""
    pairs = {
        "tab": "" if filters.tab == "clinic" else filters.tab,
        "rule": filters.rule,
        "level": filters.level,
        "clinic": filters.clinic,
        "after": after,
    } | dict(then or {})
    query = urlencode({k: v for k, v in pairs.items() if v})
    return f"/?{query}" if query else "/"


def full_name(family: str, given: str, patronymic: str) -> str:
    """`Иванова Мария Петровна`; a person without a name is called so."""
    return " ".join(p for p in (family, given, patronymic) if p) or "Имя неизвестно"


def after_key(row: TaskRow, tab: str) -> str:
    """The key of a row as it travels in an address: `2026-03-05.1.4711`."""
    day = row.closed_on if tab == "done" and row.closed_on else row.due
    return f"{day.isoformat()}.{row.danger}.{row.id}"


def page(
    rows: Sequence[TaskRow],
    counts: Counts,
    upcoming: int,
    clinics: Sequence[tuple[str, str]],
    filters: Filters,
    role: str,
    today: date,
    calendar: Calendar,
    then: Then | None = None,
    failed: int = 0,
) -> InboxPage:
    """The page from one list of rows; `then`: of a past day, with the lists that day had."""
    past = then.pairs() if then else {}
    now, today = today, then.day if then else today
    wide = role in WIDE
    titles = TAB_TITLES | ({"clinic": "Регион"} if wide else {})
    if past:
        titles = {name: title for name, title in titles.items() if name not in NOT_PAST}
    numbers = {
        "clinic": counts.clinic, "mine": counts.mine, "overdue": counts.overdue, "upcoming": upcoming,
        "waiting": counts.waiting, "done": counts.done,
    }  # fmt: skip
    tabs = tuple(
        Tab(
            title,
            address(Filters(name, filters.rule, filters.level, filters.clinic), then=past),
            f"{COUNTED}+" if name == "upcoming" and upcoming > COUNTED else words.number(numbers[name]),
            name == filters.tab,
            name == "overdue" and numbers[name] > 0,
        )
        for name, title in titles.items()
    )
    more = len(rows) >= PAGE
    empty = EMPTY[filters.tab]
    filtered = bool(filters.rule or filters.level or filters.clinic)
    if filtered:
        empty = ("По этому отбору ничего нет", "Снимите отбор, чтобы увидеть весь список.")
    return InboxPage(
        title=titles[filters.tab],
        subtitle="" if filtered else _size(filters.tab, numbers[filters.tab]),
        tab=filters.tab,
        tabs=tabs,
        filters=_filters(counts.rules, clinics, filters, wide),
        filtered=filtered,
        clear_href=address(Filters(filters.tab), then=past),
        rows=tuple(row(r, today, calendar, several=wide or len(clinics) > 1) for r in rows),
        summary=words.count(len(rows), "строка", "строки", "строк"),
        more_href=address(filters, after_key(rows[-1], filters.tab), past) if more else "",
        more_title=f"Следующие {PAGE}",
        empty_title=empty[0],
        empty_text=empty[1],
        mark="" if past else mark(rows, counts, upcoming),
        then=then_form(then or Then(today), now, address(filters), _kept(filters), failed),
        standing="" if past or filters.rule == "DX-30" else _standing(counts.untold),
        standing_href=address(Filters(rule="DX-30")),
    )


def _kept(filters: Filters) -> dict[str, str]:
    """What the form «another day» keeps of the list."""
    tab = "" if filters.tab in NOT_PAST or filters.tab == "clinic" else filters.tab
    return {"tab": tab, "rule": filters.rule, "level": filters.level, "clinic": filters.clinic}


def _standing(untold: int) -> str:
    """A result nobody told the patient is above everything else (DX-30)."""
    return f"Результат готов, а пациенту не сообщили: {words.number(untold)}" if untold else ""


def mark(rows: Sequence[TaskRow], counts: Counts, upcoming: int) -> str:
    """A short name of what the list shows: another one means that something changed."""
    shown = [(r.id, r.rule, r.subject, r.due, r.level, r.state, r.waiting_until, r.assignee) for r in rows]
    return sha256(repr((shown, counts, upcoming)).encode()).hexdigest()[:12]


def _size(tab: str, n: int) -> str:
    """`304 задачи`; of upcoming clocks only so many are counted."""
    if tab == "upcoming":
        return f"больше {COUNTED} сроков" if n > COUNTED else words.count(n, "срок", "срока", "сроков")
    return words.count(n, "задача", "задачи", "задач")


def _filters(rules: Sequence[str], clinics: Sequence[tuple[str, str]], chosen: Filters, wide: bool) -> tuple[Filter, ...]:
    known = sorted({*rules, chosen.rule} - {""})
    found = [
        Filter("rule", "Что сделать", (Option("", "всё"), *(Option(r, duty(r).title, r == chosen.rule) for r in known))),
        Filter(
            "level",
            "Уровень",
            (Option("", "любой"), *(Option(v, t, v == chosen.level) for v, t in words.LEVELS.items())),
        ),
    ]
    if wide or len(clinics) > 1:
        owners = [*clinics, (REGION, "никто не назван")] if wide else clinics  # a task without any organisation
        options = (Option("", "все"), *(Option(oid, name, oid == chosen.clinic) for oid, name in owners))
        found.append(Filter("clinic", "Клиника", options))
    return tuple(found)


def row(r: TaskRow, today: date, calendar: Calendar, *, several: bool = True) -> Row:
    """A task in words; `several`: the reader answers for more than one clinic, so each row names its own."""
    d = duty(r.rule, str(r.because.get("duty", "")))
    done, waiting = r.closed_on is not None, r.state == "waiting"
    past = days_past(r.due, today, calendar)
    relation = words.past_or_left(past)
    if done:
        relation = f"закрыто {words.day(r.closed_on, today)}"
    elif waiting and r.waiting_until:
        relation = f"до {words.day(r.waiting_until, today)}"
    todo = str(r.because.get("asked") or words.joined([d.todo, subject_words(r.subject)], ": "))
    phone = r.phones[0] if r.phones else ""
    return Row(
        href=f"/case/{r.person}" + (f"?task={r.task}" if r.task and not done else ""),
        who=full_name(r.family, r.given, r.patronymic),
        others=f"ещё {r.others}" if r.others else "",
        age_sex=words.joined([words.age(r.birth_date, today), words.SEX_SHORT.get(r.sex, "")]),
        phone=words.phone(phone) or "телефона нет",
        phone_link=words.phone_link(phone),
        todo=todo,
        because=because(r, today),
        icd10=r.icd10,
        due=words.day(r.due, today),
        relation=relation,
        tone=tone(past, r.state, r.norm),
        level=words.LEVELS.get(r.level, r.level),
        level_tone={"head": "soon", "coordinator": "late", "reminder": ""}.get(r.level, ""),
        state=_state(r),
        place=r.owner_name if several else "",
    )


def _state(r: TaskRow) -> str:
    if r.closed_on is not None:
        return reason(r.closed_reason) if r.closed_reason else words.TASK_STATES["closed"]
    if r.state == "taken" or (r.state == "waiting" and r.assignee):
        return words.joined([words.TASK_STATES[r.state], r.assignee_name], ": ")
    return words.TASK_STATES.get(r.state, r.state)


def because(r: TaskRow, today: date) -> str:
    """One line of reason: what started the clock and when, and how long it may last."""
    start = r.because.get("start") or {}
    on = start.get("on")
    if start.get("kind") == "assignment" and on:  # work given over a list: its source and the day
        told, before = "", r.because.get("reworded")
        if before:
            told = f"уточнено {words.partial_day(before['on'], today)}, раньше было: «{before['before']}»"
        return words.joined([str(start.get("source", "")), f"поручено {words.partial_day(on, today)}", told])
    if r.rule.startswith("LOST") and on:
        said = f"Срок вышел {words.partial_day(on, today)}, с тех пор пациента не видели"
        return words.joined([said, next_step(r.search, today) if r.search and r.closed_on is None else ""], "; ")
    if r.rule == "DOC-01" and on:
        return f"Срок вышел {words.partial_day(on, today)}, вероятнее не пришёл документ"
    began = words.joined([TITLES.get(start.get("kind", ""), ""), words.partial_day(on, today) if on else ""], " ")
    limit, unit = r.because.get("limit"), r.because.get("unit")
    limit_words = f"срок {words.term(int(limit), str(unit))}" if limit and unit in words.UNITS else ""
    return words.joined([began, limit_words])


def days_past(due: date, today: date, calendar: Calendar) -> int:
    """Working days past the due date, or left to it as a negative number."""
    if today > due:
        return calendar.working_days_between(due, today) or 1
    return -calendar.working_days_between(today, due)


def tone(past: int, state: str, norm: str) -> str:
    """The colour of a row: red where an obligatory term is past, amber near it, plain otherwise."""
    if state in ("waiting", "closed"):
        return "calm"
    if past > 0:
        return "calm" if norm == "recalled" else "late"
    return "soon" if past >= -1 else "calm"
