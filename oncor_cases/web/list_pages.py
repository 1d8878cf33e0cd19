"""What the pages of lists show, made of their rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from oncor_cases.actions.list_reading import OF_REGION
from oncor_cases.actions.list_stages import STAGES, in_order
from oncor_cases.facts.registers import OTHER_REGISTER
from oncor_cases.kernel.errors import UserError
from oncor_cases.sources.lists import KINDS, senders
from oncor_cases.store.lists import Load
from oncor_cases.web import words
from oncor_cases.web.access import Reader
from oncor_cases.web.pages import Option, Tag

STATES = {
    "waiting": Tag("ждёт решения", "soon"), "stored": Tag("в очереди", "wait"), "reading": Tag("загружается", "wait"),
    "loaded": Tag("загружен", "fine"), "replaced": Tag("заменён исправленным", ""), "failed": Tag("не загружен", "late"),
    "withdrawn": Tag("отозван", "late"),
}  # fmt: skip
UNKNOWN = "Вид не определён"
ANOTHER = "*"  # a sender whose name is written beside
MUCH = 0.1  # of the rows rejected: the list itself is to be looked at
PARTLY = Tag("загружен не весь", "soon")
COUNTS = (
    ("rows", "строк в списке"), ("good", "принято"), ("rejected", "отклонено"), ("warned", "принято без одного из значений"),
    ("repeated", "повторов внутри списка"), ("not_ours", "не онкология"), ("added", "новых жителей"),
    ("corrected", "исправлено"), ("known", "узнано среди известных людей"),
    ("documents", "новых и изменённых записей"), ("gone", "исчезло из списка"), ("withdrawn", "отменено записей"),
    ("facts", "фактов"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LoadLine:
    """A load in the list of loads."""

    href: str
    name: str
    title: str
    sender: str
    as_of: str
    received: str
    tag: Tag
    told: str
    error: str


@dataclass(frozen=True, slots=True)
class SenderOption:
    """Whose list it may be. `asks`: what has to be written beside it, a region or a name."""

    value: str
    title: str
    chosen: bool = False
    asks: str = ""


@dataclass(frozen=True, slots=True)
class ListsPage:
    """Every load, and the form for one more."""

    title: str
    rows: tuple[LoadLine, ...]
    tabs: tuple[Option, ...]
    kinds: tuple[Option, ...]
    senders: tuple[SenderOption, ...]
    complaint: str
    said: str
    more_href: str
    running: bool
    href: str
    empty: str


@dataclass(frozen=True, slots=True)
class RejectLine:
    """A rejected row."""

    line: str
    field: str
    message: str
    tag: Tag
    raw: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why rows were rejected, with the count."""

    text: str
    tag: Tag
    count: str


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """A column of the file and what it was read as; `read` false: it was not, and why that may matter is said once."""

    theirs: str
    ours: str
    read: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of a load: since when, how long it took or has taken, how far it is."""

    title: str
    since: str
    took: str
    far: str
    current: bool


@dataclass(frozen=True, slots=True)
class LoadPage:
    """One load."""

    title: str
    tag: Tag
    about: tuple[tuple[str, str], ...]
    counts: tuple[tuple[str, str], ...]
    error: str
    said: str
    complaint: str
    running: bool
    progress: str
    stages: tuple[Stage, ...]
    href: str
    mapping_href: str
    retry_href: str
    shrunk: bool
    lost: bool
    columns: tuple["ColumnLine", ...]
    unread: tuple[str, ...]
    several: bool  # sheets: a row is named by its sheet
    asks: str  # `day`, `region`, or empty
    asks_href: str
    corrects: tuple[Option, ...]
    withdraw_href: str
    aside: bool
    reasons: tuple[Reason, ...]
    rejects: tuple[RejectLine, ...]
    more_href: str
    closed: str


@dataclass(frozen=True, slots=True)
class Matched:
    """One column of ours with the choice of foreign ones."""

    name: str
    title: str
    required: bool
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class MappingPage:
    """The first rows of a foreign table and which column is which."""

    title: str
    lead: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    kinds: tuple[Option, ...]
    about: str
    columns: tuple[Matched, ...]
    name: str
    senders: tuple[SenderOption, ...]
    as_of: str
    complaint: str
    kind_action: str
    action: str
    back: str
    kind: str


def kind_title(kind: str) -> str:
    """The Russian title of a kind."""
    return KINDS[kind].title if kind in KINDS else UNKNOWN


def tag(load: Load) -> Tag:
    """The state of a load; one that took much less than it held does not look all right."""
    lost, whole = load.counts.get("rejected", 0), load.counts.get("rows", 0)
    return PARTLY if load.state == "loaded" and lost > whole * MUCH else STATES[load.state]


def line(load: Load, found: Reader, names: Mapping[str, str]) -> LoadLine:
    """A load as a line."""
    return LoadLine(
        href=f"/lists/{load.id}",
        name=load.name,
        title=kind_title(load.kind),
        sender=sender_title(load, names),
        as_of=words.day(load.as_of, found.today) if load.as_of else "",
        received=words.moment(found.local(load.received_at), found.today),
        tag=tag(load),
        told=told(load, found),
        error=load.error,
    )


def reading(load: Load, found: Reader, now: datetime) -> str:
    """How far a load is, in a line: lines are counted while they are read, then the number stands and the step goes on."""
    read = f"прочитано {words.count(load.progress, 'строка', 'строки', 'строк')}" if load.progress else ""
    steps = stages(load, found, now)
    step = words.joined([steps[-1].title, steps[-1].far]) if steps else "начинается"
    return f"{step}{f', {read}' if read else ''}{f', идёт {lasted(load.started_at, now)}' if load.started_at else ''}"


def stages(load: Load, found: Reader, now: datetime) -> tuple[Stage, ...]:
    """The steps of a load in order: the last one is current while it is read. Steps without a duration are left out."""
    steps = in_order(load.stages)
    running = load.state == "reading"
    end = now if running else load.finished_at or (steps[-1][0] if steps else now)
    made = []
    for (since, name, told), (until, *_) in pairwise([*steps, (end, "", {})]):
        current = running and until is end
        if not current and (until - since).total_seconds() < 1:
            continue
        far = f"{words.number(told['done'])} из {words.number(told['of'])}" if current and told.get("of") else ""
        title = STAGES.get(name, name)
        made.append(Stage(title, f"{found.local(since):%H:%M:%S}", lasted(since, until), far, current))
    return tuple(made)


def lasted(since: datetime, until: datetime) -> str:
    """`40 с`, `3 мин`, `1 ч 5 мин`."""
    seconds = max(0, int((until - since).total_seconds()))
    if seconds < 60:
        return f"{seconds}{words.NBSP}с"
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours}{words.NBSP}ч {minutes}{words.NBSP}мин" if hours else f"{minutes}{words.NBSP}мин"


def told(load: Load, found: Reader) -> str:
    """How many rows came to what."""
    if load.state == "reading":
        return reading(load, found, datetime.now(UTC))
    c = load.counts
    if not c or load.state == "waiting":
        return ""  # nothing of it is taken yet: the error says what was seen
    rows = words.count(c.get("rows", 0), "строка", "строки", "строк")
    rest = (("repeated", "повторов"), ("not_ours", "не онкология"), ("rejected", "отклонено"))
    return words.joined(
        [
            rows,
            f"принято {words.number(c.get('good', 0))}",
            *(f"{title} {words.number(c[n])}" for n, title in rest if c.get(n)),
        ]
    )


def about(
    load: Load, found: Reader, names: Mapping[str, str], people: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:  # fmt: skip
    """The head of a load's page; `people`: login → name."""
    rows = (
        ("Вид", kind_title(load.kind) if load.kind in KINDS else "не определён"),
        ("На дату", words.day(load.as_of, found.today) if load.as_of else ""),
        ("Отправитель", sender_title(load, names)),
        ("Получен", words.moment(found.local(load.received_at), found.today)),
        ("Кто загрузил", _who(load.author, people)),
        ("Размер", size(load.size)),
        ("Разметка", load.mapping_name),
        ("Отозван", words.joined([load.withdrawn_reason, _who(load.withdrawn_by, people)]) if load.withdrawn_at else ""),
    )
    return tuple((name, text) for name, text in rows if text)


