"""From stored bytes of a list to staged rows: what kind it is, of which day, who sent it, row by row with rejects."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import IO, Any

from oncor_cases.actions.list_columns import reading_of
from oncor_cases.actions.list_stages import Progress
from oncor_cases.facts.listed import place
from oncor_cases.facts.registers import OTHER_REGISTER
from oncor_cases.kernel.codes import is_oid
from oncor_cases.kernel.errors import UserError
from oncor_cases.sources import lists as sources
from oncor_cases.sources.lists import NotATable, NotRecognised, claims, oncor
from oncor_cases.sources.lists.cells import Surroundings
from oncor_cases.sources.lists.header import Header, missing
from oncor_cases.sources.lists.kinds import TABLES
from oncor_cases.sources.lists.rows import Good, Reject, Sheet, head, lay
from oncor_cases.sources.lists.rows import read as read_rows
from oncor_cases.sources.lists.schema import Kind, Values, content_hash, packed, row_key
from oncor_cases.sources.lists.tables import form_of, open_table, unpacked
from oncor_cases.store import list_bytes, listed, lists, regions
from oncor_cases.store.listed import Staged
from oncor_cases.store.lists import Load, RejectRow
from oncor_cases.store.session import Connection

BATCH = 2_000  # rows staged in one transaction
OF_DAY = (
    "Не сказано, за какой день или месяц этот список, поэтому исправленный не заменил бы прежний. Укажите день или список, "
    "который он исправляет"
)
OF_REGION = "Напишите, какого региона этот канцер-регистр: иначе он заменит список другого"
REJECTS_KEPT = 100_000  # of one load; the rest is only counted
EARLIEST = date(2000, 1, 1)
_DAY_IN_NAME = re.compile(r"(?<!\d)(20\d\d)[-_.]?(0[1-9]|1[0-2])(?:[-_.]?(0[1-9]|[12]\d|3[01]))?(?!\d)")
_RUSSIAN_IN_NAME = re.compile(r"(?<!\d)(0[1-9]|[12]\d|3[01])[-_.](0[1-9]|1[0-2])[-_.](20\d\d)(?!\d)")


@dataclass(frozen=True, slots=True)
class Plan:
    """How a list will be read. `declared`: the day of the list was told, not taken from the day it came."""

    kind: Kind
    columns: dict[str, str]
    mapping_name: str
    sender: str
    as_of: date
    declared: bool
    series: str
    part: str
    rows: Iterator[Good | Reject]
    sheet: Sheet | None = None  # of a list of everybody, whose rows are not read one by one
    file: IO[bytes] | None = None  # that list
    reading: dict[str, Any] = field(default_factory=dict)  # what of a table is read
    asked: dict[str, str] = field(default_factory=dict)  # the mapping it was to be read by


class Untold(UserError):
    """What a list of this kind cannot do without was not told (`asks`: `day` or `region`); the rest is known already.

    `columns`: those found; `asked`: those of the mapping it was to be read by, found or not."""

    def __init__(self, asks: str, message: str, kind: Kind, columns: dict[str, str], asked: dict[str, str],
                 mapping_name: str, sender: str) -> None:  # fmt: skip
        super().__init__(message)
        self.asks, self.kind, self.columns, self.asked = asks, kind, columns, asked
        self.mapping_name, self.sender = mapping_name, sender

    @property
    def series(self) -> str:
        """Of a list of events."""
        return _series(self.kind, self.sender, "")


class Shrunk(UserError):
    """A snapshot that lost so much of what there was (`before`, `now`) that it looks cut off."""

    def __init__(self, message: str, before: int, now: int) -> None:
        super().__init__(message)
        self.before, self.now = before, now


def known_kind(name: str) -> Kind | None:
    """The kind of that name, None for an empty one. Raises UserError."""
    if not name:
        return None
    if name not in sources.KINDS:
        raise UserError(f"Вида списка «{name}» нет; есть: {', '.join(sources.KINDS)}")
    return sources.KINDS[name]


def complete(kind: str, columns: Mapping[str, str]) -> None:
    """Raises UserError while a mapping lacks what a list of this kind cannot do without."""
    found = known_kind(kind)
    if found is None:
        raise UserError("Выберите вид списка")
    absent = missing(found, {ours: 0 for ours, theirs in columns.items() if theirs})
    if absent:
        raise UserError(f"Не сопоставлены столбцы: {', '.join(absent)}")
    chosen = [theirs for theirs in columns.values() if theirs]
    if len(chosen) != len(set(chosen)):
        raise UserError("Один столбец файла указан дважды")


def recognise(conn: Connection, region: int, load: Load, file: IO[bytes]) -> Plan:
    """Kind, columns, day and sender of a stored list. Raises NotRecognised, Untold, NotATable, UserError."""
    around = surroundings(conn, region, load)
    today, sheet, reading, asked = around.today, None, {}, {}
    start = file.read(4096)
    file.seek(0)
    form, wanted = form_of(start), known_kind(load.kind)
    columns, mapping_name, sender, part = dict(load.mapping), load.mapping_name, load.sender_org, load.part
    told = load.as_of or day_of_name(load.name)
    if (wanted and wanted.name == "claims") or (not wanted and _claims(load.name, start, form)):
        bill = claims.head(file)
        file.seek(0)
        told = load.as_of or _day(bill.get("DATA"))
        sender = sender or around.orgs.get(bill.get("CODE_MO", "").lower(), "") or bill.get("CODE_MO", "")
        part = part or f"{bill.get('FILENAME', '')[:2]}|{bill.get('NSCHET', '')}"
        kind, rows = claims.CLAIMS, claims.read(file, around)
    elif (wanted and wanted.name == "oncor_records") or (not wanted and form == "json"):
        kind, rows = oncor.RECORDS, oncor.read(file, around)
    elif form == "zip" and not _workbook(file):
        raise NotATable("archive", "Это архив из нескольких файлов: загружайте их по одному")
    else:
        if not columns and wanted is None:
            wanted, columns, mapping_name, sender = _saved(conn, region, load, file, sender)
        table = open_table(file, records=wanted.xml_rows if wanted and form == "xml" and _named(start, wanted) else ())
        sheet = lay(table, TABLES, name=load.name, kind=wanted, columns=columns or None)
        kind = sheet.match.kind
        rows = iter(()) if kind.population else read_rows(sheet, around)
        reading, asked = reading_of(sheet), columns
        columns = {ours: sheet.header.names[place] for ours, place in sheet.match.places.items()}
    sender = sender or kind.keeper
    if sender == OTHER_REGISTER:
        raise Untold("region", OF_REGION, kind, columns, asked, mapping_name, sender)
    if told is None and not kind.snapshot and not kind.by_number:
        raise Untold("day", OF_DAY, kind, columns, asked, mapping_name, sender)
    as_of = told or today
    if not EARLIEST <= as_of <= date(today.year + 1, 12, 31):
        raise UserError("День списка вне разумных пределов: укажите его заново")
    if kind.by_number and told is None and not part:
        part = load.sha256.hex()[:16]  # it covers no period: it adds, and its rows replace those of the same numbers
    if kind.population and is_oid(sender):  # the registrar of a clinic sends its own: everybody else would seem to have left
        raise UserError("Список всех застрахованных составляет фонд, а не организация: укажите отправителем ТФОМС")
    if kind.population and part:
        raise UserError("Список всех застрахованных приходит целиком: частями он не складывается")
    series = _series(kind, sender, part)
    whole = (sheet, file) if kind.population else (None, None)
    return Plan(kind, columns, mapping_name, sender, as_of, told is not None, series, part, rows, *whole, reading, asked)


def surroundings(conn: Connection, region: int, load: Load) -> Surroundings:
    """What converters of this list need."""
    today = load.received_at.astimezone(regions.get(conn, region).zone).date()
    return Surroundings(today, lists.org_words(conn, region), lists.dictionary(conn, region, "stages"))


def stage(conn: Connection, region: int, load: int, plan: Plan, progress: Progress) -> dict[str, int]:
    """Reads every row into staging, in small transactions nobody sees; returns the counts. Raises NotATable."""
    counts = dict.fromkeys(
        ("rows", "good", "rejected", "warned", "repeated", "not_ours", "documents", "gone", "withdrawn", "facts"),
        0,
    )
    seq = 0
    for batch in _batches(plan.rows, BATCH):
        rejects = [item for item in batch if isinstance(item, Reject)]
        good = [item for item in batch if isinstance(item, Good)]
        ours = [item for item in good if plan.kind.concerns(item.values)]
        counts["not_ours"] += len(good) - len(ours)
        rows = [row for item in ours for row in _staged(plan, item)]
        with conn.transaction():
            twice = listed.stage(conn, region, load, rows)
            same = {line for line, (_, equal) in twice.items() if equal}
            rejects += [
                Reject(line, "", "twice", f"Та же строка стоит выше ({_place(plan, before)}) с другими значениями", ())
                for line, (before, equal) in sorted(twice.items())
                if not equal
            ]
            told = [
                RejectRow(
                    seq + at,
                    r.line,
                    r.field,
                    r.code,
                    r.message,
                    r.accepted,
                    [c.replace("\x1f", " ").replace("\x00", "") for c in r.raw],
                )
                for at, r in enumerate(rejects)
            ]
            lists.add_rejects(conn, region, load, [row for row in told if row.seq < REJECTS_KEPT])
            seq += len(told)
            refused = {r.line for r in rejects if not r.accepted}
            counts["rejected"] += len(refused)
            counts["warned"] += sum(r.accepted for r in rejects)
            counts["repeated"] += len(same)
            counts["good"] += len({item.line for item in ours} - twice.keys())
            counts["rows"] += len(good) + len(refused - twice.keys())
        progress(counts["rows"])
    if not counts["rows"]:
        raise NotATable("empty", "В списке нет ни одной строки")
    if not counts["good"] and counts["rejected"] and not counts["repeated"]:
        with conn.transaction():
            lists.change(conn, region, load, counts=counts)
        raise UserError("Ни одна строка не прочитана: причины — в отклонённых строках")
    return counts


def fingerprint(conn: Connection, region: int, load: Load) -> str:
    """The fingerprint of a stored table's header; empty if it has none. Raises UserError for bytes that are no table."""
    try:
        header, _ = preview(conn, region, load, count=0)
    except NotATable as error:
        raise UserError(error.message) from error
    return header.fingerprint if header else ""


