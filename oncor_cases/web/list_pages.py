"""What the pages of lists show, made of their rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from oncor_cases.actions.list_reading import OF_REGION
from oncor_cases.checks.comparisons import OTHER_REGISTER
from oncor_cases.kernel.errors import UserError
from oncor_cases.sources.lists import KINDS, senders
from oncor_cases.store.lists import Load
from oncor_cases.web import words
from oncor_cases.web.access import Reader
from oncor_cases.web.pages import Option, Tag

LONG = 50_000  # lines from which matching takes long enough to be wondered at
MATCHING = "После чтения строки проверяются и сопоставляются с людьми: число в это время стоит, загрузка продолжается"
STATES = {
    "waiting": Tag("ждёт решения", "soon"), "stored": Tag("в очереди", "wait"), "reading": Tag("загружается", "wait"),
    "loaded": Tag("загружен", "fine"), "replaced": Tag("заменён исправленным", ""), "failed": Tag("не загружен", "late"),
    "withdrawn": Tag("отозван", "late"),
}  # fmt: skip
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
class ListsPage:
    """Every load, and the form for one more."""

    title: str
    rows: tuple[LoadLine, ...]
    tabs: tuple[Option, ...]
    kinds: tuple[Option, ...]
    senders: tuple[Option, ...]
    other_register: bool
    complaint: str
    said: str
    more_href: str
    running: bool
    href: str


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
    href: str
    mapping_href: str
    retry_href: str
    shrunk: bool
    asks: str  # `day`, `region`, or empty
    asks_href: str
    corrects: tuple[Option, ...]
    withdraw_href: str
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
    sender: str
    as_of: str
    complaint: str
    kind_action: str
    action: str
    back: str
    kind: str


def kind_title(kind: str) -> str:
    """The Russian title of a kind."""
    return KINDS[kind].title if kind in KINDS else "вид не определён"


def line(load: Load, found: Reader, names: Mapping[str, str]) -> LoadLine:
    """A load as a line."""
    return LoadLine(
        href=f"/lists/{load.id}",
        name=load.name,
        title=kind_title(load.kind),
        sender=names.get(load.sender_org, load.sender_org),
        as_of=words.day(load.as_of, found.today) if load.as_of else "",
        received=words.moment(found.local(load.received_at), found.today),
        tag=STATES[load.state],
        told=told(load),
        error=load.error,
    )


def reading(load: Load, now: datetime) -> str:
    """How far a load is. Lines are counted as they are read; while they are matched with people the number stands, and
    nobody knows how long, so that is said instead of a share."""
    said = f"прочитано {words.count(load.progress, 'строка', 'строки', 'строк')}"
    minutes = int((now - load.started_at).total_seconds() // 60) if load.started_at else 0
    if minutes:
        said += f", идёт {words.number(minutes)} мин"
    return f"{said}. {MATCHING}" if load.progress >= LONG else said


def told(load: Load) -> str:
    """How many rows came to what."""
    if load.state == "reading":
        return reading(load, datetime.now(UTC))
    c = load.counts
    if not c or "asks" in c:
        return ""
    rejected = f", отклонено {words.number(c['rejected'])}" if c.get("rejected") else ""
    return (
        f"{words.count(c.get('rows', 0), 'строка', 'строки', 'строк')}, принято {words.number(c.get('good', 0))}{rejected}"
    )


def about(load: Load, found: Reader, names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The head of a load's page."""
    rows = (
        ("Вид", kind_title(load.kind)),
        ("На дату", words.day(load.as_of, found.today) if load.as_of else ""),
        ("Отправитель", names.get(load.sender_org, load.sender_org) or "не указан"),
        ("Получен", words.moment(found.local(load.received_at), found.today)),
        ("Кто загрузил", load.author),
        ("Размер", size(load.size)),
        ("Разметка", load.mapping_name),
        ("Отозван", words.joined([load.withdrawn_reason, load.withdrawn_by]) if load.withdrawn_at else ""),
    )
    return tuple((name, text) for name, text in rows if text)


def correct_options(earlier: Sequence[Load], found: Reader) -> tuple[Option, ...]:
    """The lists a waiting one may correct."""
    rows = (Option(str(one.id), f"{words.day(one.as_of, found.today)}: {one.name}") for one in earlier if one.as_of)
    return (Option("", "нет, это новый список", True), *rows)


def size(n: int) -> str:
    """Bytes for people."""
    for unit, of in (("ГБ", 1 << 30), ("МБ", 1 << 20), ("КБ", 1 << 10)):
        if n >= of:
            return f"{n / of:.1f} {unit}".replace(".", ",")
    return f"{n} байт"


def counts(load: Load) -> tuple[tuple[str, str], ...]:
    """Counts that are not zero."""
    return tuple((title, words.number(load.counts[name])) for name, title in COUNTS if load.counts.get(name))


def kind_options(chosen: str, first: str) -> tuple[Option, ...]:
    """Kinds to choose from."""
    return (Option("", first, not chosen), *(Option(k.name, k.title, k.name == chosen) for k in KINDS.values()))


def sender_of(sender: str, of_region: str) -> str:
    """The sender as it is kept: of another region's register with its region, for two of them are two lists. Raises
    UserError."""
    if sender != OTHER_REGISTER:
        return sender
    if not of_region.strip():
        raise UserError(OF_REGION)
    return senders.other_register(of_region)


def sender_options(names: Mapping[str, str], own: Sequence[str], wide: bool) -> tuple[Option, ...]:
    """Whose list it is: outside bodies and clinics; a registrar names own organisations only."""
    if not wide:
        return tuple(Option(oid, names.get(oid, oid)) for oid in own)
    return (
        Option("", "не указан"),
        *(Option(n, n) for n in senders.OUTSIDE),
        *(Option(oid, name) for oid, name in names.items()),
    )