def _who(author: str, people: Mapping[str, str]) -> str:
    """A person by the name; a machine by its key; the command line in words."""
    kind, _, machine = author.partition(":")
    if kind == "api" and machine:
        return f"программа «{machine}»"
    return people.get(author) or {"cli": "команда oncor"}.get(author, author)


def columns(load: Load) -> tuple[ColumnLine, ...]:
    """The columns of the file: those not read first, for they are what to look at; then those the list before had."""
    reading = load.reading
    told = [ColumnLine(name, "не прочитан", False) for name in reading.get("unread", ())]
    told += [ColumnLine("нет в файле", title, False) for title in reading.get("lost", ())]
    return (*told, *(ColumnLine(theirs, ours, True) for theirs, ours in reading.get("columns", ())))


def sheets(load: Load) -> tuple[tuple[str, str], ...]:
    """Sheets of a workbook: which were read, if there were several, and which were not."""
    read = [name for name, _ in load.reading.get("sheets", ())]
    left = load.reading.get("left", ())
    told = (("Прочитаны листы", read if len(read) > 1 or left else ()), ("Листы не прочитаны", left))
    return tuple((title, ", ".join(f"«{name}»" for name in names)) for title, names in told if names)


def correct_options(earlier: Sequence[Load], found: Reader) -> tuple[Option, ...]:
    """The lists a waiting one may correct."""
    rows = (Option(str(one.id), f"{words.day(one.as_of, found.today)}: {one.name}") for one in earlier if one.as_of)
    return (Option("", "нет, это новый список", True), *rows)


