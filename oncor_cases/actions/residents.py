"""The insured list comes in: whole or not at all, good lines taken, bad ones listed with their reasons.

    bytes ─► COPY (or line by line, if a line cannot be copied) ─► validation in SQL ─► residents ─► known persons joined

Everything is one transaction: a load killed in the middle has left nothing. The same bytes again do nothing; a later or
corrected list touches only what differs; an earlier one corrects nobody (store/resident_apply.py)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from oncor_cases.kernel.days import listed_day
from oncor_cases.kernel.errors import Conflict, UserError
from oncor_cases.sources import insured
from oncor_cases.store import documents, links, persons, regions, resident_apply, resident_list, residents
from oncor_cases.store.session import ROW_REFUSED, Connection, Database

BLOCK = 1 << 20
MAY_LEAVE = 0.1  # a list that loses more of the region than this is most likely half a list
FEW = 50  # persons; below it a share says nothing


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did. `rejected` lines were not taken, of `flawed` ones a value was left out; `known`: residents who
    turned out to be persons already known here. `again`: these bytes had been loaded before."""

    load: int
    lines: int = 0
    added: int = 0
    corrected: int = 0
    gone: int = 0
    rejected: int = 0
    flawed: int = 0
    known: int = 0
    again: bool = False
    reasons: Mapping[str, int] = field(default_factory=dict)

    def told(self) -> dict[str, object]:
        """For `--json`: counts, no value of a person."""
        return asdict(self)


REASONS = {
    "no_policy": "нет номера полиса",
    "policy_notation": "номер полиса испорчен таблицей (вид 7,7E+15): выгрузите столбец как текст",
    "policy_check": "в номере полиса ошибка: нужны 16 цифр, контрольная должна сойтись",
    "no_name": "нет фамилии или имени",
    "birth_date": "такой даты рождения не бывает, или она в будущем",
    "sex": "пол указан непонятно",
    "double": "этот полис есть в другой строке списка",
    "columns": "столбцов в строке больше или меньше, чем в заголовке",
    "quotes": "кавычки открыты и не закрыты",
    "encoding": "буквы не читаются: другая кодировка",
    "snils_check": "СНИЛС не принят: контрольные цифры не сходятся; человек загружен без него",
    "attachment_date": "дата прикрепления не принята; человек загружен без неё",
}
FLAWS = frozenset({"snils_check", "attachment_date"})  # of a value, not of the line


def load(
    db: Database,
    path: Path,
    *,
    region: int,
    as_of: date,
    by: str,
    version: int | None = None,
    mapping: Mapping[str, str] | None = None,
    may_leave: float = MAY_LEAVE,
    known_at: datetime | None = None,
) -> Loaded:
    """Takes in a CSV file that says who is insured on `as_of`. `known_at` is obeyed in a demo store only.

    Raises UserError (columns missing, empty), Conflict (so many would leave that the list looks cut off)."""
    with path.open("rb") as file:
        mark = sha256()
        while block := file.read(BLOCK):
            mark.update(block)
    with path.open("rb") as file:
        form = insured.layout(file.read(1 << 16), mapping)

    def copy(conn: Connection) -> list[insured.Refused]:
        return _copy_file(conn, path, form)

    columns = form.columns
    return _load(db, region, as_of, version, by, known_at, mark.digest(), path.name, columns, copy, may_leave)


def load_rows(
    db: Database,
    rows: Iterable[tuple[int, Mapping[str, str]]],
    columns: Sequence[str],
    *,
    region: int,
    as_of: date,
    by: str,
    digest: bytes,
    origin: str,
    version: int | None = None,
    may_leave: float = MAY_LEAVE,
    known_at: datetime | None = None,
) -> Loaded:
    """The same from rows another reader made (XLSX, DBF, XML): (line, field → text), dates as any list writes them.

    `columns`: which of the fields there are; `digest`: SHA-256 of the bytes the rows came from. Raises as `load`."""
    names = tuple(name for name in resident_list.FIELDS if name in columns)
    missing = [words for name, words in insured.NEEDED.items() if name not in names]
    if missing:
        raise UserError("В списке застрахованных нет столбцов: " + ", ".join(missing), code="columns_missing")

    def copy(conn: Connection) -> list[insured.Refused]:
        told = ((line, [str(values.get(n) or "").replace("\0", "") for n in names]) for line, values in rows)
        resident_list.copy_rows(conn, names, told)
        return []

    return _load(db, region, as_of, version, by, known_at, digest, origin, names, copy, may_leave)


