"""The pages of «Сверка» in words: the comparisons with their counts, and the differences of one with both sides."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from oncor_cases.checks.comparisons import COMPARISONS, REASONS, STATES, Comparison, said
from oncor_cases.store.difference_pages import NONE, Count, DifferenceRow, Event, Run
from oncor_cases.web import trend_picture, words
from oncor_cases.web.access import Reader
from oncor_cases.web.inbox_page import full_name
from oncor_cases.web.pages import Option, Tag
from oncor_cases.web.trend_picture import Trend

TABS = {"open": ("open",), "confirmed": ("confirmed",), "ended": ("fixed", "gone")}
TAB_TITLES = {"open": "Открыты", "confirmed": "Подтверждены", "ended": "Завершены"}
EMPTY = {
    "open": ("Расхождений нет", "Обе стороны говорят одно и то же, или всё уже разобрано."),
    "confirmed": ("Подтверждённых нет", "Сюда попадают расхождения, о которых сказали: так и есть."),
    "ended": ("Завершённых нет", "Сюда попадают расхождения, которые исправлены или исчезли сами."),
}
WORK = {"": "все", "given": "с задачей", "free": "без задачи"}
TONES = {"open": "late", "confirmed": "wait", "fixed": "fine", "gone": ""}
EVENTS = {
    "found": "найдено", "changed": "значения изменились", "returned": "появилось снова", "confirmed": "подтверждено",
    "unconfirmed": "подтверждение снято", "given": "поставлена задача",
    "handed": "задача передана тому, кто исправляет теперь", "fixed": "исправлено", "gone": "исчезло само",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for."""

    tab: str = "open"
    clinic: str = ""
    work: str = ""

    def address(self, name: str, **other: str) -> str:
        """The page of a comparison with this, and something changed."""
        given = {"tab": self.tab, "clinic": self.clinic, "work": self.work} | other
        query = urlencode({k: v for k, v in given.items() if v and (k, v) != ("tab", "open")})
        return f"/comparisons/{name}" + (f"?{query}" if query else "")


