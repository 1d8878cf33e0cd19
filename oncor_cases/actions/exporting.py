"""A list as a file for people: CSV that a spreadsheet opens as it is, made while it is sent; or XLSX in constant memory.

A cell that begins like a formula is text: in XLSX by its type, in CSV by a leading apostrophe (what comes from a foreign
list may be meant to run on the reader's machine). Every export is in the audit with its size and columns before its first
byte leaves; one that broke off is there a second time, with the rows that left."""

import csv
import io
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from uuid import UUID

import xlsxwriter
from pyroaring import BitMap

from oncor_cases.actions import contingents as lists
from oncor_cases.kernel.errors import UserError
from oncor_cases.store import audit, members
from oncor_cases.store.members import MemberRow
from oncor_cases.store.session import Database, Scope, become_batch

LARGEST_SHEET = 1_048_575  # rows of a sheet without its head
TOO_MANY = "На лист XLSX помещается 1 048 575 человек, в списке больше: выберите CSV"
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
CUT = "ВЫГРУЗКА ОБОРВАЛАСЬ: файл неполный, скачайте список заново"
Value = str | date | None
COLUMNS: dict[str, tuple[str, Callable[[MemberRow], Value]]] = {
    "family": ("Фамилия", lambda m: m.family),
    "given": ("Имя", lambda m: m.given),
    "patronymic": ("Отчество", lambda m: m.patronymic),
    "birth_date": ("Дата рождения", lambda m: m.birth_date),
    "sex": ("Пол", lambda m: {"male": "м", "female": "ж"}.get(m.sex, "")),
    "snils": ("СНИЛС", lambda m: m.snils),
    "enp": ("ЕНП", lambda m: m.enp),
    "attached_org": ("OID прикрепления", lambda m: m.attached_org),
    "attached_name": ("Прикрепление", lambda m: m.attached_name),
    "died_on": ("Дата смерти", lambda m: m.died_on),
    "attributes": ("Столбцы файла, из которого список", lambda m: "; ".join(f"{k}: {v}" for k, v in m.attributes.items())),
}
USUAL = ("family", "given", "patronymic", "birth_date", "attached_name")


def shown(db: Database, scope: Scope, address: UUID, *, fresh: bool) -> tuple[BitMap, int | None]:
    """The members the reader may see, and the snapshot they are from; not `fresh`: as counts know it. Raises NotFound."""
    with db.web(scope) as conn:
        row = lists.visible(conn, scope, address)
        if not row.snapshot:
            return BitMap(), None
        held = lists.sets(conn, scope, [lists.name_of(address)], date.min, fresh=fresh)
        return held.shown(held.by_name[lists.name_of(address)]), row.snapshot


def begin(db: Database, scope: Scope, address: UUID, *, columns: Sequence[str], kind: str) -> "Export":
    """An export that is in the audit and may be made. `kind`: csv or xlsx.

    Raises NotFound for a list out of scope, UserError (no column, an unknown one, more rows than a sheet holds)."""
    if kind not in ("csv", "xlsx") or not set(columns) <= COLUMNS.keys():
        raise UserError("Выберите столбцы и вид файла")
    if not columns:
        raise UserError("Выберите хотя бы один столбец")
    who, snapshot = shown(db, scope, address, fresh=True)
    if kind == "xlsx" and len(who) > LARGEST_SHEET:
        raise UserError(TOO_MANY)
    made = Export(db, scope, address, who, snapshot, tuple(name for name in COLUMNS if name in columns), kind)
    made.note("contingent.export", len(who))
    return made


def export(db: Database, scope: Scope, address: UUID, *, columns: Sequence[str], kind: str, to: Path) -> int:
    """Writes the members the reader may see to a file; how many. One cut short leaves no file of that name.

    Raises what `begin` raises."""
    made, beside = begin(db, scope, address, columns=columns, kind=kind), to.with_name(f"{to.name}.part")
    try:
        if kind == "xlsx":
            made.xlsx(beside)
        else:
            with beside.open("wb") as file:
                file.writelines(made.csv())
        beside.replace(to)
    finally:
        beside.unlink(missing_ok=True)
    return made.written


@dataclass(slots=True)
class Export:
    """One export on its way. `written`: rows that left so far."""

    db: Database
    scope: Scope
    address: UUID
    who: BitMap
    snapshot: int | None
    columns: tuple[str, ...]
    kind: str
    written: int = 0

    def csv(self) -> Generator[bytes, None, None]:
        """The file in pieces of some thousands of rows. One that fails on the way ends with a line that says so, and raises;
        what fails before the first piece only raises."""
        out = io.StringIO()
        writer = csv.writer(out, delimiter=";")  # commas are decimal points here
        out.write("\ufeff")  # tells a spreadsheet the encoding
        writer.writerow(self._heads())
        with self._whole_or_noted():
            try:
                for rows in self._portions():
                    writer.writerows([safe(value) for value in row] for row in rows)
                    self.written += len(rows)
                    yield _taken(out)
            except Exception:
                if self.written:
                    yield f"\r\n{CUT}\r\n".encode()  # a proxy may hide that the connection broke
                raise

    def xlsx(self, to: Path) -> None:
        """The workbook, row by row."""
        options = {
            "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
        }  # fmt: skip
        with (
            self._whole_or_noted(),
            xlsxwriter.Workbook(str(to), options) as book,  # closed when it fails too: its rows wait in a file aside
        ):
            sheet, bold = book.add_worksheet("Список"), book.add_format({"bold": True})
            day = book.add_format({"num_format": "dd.mm.yyyy"})
            for at, head in enumerate(self._heads()):
                sheet.write_string(0, at, head, bold)
                sheet.set_column(at, at, 18)
            for row in chain.from_iterable(self._portions()):
                self.written += 1
                for at, value in enumerate(row):
                    if isinstance(value, date):
                        sheet.write_datetime(self.written, at, value, day)
                    elif value:
                        sheet.write_string(self.written, at, value)

    @contextmanager
    def _whole_or_noted(self) -> Iterator[None]:
        """A file that fails on the way, or whose reader goes away, is in the audit again."""
        try:
            yield
        except BaseException:
            self.note("contingent.export_cut", self.written)
            raise

    def note(self, action: str, rows: int) -> None:
        """A line of the audit, in a transaction of its own: it stays whatever becomes of the file."""
        with self.db.web(self.scope) as conn:
            become_batch(conn)
            audit.note(
                conn, self.scope.region, action, author=self.scope.user, object=str(self.address),
                detail={"rows": rows, "columns": list(self.columns), "kind": self.kind},
            )  # fmt: skip

    def _heads(self) -> list[str]:
        return [COLUMNS[name][0] for name in self.columns]

    def _portions(self) -> Iterator[list[list[Value]]]:
        """Each read in a transaction of its own: a slow reader of the file holds no connection, and the set is frozen."""
        asked = [COLUMNS[name][1] for name in self.columns]
        for start, limit in members.portions(self.who):
            with self.db.web(self.scope) as conn:
                rows = members.page(conn, self.scope, self.who, self.snapshot, start, limit)
            yield [[ask(m) for ask in asked] for m in rows]


def safe(value: Value) -> str:
    """A cell of a CSV that no spreadsheet takes for a formula."""
    text = value.strftime("%d.%m.%Y") if isinstance(value, date) else value or ""
    return f"'{text}" if text.startswith(RISKY) else text


def _taken(out: io.StringIO) -> bytes:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text.encode()