def _load(db, region, as_of, version, by, known_at, digest, origin, columns, copy, may_leave) -> Loaded:  # type: ignore[no-untyped-def]
    with db.owner() as conn:
        conn.execute("set local role oncor_batch")
        resident_list.alone(conn, region)
        place = regions.get(conn, region)
        before = resident_apply.known_load(conn, region, digest)
        if before is not None and before.as_of == as_of and version in (None, before.version):
            return Loaded(before.id, again=True)
        resident_list.prepare(conn)
        number = version or resident_apply.next_version(conn, region, as_of)
        current = resident_apply.in_force(conn, region)
        first = current is None
        older = current is not None and (as_of, number) < (current.as_of, current.version)
        moment = known_at if place.demo else None
        id = resident_apply.open_load(conn, region, as_of, number, digest, origin[-200:], by, moment)
        resident_list.raw_table(conn, columns)
        unread = copy(conn)
        source = resident_list.fresh_table(conn, region, columns)
        resident_list.clean_table(conn, source, columns, listed_day, as_of)
        resident_list.mark_doubles(conn)
        added = corrected = gone = 0
        if source == resident_list.RAW:
            with resident_list.indexed_after(conn) if resident_list.nobody_anywhere(conn) else nullcontext():
                added = resident_list.insert(conn, region, id)
        else:
            resident_list.mark_beaten(conn, region, columns)
            resident_apply.who_is_known(conn, region)
            resident_apply.not_replaced(conn, columns)
            resident_apply.remember_former(conn, region, as_of, older=older)
            corrected = 0 if older else resident_apply.correct(conn, region, id)
            if not older:
                gone = _leave(conn, region, id, as_of, columns, may_leave)
            added = resident_apply.add(conn, region, id, current.as_of if older else None)
        resident_list.settled(conn)  # without fresh statistics the next step would walk the list once per record
        documents.lock(conn, region)
        known = _join(conn, region, id, first=first)
        counts = _counts(conn, region, id, unread, added, corrected, gone, known)
        if not counts.lines:
            raise UserError("В списке нет ни одной строки", code="empty_list")
        resident_apply.close_load(conn, region, id, {k: v for k, v in asdict(counts).items() if k != "load"})
        resident_list.drop_tables(conn)
        resident_apply.drop_tables(conn)
    return counts


def _copy_file(conn: Connection, path: Path, form: insured.Layout) -> list[insured.Refused]:
    """Straight to the server; if it meets a line it cannot take, line by line from the start."""
    try:
        with conn.transaction(), path.open("rb") as file:
            file.seek(form.skip)
            resident_list.copy_bytes(conn, form.columns, form.delimiter, form.encoding, iter(lambda: file.read(BLOCK), b""))
        return []
    except ROW_REFUSED:
        refused: list[insured.Refused] = []
        with path.open("rb") as file:
            file.seek(form.skip)
            resident_list.copy_rows(conn, form.columns, insured.rows(_lines(file), form, refused, form.columns))
        return refused


def _lines(file: Iterable[bytes]) -> Iterator[bytes]:
    yield from file


def _leave(conn: Connection, region: int, load: int, as_of: date, columns: Sequence[str], may_leave: float) -> int:
    resident_apply.absent(conn, region, columns)
    leaving, there = resident_apply.count_absent(conn, region)
    if leaving > max(FEW, there * may_leave):
        raise Conflict(
            f"Из списка выбыли бы {leaving} из {there}: похоже на неполный список. Ничего не изменено", code="half_a_list"
        )
    return resident_apply.leave(conn, region, load, as_of)


def _join(conn: Connection, region: int, load: int, *, first: bool) -> int:
    """Residents who are persons already known: their records join the component, and attachment is told."""
    fresh = residents.known_before(conn, region, load)
    changed = [] if first else residents.corrected(conn, region, load)
    asked = sorted({*fresh, *changed, *([] if first else residents.late_former(conn, region))})
    if not asked:
        return 0
    touched: set[int] = set()
    at = residents.moment_of(conn, region, load)
    for start in range(0, len(asked), CHUNK):
        touched |= links.connect(conn, region, asked[start : start + CHUNK], at, reason="insured")
    residents.state_attachment(conn, region, asked)
    touched |= persons.of_subjects(conn, region, asked)
    persons.refresh(conn, region, touched)
    return len(fresh)


CHUNK = 5000  # records decided about at once


def _counts(
    conn: Connection, region: int, load: int, unread: Sequence[insured.Refused], added: int, corrected: int, gone: int,
    known: int,
) -> Loaded:  # fmt: skip
    lines = resident_list.count_lines(conn) + len(unread)
    reasons = dict(resident_list.note_rejects(conn, region, load, unread))
    flawed = sum(n for code, n in reasons.items() if code in FLAWS)
    rejected = sum(reasons.values()) - flawed
    return Loaded(load, lines, added, corrected, gone, rejected, flawed, known, False, reasons)