# --- all comparisons --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One comparison or one clinic in numbers."""

    title: str
    about: str
    href: str
    open: str
    given: str
    confirmed: str
    ended: str
    trend: str
    tone: str
    oldest: str
    picture: Trend | None = None


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run in numbers."""

    day: str
    open: str
    new: str
    ended: str


@dataclass(frozen=True, slots=True)
class ComparisonsPage:
    """Every comparison, by clinic too, and how the last runs went."""

    title: str
    summary: str
    last: str
    said: str
    complaint: str
    comparisons: tuple[Line, ...]
    clinics: tuple[Line, ...]
    clinic_filter: tuple[Option, ...]
    clinic_name: str
    runs: tuple[RunLine, ...]
    may_run: bool


def comparisons_page(
    found: Reader, counts: Mapping[str, Count], clinics: Sequence[Count], runs: Sequence[Run], clinic: str,
    shown: int, *, wide: bool, said: str = "", complaint: str = "",
) -> ComparisonsPage:  # fmt: skip
    """`clinics`: counts of each clinic the reader answers for; `clinic`: only this one's comparisons; `shown`: runs in the
    table, of all `runs` the pictures are made."""
    whole = wide and not clinic  # a run is counted over the region
    made = set(runs[0].counts) if runs else set()
    lines = tuple(
        _line(c.title, c.about, Asked(clinic=clinic).address(name), counts.get(name, NONE), found.today,
              missing="" if name in made or not runs else "не сверялось: список не загружен",
              picture=trend_picture.draw(_opened(runs, name), trend_picture.SMALL, found.today) if whole else None)
        for name, c in COMPARISONS.items()
    )  # fmt: skip
    total = sum(c.open for c in counts.values())
    last = "Сверки ещё не было: она идёт каждую ночь в 5:00 и после загрузки списков."
    if runs:
        # the day is the region's own, which in a demonstration is not that of the clock
        last = f"Последняя сверка {words.day(runs[0].day, found.today)}, {found.local(runs[0].finished_at):%H:%M}"
    several = len(clinics) > 1
    return ComparisonsPage(
        title="Сверка источников",
        summary=words.count(total, "открытое расхождение", "открытых расхождения", "открытых расхождений"),
        last=last,
        said=said,
        complaint=complaint,
        comparisons=lines,
        clinics=tuple(_line(c.title or "не указана", "", f"/comparisons?clinic={c.name}", c, found.today) for c in clinics)
        if several and not clinic
        else (),
        clinic_filter=(Option("", "все клиники", not clinic), *(Option(c.name, c.title, c.name == clinic) for c in clinics))
        if several
        else (),
        clinic_name=next((c.title for c in clinics if c.name == clinic), ""),
        runs=tuple(
            _run(r.day, list(r.counts.values()), found.today) for r in runs[:shown]
        ) if wide else (),
        may_run=wide,
    )  # fmt: skip


def _run(day: date, counts: Sequence[Mapping[str, int]], today: date) -> RunLine:
    asked = (("open", ""), ("new", "returned"), ("ended", ""))
    return RunLine(words.day(day, today), *(words.number(sum(c.get(a, 0) + c.get(b, 0) for c in counts)) for a, b in asked))


def _opened(runs: Sequence[Run], name: str) -> list[tuple[date, int | None]]:
    """Differences open after each run, the oldest first; None for a run that did not make this comparison."""
    return [(r.day, r.counts[name].get("open", 0) if name in r.counts else None) for r in reversed(runs)]


def _line(title: str, about: str, href: str, c: Count, today: date, missing: str = "", picture: Trend | None = None) -> Line:
    moved = [f"+{words.number(c.came)}" if c.came else "", f"−{words.number(c.left)}" if c.left else ""]
    return Line(
        title, missing or about, href, words.number(c.open), words.number(c.given), words.number(c.confirmed),
        words.number(c.ended), " ".join(filter(None, moved)) or "—", "fine" if c.left > c.came else "late" if c.came else "",
        words.day(c.oldest, today), picture,
    )  # fmt: skip


# --- the differences of one -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Side:
    """What one source says, and where: title and page of the document."""

    value: str
    place: str
    source: str
    href: str


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that happened to a difference."""

    day: str
    what: str
    author: str


@dataclass(frozen=True, slots=True)
class Row:
    """One difference."""

    address: str
    who: str
    born: str
    href: str
    left: Side
    right: Side
    org: str
    since: str
    state: Tag
    work: str
    answer: str
    may_confirm: bool
    may_undo: bool
    history: tuple[HistoryLine, ...]


@dataclass(frozen=True, slots=True)
class Tab:
    """Differences of one state with their count."""

    title: str
    href: str
    count: str
    current: bool


@dataclass(frozen=True, slots=True)
class DifferencesPage:
    """One comparison: tabs, filters, differences, and the form that gives work."""

    title: str
    about: str
    fixer: str
    said: str
    complaint: str
    tabs: tuple[Tab, ...]
    tab: str
    clinic: str
    work: str
    clinics: tuple[Option, ...]
    works: tuple[Option, ...]
    action: str
    left: str
    right: str
    rows: tuple[Row, ...]
    empty: tuple[str, str]
    more_href: str
    reasons: tuple[Option, ...]
    free: str
    free_by: tuple[tuple[str, str], ...]
    number: int
    most: int
    todo: str
    rule: str
    trend: Trend | None
    runs: tuple[RunLine, ...]