def preview(conn: Connection, region: int, load: Load, count: int = 10) -> tuple[Header | None, list[tuple[str, ...]]]:
    """The header and the first rows of a stored table as text. Raises NotATable."""
    with list_bytes.opened(conn, region, load.sha256) as stored, unpacked(stored) as file:
        header, rows = head(open_table(file), TABLES, count)
        return header, [tuple("" if cell is None else str(cell) for cell in row) for _, row in rows]


def day_of_name(name: str) -> date | None:
    """The day or month a file's name tells (`deaths_2026-10.csv` is the first of October); None without one."""
    stem = name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    if match := _RUSSIAN_IN_NAME.search(stem):
        return _real(match[3], match[2], match[1])
    if match := _DAY_IN_NAME.search(stem):
        return _real(match[1], match[2], match[3] or "01")
    return None


# --- steps ----------------------------------------------------------------------------------------------------------


def _series(kind: Kind, sender: str, part: str) -> str:
    return kind.name if kind.population else f"{kind.name}|{sender}" + (f"|{part}" if kind.snapshot else "")


def _saved(
    conn: Connection, region: int, load: Load, file: IO[bytes], sender: str
) -> tuple[Kind | None, dict[str, str], str, str]:
    """A mapping somebody saved for exactly this header: next month the list loads by itself."""
    header, _ = head(open_table(file), TABLES, 0)
    file.seek(0)
    found = lists.mapping_of(conn, region, header.fingerprint) if header else None
    if found is None:
        return None, {}, "", sender
    return known_kind(found.kind), dict(found.columns), found.name, sender or found.sender_org