def size(n: int) -> str:
    """Bytes for people."""
    for unit, of in (("ГБ", 1 << 30), ("МБ", 1 << 20), ("КБ", 1 << 10)):
        if n >= of:
            return f"{n / of:.1f} {unit}".replace(".", ",")
    return words.count(n, "байт", "байта", "байт")


def sender_title(load: Load, names: Mapping[str, str]) -> str:
    """Who sent it."""
    return names.get(load.sender_org) or words.sender(load.sender_org) or "не указан"


def unread(load: Load) -> tuple[str, ...]:
    """How many columns were not read, and how many of the list before are missing."""
    told = (("не прочитано", load.reading.get("unread", ())), ("пропало", load.reading.get("lost", ())))
    return tuple(f"{title}: {len(names)}" for title, names in told if names)


def counts(load: Load) -> tuple[tuple[str, str], ...]:
    """Counts that are not zero; none while somebody has to decide whether it is taken at all."""
    if load.state == "waiting":
        return ()
    return tuple((title, words.number(load.counts[name])) for name, title in COUNTS if load.counts.get(name))


def kind_options(chosen: str, first: str) -> tuple[Option, ...]:
    """Kinds to choose from."""
    return (Option("", first, not chosen), *(Option(k.name, k.title, k.name == chosen) for k in KINDS.values()))


def why(field: str, message: str) -> tuple[str, str]:
    """The column and what is wrong with it as they stand one after the other: `Дата рождения`, `такого дня нет`."""
    if not field or message.startswith(field):
        return "", message
    return field, words.lower_first(message)


def sender_of(sender: str, of_region: str, name: str) -> str:
    """The sender as it is kept: of another region's register with its region, for two of them are two lists; one that is
    not in the list, as it was written. Raises UserError."""
    if sender == ANOTHER:
        if not name.strip():
            raise UserError("Напишите, кто составил список")
        return " ".join(name.split())[:100]
    if sender != OTHER_REGISTER:
        return sender
    if not of_region.strip():
        raise UserError(OF_REGION)
    return senders.other_register(of_region)


def sender_options(
    names: Mapping[str, str], bodies: Sequence[str], own: Sequence[str], wide: bool, chosen: str = ""
) -> tuple[SenderOption, ...]:
    """Whose list it is: outside bodies, those that sent one before, clinics; a registrar names own organisations only."""
    if not wide:
        return tuple(SenderOption(oid, names.get(oid, oid), oid == chosen) for oid in own)
    more = dict.fromkeys([*senders.OUTSIDE, *bodies, *([chosen] if chosen and chosen not in names else [])])
    return (
        SenderOption("", "не указан", not chosen),
        *(SenderOption(n, n, n == chosen, "region" if n == OTHER_REGISTER else "") for n in more),
        SenderOption(ANOTHER, "другой: написать", asks="name"),
        *(SenderOption(oid, name, oid == chosen) for oid, name in names.items()),
    )