def differences_page(
    found: Reader, comparison: Comparison, asked: Asked, count: Count, rows: Sequence[DifferenceRow],
    histories: Mapping[int, Sequence[Event]], clinics: Sequence[Count], free: Sequence[tuple[str, str, int]],
    names: Mapping[str, str], runs: Sequence[Run] = (), *, full: bool, most: int, said: str = "", complaint: str = "",
) -> DifferencesPage:  # fmt: skip
    """`names`: organisations by OID; `free`: differences without work by organisation; `full`: there may be more rows."""
    numbers = {"open": count.open, "confirmed": count.confirmed, "ended": count.ended}
    left_over = sum(n for *_, n in free)
    more = asked.address(comparison.name, after=str(rows[-1].id)) if full and rows else ""
    return DifferencesPage(
        title=comparison.title,
        about=comparison.about,
        fixer=comparison.fixer,
        said=said,
        complaint=complaint,
        tabs=tuple(
            Tab(t, asked.address(comparison.name, tab=k, work=""), words.number(numbers[k]), k == asked.tab)
            for k, t in TAB_TITLES.items()
        ),
        tab=asked.tab,
        clinic=asked.clinic,
        work=asked.work,
        clinics=(
            Option("", "все клиники", not asked.clinic),
            *(Option(c.name, f"{c.title or 'не указана'} ({c.open})", c.name == asked.clinic) for c in clinics),
        )
        if len(clinics) > 1
        else (),
        works=tuple(Option(k, t, k == asked.work) for k, t in WORK.items()) if asked.tab == "open" else (),
        action=f"/comparisons/{comparison.name}",
        left=comparison.left,
        right=comparison.right,
        rows=tuple(_row(r, histories.get(r.id, ()), found, names) for r in rows),
        empty=EMPTY[asked.tab],
        more_href=more,
        reasons=tuple(Option(k, t) for k, t in REASONS.items()),
        free=words.count(left_over, "расхождение без задачи", "расхождения без задачи", "расхождений без задачи")
        if left_over
        else "",
        free_by=tuple((name or "клиника не указана", words.number(n)) for _, name, n in free[:12]),
        number=min(left_over, 50),
        most=min(left_over, most),
        todo=comparison.todo,
        rule=comparison.rule,
        trend=trend_picture.draw(_opened(runs, comparison.name), trend_picture.LARGE, found.today),
        runs=tuple(_run(r.day, [r.counts[comparison.name]], found.today) for r in runs if comparison.name in r.counts),
    )


def _row(r: DifferenceRow, history: Iterable[Event], found: Reader, names: Mapping[str, str]) -> Row:
    answer = ""
    if r.state == "confirmed":
        said_ = [REASONS.get(r.confirmed_reason, r.confirmed_reason), r.confirmed_note]
        answer = ": ".join(filter(None, said_)) + f". {r.confirmed_by}, {words.day(r.confirmed_on, found.today)}"
    work = ""
    if r.work_due is not None:
        work = (
            f"задача до {words.day(r.work_due, found.today)}"
            if r.work_closed is None
            else f"задача завершена {words.day(r.work_closed, found.today)}"
        )
    since = f"найдено {words.day(r.found_on, found.today)}"
    if r.ended_on is not None:
        since = f"{words.day(r.found_on, found.today)} — {words.day(r.ended_on, found.today)}"
    return Row(
        address=str(r.public_id),
        who=full_name(r.family, r.given, r.patronymic),
        born=words.day(r.birth_date) if r.birth_date else "",
        href=f"/case/{r.person}",
        left=_side(r.left_values, r.left_source, r.left_document, names),
        right=_side(r.right_values, r.right_source, r.right_document, names),
        org=r.org_name or "не указано",
        since=since,
        state=Tag(STATES[r.state], TONES[r.state]),
        work=work,
        answer=answer,
        may_confirm=r.state == "open",
        may_undo=r.state == "confirmed",
        history=tuple(_event(e, found) for e in history),
    )


def _side(values: Mapping[str, Any], source: str, document: str, names: Mapping[str, str]) -> Side:
    org = str(values.get("org", ""))
    return Side(
        said(values), names.get(org, org), source if values else "", f"/document/{document}" if document and values else ""
    )


def _event(e: Event, found: Reader) -> HistoryLine:
    what = EVENTS.get(e.kind, e.kind)
    if e.kind == "changed" or (e.kind == "returned" and e.data):
        what += f", было: {said(e.data.get('left', {}))} / {said(e.data.get('right', {}))}"
    if e.kind == "confirmed":
        what += ": " + ". ".join(filter(None, (REASONS.get(str(e.data.get("reason")), ""), str(e.data.get("note", "")))))
    return HistoryLine(words.day(e.on_day, found.today), what, e.author)
