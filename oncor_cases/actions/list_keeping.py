"""The bytes of a list as they are kept: whole, once, never held in memory; claims and their persons as one archive."""

import shutil
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO

from isal import isal_zlib

from oncor_cases.kernel.ahead import ahead
from oncor_cases.store import list_bytes
from oncor_cases.store.session import Connection

COPY = 1 << 20


def keep(conn: Connection, region: int, file: IO[bytes]) -> tuple[bytes, int]:
    """Stores the bytes of a list where they are not stored yet; returns their SHA-256 and how many they are."""
    digest, size = _digest(file)
    if not list_bytes.there(conn, region, digest):
        file.seek(0)
        chunks = _pieces(file, list_bytes.CHUNK)
        list_bytes.put(conn, region, digest, ahead((partial(isal_zlib.compress, chunk, 1) for chunk in chunks), many=2))
    return digest, size


def packed(*parts: tuple[str, int, IO[bytes]]) -> IO[bytes]:
    """Files (name, size in bytes, content) as one archive; the same files give the same bytes."""
    out: IO[bytes] = SpooledTemporaryFile(max_size=COPY)  # type: ignore[assignment]  # noqa: SIM115 (whoever asked closes it)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, size, file in parts:
            info = zipfile.ZipInfo(name)
            info.compress_type, info.file_size = zipfile.ZIP_DEFLATED, size
            with archive.open(info, "w") as member:
                shutil.copyfileobj(file, member, COPY)
    out.seek(0)
    return out


def packed_files(*paths: Path) -> IO[bytes]:
    """The same of files of a folder."""
    opened = [(path.name, path.stat().st_size, path.open("rb")) for path in paths]
    try:
        return packed(*opened)
    finally:
        for _, _, file in opened:
            file.close()


def _digest(file: IO[bytes]) -> tuple[bytes, int]:
    mark, size = sha256(), 0
    file.seek(0)
    for piece in _pieces(file, COPY):
        mark.update(piece)
        size += len(piece)
    return mark.digest(), size


def _pieces(file: IO[bytes], size: int) -> Iterator[bytes]:
    reading: Callable[[], bytes] = lambda: file.read(size)  # noqa: E731
    return iter(reading, b"")
