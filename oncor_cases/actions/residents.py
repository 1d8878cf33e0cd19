"""The insured list comes in: whole or not at all, good lines taken, bad ones listed with their reasons.

    bytes ─► lines beside the database, validated ─► residents ─► known persons joined

Everything is one transaction: a load killed in the middle has left nothing. A later or corrected list touches only what
differs; an earlier one corrects nobody (store/resident_apply.py). The door is actions/lists.py, as for every list."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from heapq import merge
from itertools import islice

from oncor_cases.actions import list_reading
from oncor_cases.actions.list_reading import REJECTS_KEPT, Plan, Shrunk
from oncor_cases.actions.list_stages import Progress
from oncor_cases.kernel.dates import as_date
from oncor_cases.sources.lists import NotATable, cells, lines
from oncor_cases.sources.lists.cells import Bad, Cell, Surroundings
from oncor_cases.store import (
    audit,
    documents,
    links,
    lists,
    persons,
    raw,
    resident_apply,
    resident_list,
    resident_parts,
    residents,
)
from oncor_cases.store.lists import Load, RejectRow
from oncor_cases.store.resident_judged import ROW, filled
from oncor_cases.store.resident_lines import Lines, Unreadable
from oncor_cases.store.resident_list import JOINED
from oncor_cases.store.session import Connection, Database

BLOCK = 1 << 17  # bytes; small enough to stay in the processor's cache while they are recoded
FEW = 50  # persons; below it a share says nothing
CHUNK = 5000  # records decided about at once
TOLD = 50_000  # lines between two words of progress

POLICY = "ЕНП (полис)"
REASONS = {  # code → (column, words)
    "no_policy": (POLICY, "Нет номера полиса"),
    "policy_notation": (POLICY, "Номер полиса испорчен таблицей (вид 7,7E+15): последние цифры потеряны, нужен текст"),
    "policy_check": (POLICY, "В номере полиса ошибка: нужны 16 цифр, контрольная должна сойтись"),
    "too_long": (
        "",
        "Слишком длинное значение (ФИО больше 1000 букв либо страховая, телефон или адрес больше 2000): похоже, строки "
        "слиплись",
    ),
    "no_name": ("Фамилия", "Нет фамилии или имени"),
    "birth_date": ("Дата рождения", "Дата рождения неполная (нужен день), невозможная или в будущем"),
    "sex": ("Пол", "Пол не читается: нужно М или Ж, 1 или 2"),
    "double": (POLICY, "Этот полис есть в другой строке списка с другими значениями"),
    "columns": ("", "Столбцов в строке больше или меньше, чем в заголовке"),
    "quotes": ("", "Кавычки открыты и не закрыты"),
    "encoding": ("", "Буквы не читаются: другая кодировка"),
    "snils_check": ("СНИЛС", "Контрольные цифры СНИЛС не сходятся"),
    "attachment_date": ("Дата прикрепления", "Дата прикрепления не читается"),
    "org": ("Прикрепление", "Организация не узнана: нет такого OID, кода или названия в справочнике региона"),
}
NOTHING = "Ни одна строка не прочитана: причины — в отклонённых строках"


def load(db: Database, region: int, found: Load, plan: Plan, *, confirmed: bool, progress: Progress) -> None:
    """Takes in a list that was recognised and writes what became of it into its load.

    Raises NotATable (broken off, empty), Shrunk (so many would leave that the list looks cut off)."""
    try:
        _load(db, region, found, plan, confirmed, progress)
    except BaseException:
        resident_parts.dropped(db, region, found.id)
        raise


def _load(db: Database, region: int, found: Load, plan: Plan, confirmed: bool, progress: Progress) -> None:
    with db.owner() as conn:
        begin(conn, region)
        told = found._replace(as_of=plan.as_of)
        later = [one for one in counting(conn, region, plan.series) if _order(one) > _order(told)]
        with Apply(conn, region, told, plan, progress) as apply:
            counts = apply.run(db, later[0].as_of if later else None, confirmed)
        state, error = ("loaded", "") if counts["good"] else ("failed", NOTHING)
        lists.change(conn, region, found.id, state=state, error=error, counts=counts, finished_at=raw.now(conn))
        restate(conn, region, plan.series)
        if state == "loaded":
            audit.note(
                conn, region, "list_loaded", author=found.author, object=str(found.id), detail={"kind": plan.kind.name}
            )


# --- a list -------------------------------------------------------------------------------------------------------------


class Apply:
    """One list into the rows of residents, step by step in the caller's transaction. A context."""

    def __init__(
        self, conn: Connection, region: int, found: Load, plan: Plan, progress: Progress
    ) -> None:  # fmt: skip
        self.conn, self.region, self.load, self.plan, self.progress = conn, region, found, plan, progress
        assert plan.sheet is not None
        assert plan.file is not None
        self.sheet, self.file = plan.sheet, plan.file
        self.columns = lines.columns_of(plan.sheet)
        self.refused = lines.Refusals()
        self.added = self.corrected = self.gone = self.known = 0
        self._open = ExitStack()

    def __enter__(self) -> "Apply":
        self.lines = self._open.enter_context(Lines(self.columns))
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def run(self, db: Database, until: date | None, confirmed: bool) -> dict[str, int]:
        """`until`: the day of the next list, where this one is not the latest. Raises Shrunk, NotATable. Returns the
        counts."""
        conn, region = self.conn, self.region
        first = resident_parts.nobody(conn, region)
        self.read(first=first)
        if first:
            self.fill(db)
        elif self.change(until, confirmed):
            self.progress.stage("waiting")
            documents.lock(conn, region)
            self.progress.stage("joining")
            resident_list.settled(
                conn, *JOINED
            )  # without fresh statistics the next step would walk the list once per record
            self.known = self.join(first=False)
        counts = self.counts()
        resident_list.drop_tables(conn)
        return counts

    def fill(self, db: Database) -> None:
        """Everybody of the list into a part of its own, beside; meanwhile those already known are joined, before there are
        indexes of millions to keep."""
        conn, region, load = self.conn, self.region, self.load.id
        before = resident_list.numbers(conn, self.lines.size())
        columns = filled(self.lines.have)
        parts = self.lines.taken(f"({before} + line)::integer, {columns}")
        columns = f"person_id, {columns}"
        part = resident_parts.begun(db, region, load)
        self.progress.stage("joining")
        self.added = resident_list.add(conn, region, load, columns, next(parts))
        with _short_turns(), ThreadPoolExecutor(1) as beside:
            rest = beside.submit(resident_parts.written, db, part, columns, parts)
            resident_list.settled(conn, *JOINED)
            self.known = self.join(first=True)
            self.progress.stage("writing")
            self.added += rest.result()
        if not self.added:  # a region without residents has no part of its own
            resident_parts.dropped(db, region, load)
            return
        resident_parts.moved(conn, db, region, part)
        self.progress.stage("indexing")
        resident_parts.indexed(db, part)
        resident_parts.taken_in(conn, region, part)
        resident_list.settled(conn)

    def change(self, until: date | None, confirmed: bool) -> bool:
        """What differs. Returns whether anything did. A list without one good line says of nobody that they are gone."""
        conn, region, load = self.conn, self.region, self.load
        self.progress.stage("matching")
        self.meet()
        if not self.lines.count().good:
            return False  # a list nobody could read says nothing of those it lacks
        self.progress.stage("writing")
        former = resident_apply.remember_former(conn, region, load.id, self.day, older=False)
        if until is None:
            self.corrected = resident_apply.correct(conn, region, load.id)
            self.gone = self.leave(confirmed)
        else:
            resident_apply.remember_former(conn, region, load.id, self.day, older=True)
            self.listed(resident_apply.gone_since(conn, region, self.day, until))
            resident_apply.between(conn, region, load.id, self.day, until)
        self.added = resident_apply.add(conn, region, load.id, until)
        resident_apply.present_names(conn, region)
        return until is not None or bool(former or self.corrected or self.gone or self.added)

    @property
    def day(self) -> date:
        """The day of the list."""
        assert self.load.as_of is not None
        return self.load.as_of

    def read(self, *, first: bool) -> None:
        """`lines`: what of the list nobody in force was made from, validated."""
        self.progress.stage("reading")
        self.copy()
        self.lines.mention(self.refused.policies())
        if first:
            self.progress.stage("waiting")
            documents.lock(self.conn, self.region)  # from here on nobody becomes known whom the lines do not ask for
        self.progress.stage("judging")
        if not first:
            self.lines.read_known(resident_list.in_force(self.conn, self.region))
        around = list_reading.surroundings(self.conn, self.region, self.load)
        named = residents.numbers(self.conn, self.region) if first else ()
        self.lines.judge(self.day, _day(around), _once(cells.org, around), named)
        if not first:
            self.lines.mark_beaten()

    def copy(self) -> None:
        """The bytes as they are; if a line of them is none, or the list is no plain CSV, row by row."""
        form = lines.layout(self.file, self.sheet)
        if form is None:
            self.lines.read_rows(self._told(lines.sheet_rows(self.sheet, self.refused)))
            return
        try:
            self.file.seek(form.skip)
            blocks = self._counted(iter(lambda: self.file.read(BLOCK), b""))
            self.lines.read_bytes(blocks, form.encoding, form.delimiter)
        except Unreadable:
            sheet = lines.again(self.file, form, self.sheet)
            self.lines.read_rows(self._told(lines.sheet_rows(sheet, self.refused)))

    def meet(self) -> None:
        """Which line is which resident."""
        resident_list.waiting(self.conn, self.lines.taken(f"line, {ROW}"))
        resident_apply.who_is_known(self.conn, self.region)
        self.listed(resident_apply.replaced(self.conn))
        resident_apply.not_replaced(self.conn)

    def listed(self, asked: Iterable[bytes]) -> None:
        """`staging.listed`: which of these policies stand in the list."""
        resident_list.policies(self.conn, "listed", self.lines.listed(asked))

    def leave(self, confirmed: bool) -> int:
        """Those in it no more. Raises Shrunk."""
        resident_list.policies(self.conn, "absent", self.lines.absent())
        resident_apply.absent(self.conn)
        leaving, there = resident_apply.count_absent(self.conn, self.region)
        if not confirmed and leaving > max(FEW, there * self.plan.kind.may_lose):
            raise Shrunk(f"Из списка выбыли бы {leaving} из {there}. Похоже, он неполный", there, there - leaving)
        return resident_apply.leave(self.conn, self.region, self.day)

    def join(self, *, first: bool, at: datetime | None = None) -> int:
        """Residents who are persons already known: their records join the component, and attachment is told."""
        conn, region, load = self.conn, self.region, self.load
        at = at or load.received_at
        fresh = residents.known_before(conn, region, load.id)
        changed = [] if first else [*residents.corrected(conn, region, load.id), *residents.late_former(conn, region)]
        asked = sorted({*fresh, *changed})
        gone = resident_apply.who_left(conn, region)
        touched: set[int] = set()
        for start in range(0, len(asked), CHUNK):
            touched |= links.connect(conn, region, asked[start : start + CHUNK], at, reason="insured")
        residents.state_attachment(conn, region, [*asked, *gone], at)
        touched |= persons.of_subjects(conn, region, [*asked, *gone])
        persons.refresh(conn, region, touched)
        return len(fresh)

    def counts(self) -> dict[str, int]:
        """What became of the lines, with the rejects written. Raises NotATable."""
        count = self.lines.count()
        rows = count.read + self.refused.count
        if not rows:
            raise NotATable("empty", "В списке нет ни одной строки")
        self.progress.stage("rejecting")
        self.note_rejects()
        rejected = count.bad + self.refused.count
        return {
            "rows": rows, "good": count.good, "rejected": rejected, "warned": self.lines.flaws(),
            "repeated": count.same, "added": self.added, "corrected": self.corrected, "gone": self.gone, "known": self.known,
        }  # fmt: skip

    def note_rejects(self) -> None:
        """Lines that were not taken, and values of taken lines that were not, in the order of the list."""
        unread = ((one.line - 1, one.code, False, [one.raw]) for one in self.refused.kept)
        found = merge(self.lines.rejects(REJECTS_KEPT), unread, key=lambda row: row[:2])
        told = [
            RejectRow(seq, line + 1, REASONS[code][0], code, REASONS[code][1], taken, texts)
            for seq, (line, code, taken, texts) in enumerate(islice(found, REJECTS_KEPT))
        ]
        for start in range(0, len(told), CHUNK):
            lists.add_rejects(self.conn, self.region, self.load.id, told[start : start + CHUNK])

    def _counted(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        seen = told = 0
        for block in blocks:
            yield block
            seen += block.count(b"\n")
            if seen - told >= TOLD:
                told = seen
                self.progress(seen)
        self.progress(seen)

    def _told(self, rows: Iterable[tuple[int, Sequence[str]]]) -> Iterator[tuple[int, Sequence[str]]]:
        for seen, row in enumerate(rows, 1):
            yield row
            if seen % TOLD == 0:
                self.progress(seen)


# --- steps --------------------------------------------------------------------------------------------------------------


def begin(conn: Connection, region: int) -> None:
    """One transaction of work over the insured of a region: nobody else loads or withdraws meanwhile."""
    conn.execute("set local role oncor_batch")
    resident_list.alone(conn, region)
    resident_list.prepare(conn)


@contextmanager
def _short_turns() -> Iterator[None]:
    """Threads of this process take turns ten times as often: one that only hands bytes on has to ask for its turn after
    every block, and would wait most of the time for one that computes."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(before / 10)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _order(one: Load) -> tuple[date, datetime, int]:
    """Of two lists the later day says how things are; of one day's, what was received later."""
    assert one.as_of is not None
    return one.as_of, one.received_at, one.id


def counting(conn: Connection, region: int, series: str, also: Load | None = None) -> list[Load]:
    """The lists that count (and `also`), ascending: the last one says how things are."""
    found = [one for one in lists.of_series(conn, region, series) if one.state in ("loaded", "replaced")]
    return sorted([*found, also] if also else found, key=_order)


def restate(conn: Connection, region: int, series: str) -> None:
    """A list is replaced by a later one of its day."""
    loads = counting(conn, region, series)
    last = {one.as_of: one.id for one in loads}
    for one in loads:
        state = "loaded" if last[one.as_of] == one.id else "replaced"
        if one.state != state:
            lists.change(conn, region, one.id, state=state)


def _day(around: Surroundings) -> Callable[[str], date | None]:
    read = _once(cells.day, around)
    return lambda text: as_date(read(text) or "")


def _once(convert: Callable[[Cell, Surroundings], str | None], around: Surroundings) -> Callable[[str], str | None]:
    """A converter of cells that gives nothing where it would refuse."""

    def read(text: str) -> str | None:
        try:
            return convert(text, around)
        except Bad:
            return None

    return read
