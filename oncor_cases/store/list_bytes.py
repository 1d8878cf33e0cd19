"""The bytes of lists as they came: in chunks, each compressed, stored once however many loads name them."""

import io
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, Any

from isal import isal_zlib

from oncor_cases.store.session import Connection

CHUNK = 8 << 20  # bytes of a list in one row, before they are compressed
BUFFER = 1 << 17


def there(conn: Connection, region: int, sha256: bytes) -> bool:
    """True if these bytes are stored."""
    row = conn.execute("select 1 from list_bytes where region_id = %s and sha256 = %s limit 1", (region, sha256)).fetchone()
    return row is not None


def put(conn: Connection, region: int, sha256: bytes, chunks: Iterable[bytes]) -> None:
    """Stores a list: chunks of CHUNK bytes (the last may be shorter), zlib already."""
    for seq, content in enumerate(chunks):
        conn.execute(
            "insert into list_bytes (region_id, sha256, seq, content) values (%s, %s, %s, %b) on conflict do nothing",
            (region, sha256, seq, content),
        )


def opened(conn: Connection, region: int, sha256: bytes) -> IO[bytes]:
    """The list as a seekable file; its chunks are fetched when they are read, so `conn` must be free then. A context."""
    return io.BufferedReader(_Stored(conn, region, sha256), BUFFER)  # type: ignore[return-value]


class _Stored(io.RawIOBase):
    """Chunks as one file. The one after the chunk in use is decompressed ahead: most readers go straight on."""

    def __init__(self, conn: Connection, region: int, sha256: bytes) -> None:
        self._conn, self._key = conn, (region, sha256)
        self._place = 0
        self._seq, self._chunk = -1, b""
        self._ahead: tuple[int, Future[bytes]] | None = None
        self._thread = ThreadPoolExecutor(1)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._thread.shutdown()
        super().close()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: lambda: 0, io.SEEK_CUR: lambda: self._place, io.SEEK_END: self._size}[whence]()
        self._place = max(0, start + offset)
        return self._place

    def tell(self) -> int:
        return self._place

    def readinto(self, buffer: Any) -> int:
        seq, at = divmod(self._place, CHUNK)
        if seq != self._seq:
            self._turn(seq)
        part = memoryview(self._chunk)[at : at + len(buffer)]
        buffer[: len(part)] = part
        self._place += len(part)
        return len(part)

    def _turn(self, seq: int) -> None:
        if self._ahead and self._ahead[0] == seq:
            self._chunk = self._ahead[1].result()
        else:
            self._chunk = isal_zlib.decompress(self._fetch(seq))
        self._seq = seq
        self._ahead = (seq + 1, self._thread.submit(isal_zlib.decompress, self._fetch(seq + 1)))

    def _fetch(self, seq: int) -> bytes:
        """The compressed chunk; an empty one, compressed, behind the end."""
        row = self._conn.execute(
            "select content from list_bytes where region_id = %s and sha256 = %s and seq = %s",
            (*self._key, seq),
            binary=True,
        ).fetchone()
        return row.content if row else isal_zlib.compress(b"")

    def _size(self) -> int:
        last = self._conn.execute(
            "select coalesce(max(seq), 0) as seq from list_bytes where region_id = %s and sha256 = %s", self._key
        ).fetchone()
        self._turn(last.seq)
        return int(last.seq * CHUNK + len(self._chunk))
