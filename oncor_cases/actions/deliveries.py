"""What arrives at the doors: files, folders, archives, as a stream of deliveries. Nothing is skipped in silence.

An archive that cannot be taken apart safely is itself delivered, with the fault that sends it to quarantine."""

import csv
import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from oncor_cases.kernel.errors import UserError

DOCUMENT_LIMIT = 64 << 20  # bytes of one document; the reader has a limit of its own below it
ARCHIVE_LIMIT = 4 << 30  # bytes of everything inside one archive
KEPT_LIMIT = 512 << 20  # bytes of a faulty file that are still stored; a larger one stays where it lies
MEMBERS_LIMIT = 200_000
NESTED_LIMIT = 2  # an archive in an archive, no deeper
RATIO_LIMIT = 200  # XML shrinks some 10 to 30 times; a bomb shrinks a thousand times
SKIPPED = (".csv", ".md", ".json", ".part", ".tmp", ".crdownload")  # in a folder; a file named outright is always taken
DELIVERIES = "deliveries.csv"  # path,received_at: obeyed by demo stores only


@dataclass(frozen=True, slots=True)
class Delivery:
    """Bytes at the door. `received_at` counts in demo stores only. `fault`: (code, Russian text) of what was wrong
    with them before reading."""

    name: str
    data: bytes
    received_at: datetime | None = None
    fault: tuple[str, str] | None = None


def deliveries(paths: Iterable[Path]) -> Iterator[Delivery]:
    """Every document under these paths, folders in the order of `deliveries.csv` if they have one, else of names.

    Raises UserError for a path that is not there."""
    for path in paths:
        if path.is_dir():
            yield from _folder(path)
        elif path.is_file():
            yield from of_file(path, path.name)
        else:
            raise UserError(f"Нет файла или папки: {path}")


def files(folder: Path) -> Iterator[Path]:
    """The files of a folder that may hold documents, in the order of names."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden and path.suffix.lower() not in SKIPPED:
            yield path


def of_file(path: Path, name: str, received_at: datetime | None = None) -> Iterator[Delivery]:
    """The documents of one file: itself, or the members of an archive."""
    size = path.stat().st_size
    with path.open("rb") as file:
        archive = file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
        file.seek(0)
        if size > DOCUMENT_LIMIT and not archive:
            text = f"Файл больше {DOCUMENT_LIMIT >> 20} МБ: документом быть не может"
            yield Delivery(name, file.read(KEPT_LIMIT) if size <= KEPT_LIMIT else b"", received_at, ("too_large", text))
        elif archive:
            yield from _archive(file, name, received_at, 1)
        else:
            yield Delivery(name, file.read(), received_at)


def of_bytes(data: bytes, name: str, received_at: datetime | None = None) -> Iterator[Delivery]:
    """The documents of bytes that came over the network."""
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        yield from _archive(io.BytesIO(data), name, received_at, 1)
    elif len(data) > DOCUMENT_LIMIT:
        text = f"Файл больше {DOCUMENT_LIMIT >> 20} МБ: документом быть не может"
        yield Delivery(name, data[:KEPT_LIMIT], received_at, ("too_large", text))
    else:
        yield Delivery(name, data, received_at)


def _folder(folder: Path) -> Iterator[Delivery]:
    listed = folder / DELIVERIES
    if not listed.is_file():
        for path in files(folder):
            yield from of_file(path, path.relative_to(folder).as_posix())
        return
    told: dict[Path, list[datetime]] = {}
    with listed.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            moments = told.setdefault(folder / row["path"], [])
            if (row.get("action") or "deliver") == "deliver":  # a line may also say that the sender voided it
                moments.append(datetime.fromisoformat(row["received_at"]))
    coming = [(at, path) for path, moments in told.items() for at in moments]
    for at, path in sorted(coming):
        if path.is_file():
            yield from of_file(path, path.relative_to(folder).as_posix(), at)
    for path in files(folder):
        if path not in told:
            yield from of_file(path, path.relative_to(folder).as_posix())


def _archive(file, name: str, received_at: datetime | None, depth: int) -> Iterator[Delivery]:  # type: ignore[no-untyped-def]
    """Members one by one. If any cannot be taken, what was taken stays and the archive itself is delivered as faulty."""
    fault: tuple[str, str] | None = None
    try:
        with zipfile.ZipFile(file) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            fault = _too_much(members)
            for info in members if fault is None else ():
                if Path(info.filename).name.startswith("."):
                    continue
                inside = f"{name}!{info.filename}"
                if info.flag_bits & 1:
                    fault = ("archive_encrypted", "Архив закрыт паролем")
                    continue
                with archive.open(info) as member:
                    data = member.read(DOCUMENT_LIMIT + 1)
                if len(data) > DOCUMENT_LIMIT:
                    fault = ("too_large", f"В архиве есть файл больше {DOCUMENT_LIMIT >> 20} МБ")
                elif data[:4] != b"PK\x03\x04":
                    yield Delivery(inside, data, received_at)
                elif depth < NESTED_LIMIT:
                    yield from _archive(io.BytesIO(data), inside, received_at, depth + 1)
                else:
                    fault = ("archive_nested", "Архив в архиве глубже двух уровней")
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, OSError, RuntimeError, ValueError):
        fault = ("archive_broken", "Архив повреждён или обрезан: часть файлов из него не прочитана")
    if fault:
        file.seek(0, io.SEEK_END)
        size = file.tell()
        file.seek(0)
        yield Delivery(name, file.read() if size <= KEPT_LIMIT else b"", received_at, fault)


def _too_much(members: list[zipfile.ZipInfo]) -> tuple[str, str] | None:
    """A bomb is told by its table of contents; what lies about its size is caught while reading."""
    if len(members) > MEMBERS_LIMIT:
        return "archive_bomb", f"В архиве больше {MEMBERS_LIMIT} файлов"
    total, packed = sum(m.file_size for m in members), sum(m.compress_size for m in members)
    if total > ARCHIVE_LIMIT or any(
        m.file_size > 1 << 20 and m.file_size > RATIO_LIMIT * max(m.compress_size, 1) for m in members
    ):
        return "archive_bomb", "Архив раскрывается в подозрительно большой объём"
    if total > 1 << 20 and total > RATIO_LIMIT * max(packed, 1):
        return "archive_bomb", "Архив раскрывается в подозрительно большой объём"
    return None