def _staged(plan: Plan, item: Good) -> Iterator[Staged]:
    filled = plan.kind.fill(item.values, plan.as_of.isoformat())
    for values in plan.kind.records(filled):
        content = packed(values)
        yield Staged(row_key(plan.kind, values), content_hash(content), item.line, content)


def _place(plan: Plan, line: int) -> str:
    sheets = plan.reading.get("sheets", ())
    return place(line, sheets) if len(sheets) > 1 else f"строка {line}"


def _claims(name: str, start: bytes, form: str) -> bool:
    if form == "xml":
        return claims.is_claims(name, start)
    return form == "zip" and bool(re.match(claims.CLAIMS.files, name.rsplit("/", 1)[-1].split("!")[-1].lower()))


def _workbook(file: IO[bytes]) -> bool:
    try:
        table = open_table(file)
    except NotATable as error:
        if error.code == "no_table":
            return False
        raise
    finally:
        file.seek(0)
    return table.form == "xlsx"


def _named(start: bytes, kind: Kind) -> bool:
    return any(b"<" + name.encode() + b">" in start or b"<" + name.encode() + b" " in start for name in kind.xml_rows)


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def _real(year: str, month: str, number: str) -> date | None:
    try:
        return date(int(year), int(month), int(number))
    except ValueError:
        return None


def _batches(items: Iterable[Good | Reject], size: int) -> Iterator[list[Good | Reject]]:
    batch: list[Good | Reject] = []
    for item in items:
        batch.append(item)
        if len(batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch


__all__ = ["NotRecognised", "Plan", "Values", "complete", "day_of_name", "preview", "recognise", "stage"]
