"""The lines of an insured list in a columnar table beside the database: read, validated, compared with who is known.

    bytes ─► UTF-8 ─► `raw`, a text per column ─► `list`, with places and hashes ─► `clean`, typed and judged by parts

Millions of equal small steps are what DuckDB is for: it takes a fifth of what the server would, and the server gets only
what it keeps, one part while others are being judged. All of it lives in memory and, beyond MEMORY, in a private folder;
both end with the object."""

import csv
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from oncor_cases.kernel.ahead import ahead
from oncor_cases.kernel.unseen import seen_bytes
from oncor_cases.store.resident_judged import FIELDS, FLAWS, first_sql, hash_of, judged_sql, numbers_of, policy_of, record

if TYPE_CHECKING:  # thirty megabytes; loaded where a list is
    from pyarrow import Table

MEMORY = "2GB"  # a list of four million people fits; what is longer spills
BLOCK = 1 << 17  # bytes handed on at once: what stays in the processor's cache
PART = 32 << 20  # bytes read at once
LINES = 4 * 122_880  # judged at once: whole groups of rows, as DuckDB keeps them
LONGEST = (1 << 20) - BLOCK  # bytes of a line and more; a longer one is left to the reader of rows
ROW_BYTES = 8 << 20  # of a row read by that one: as many letters as it holds, the longest there are
Texts = Callable[[str], Any]


class Count(NamedTuple):
    """Lines read, lines that cannot be taken, lines that repeat another one."""

    read: int
    bad: int
    same: int

    @property
    def good(self) -> int:
        """Lines that were taken, or tell of somebody in force what is known."""
        return self.read - self.bad - self.same


class Unreadable(Exception):
    """The bytes are no plain table from end to end: they have to be read row by row."""


class Lines:
    """One list, a context. `columns` name our fields, or anything for what is not read, in the order of the file.

    `line` is the place of a line below the header, from 1."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = tuple(columns)
        self.have = frozenset(columns) & set(FIELDS)
        self._open = ExitStack()
        self._folder = self._open.enter_context(tempfile.TemporaryDirectory(prefix="oncor-lines-"))
        self._files = 0
        self._base = duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": self._folder})
        self._open.callback(self._base.close)
        self._ask("set enable_progress_bar = false")  # it would draw over ours
        self._table("mentioned", {"enp": "varchar"})

    def __enter__(self) -> "Lines":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def _ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._base.execute(sql, list(values)).fetchall()

    # --- in -----------------------------------------------------------------------------------------------------------

    def read_bytes(self, blocks: Iterable[bytes], encoding: str, delimiter: str) -> None:
        """A CSV without its header. Raises Unreadable where one line of it is no row."""
        self._table("raw", self._texts | self._numbers)
        try:
            with ThreadPoolExecutor(1) as thread:  # one part is read while the next is being recoded
                parts = [
                    thread.submit(self._lines, self._texts, part, delimiter) for part in self._recoded(blocks, encoding)
                ]
            for part in parts:
                part.result()
        except (UnicodeError, duckdb.Error) as error:
            raise Unreadable from error
        self._listed("rowid + 1 as line, *")

    def read_rows(self, rows: Iterable[tuple[int, Sequence[str]]]) -> None:
        """Rows read one by one; each brings the number of its line in the file."""
        path = self._file()
        with path.open("w", encoding="utf-8", newline="") as out:
            told = csv.writer(out, lineterminator="\n")
            told.writerows((line - 1, *values) for line, values in rows)
        columns = {"line": "bigint"} | self._texts
        self._table("raw", columns | self._numbers)
        self._lines(columns, path, longest=ROW_BYTES)
        self._listed("*")

    def mention(self, blocks: Iterable[bytes]) -> None:
        """Policies, a CSV, that stand in lines of the list which are no rows: whoever they name is in the list."""
        self._given("mentioned", {"enp": "varchar"}, blocks)

    def _file(self) -> Path:
        self._files += 1
        return Path(self._folder) / f"{self._files}.csv"

    @property
    def _texts(self) -> dict[str, str]:
        return dict.fromkeys(self.columns, "varchar")

    @property
    def _numbers(self) -> dict[str, str]:
        return dict.fromkeys(numbers_of(self.have), "bigint")

    def _lines(self, columns: dict[str, str], path: Path, delimiter: str = ",", longest: int = 0) -> None:
        """Appends a file with these columns to `raw`; `longest`: bytes of a line, if there may be more than usual."""
        self._read("raw", columns, path, delimiter, ", ".join(["*", *numbers_of(self.have).values()]), longest)

    def _table(self, name: str, columns: dict[str, str]) -> None:
        self._ask(f"create or replace table {name} ({', '.join(f'{column} {kind}' for column, kind in columns.items())})")

    def _read(self, table: str, columns: dict[str, str], path: Path, delimiter: str = ",", what: str = "*",
              longest: int = 0) -> None:  # fmt: skip
        """Appends a file with these columns, or what is made of them, to a table, in the order of its lines."""
        more = f", max_line_size = {longest}, buffer_size = {2 * longest}" if longest else ""
        if path.stat().st_size:
            self._ask(
                f"""insert into {table} select {what} from read_csv(?, auto_detect = false, header = false,
                        delim = '{delimiter}', quote = '"', escape = '"', columns = {columns}{more})""",
                str(path),
            )
        path.unlink()

    def _given(self, table: str, columns: dict[str, str], blocks: Iterable[bytes]) -> None:
        """A table of what stands in a CSV."""
        path = self._file()
        with path.open("wb") as out:
            out.writelines(blocks)
        self._table(table, columns)
        self._read(table, columns, path)

    def _recoded(self, blocks: Iterable[bytes], encoding: str) -> Iterator[Path]:
        """The list as files of UTF-8 with plain line ends and no mark nobody sees; empty lines at its end go. Raises
        UnicodeError, and Unreadable for what would shift the numbers of lines: an empty line inside."""
        size, quotes, rest = 0, 0, b"\n"
        with ExitStack() as part:
            for block in chain(blocks, (b"\n",)):
                text = rest + block  # in every encoding that comes here the bytes below 128 are those of ASCII
                if b"\0" in text:
                    text = text.replace(b"\0", b"")
                if b"\r" in text:
                    text = text.replace(b"\r\n", b"\n")
                body = text[: text.rfind(b"\n")].rstrip(b"\n")
                rest = text[len(body) :]  # from the last line end on: what follows says whether it is an empty line
                if b"\n\n" in body or len(rest) > LONGEST:
                    raise Unreadable
                if not body:
                    continue
                quotes += body.count(b'"')
                written = body.decode(encoding).encode()
                ready = seen_bytes(written)
                if ready is not written and (b"\n\n" in ready or ready.endswith(b"\n")):
                    raise Unreadable  # a line of marks alone was one
                if not size:
                    path = self._file()
                    out = part.enter_context(path.open("wb"))
                    ready = ready[1:]
                out.write(ready)  # as it comes: a part gathered in memory first takes twice the time
                size += len(body)
                if size >= PART and quotes % 2 == 0:  # not inside a quoted value
                    part.close()
                    yield path
                    size = 0
        if size:
            yield path

    def _listed(self, columns: str) -> None:
        self._ask(f"create view list as select {columns}, {hash_of(self.have)} as row_hash from raw")
        self._ask("create view fresh as from list")

    def read_known(self, blocks: Iterable[bytes]) -> None:
        """Who is in force, a CSV of (row_hash, policy): a line somebody was made from is not looked at again."""
        self._given("known", {"row_hash": "bigint", "enp": "varchar"}, blocks)
        self._ask("drop view fresh")
        self._ask("create table fresh as from list anti join known using (row_hash)")

    # --- judged -------------------------------------------------------------------------------------------------------

    def judge(self, as_of: date, day: Texts, org: Texts, named: Iterable[bytes] = ()) -> None:
        """Makes ready to judge fresh lines: typed columns, `why` a line cannot be taken, `flaw` of lines that can. Judged
        here are lines whose policy stands in several of them, and those of people known by a number (`named`, a CSV of
        policies and SNILS); all others while they are `taken`.

        Texts of few different values (days, clinics) are read once each, by `day` and `org`."""
        self._as_of = as_of
        self._read_once("day", "date", ("born", "attached_on"), day)
        self._read_once("place", "varchar", ("attached",), org)
        self._given("named", {"number": "varchar"}, named)
        self._ask(first_sql())
        self._ask(f"create table clean as {self._judged('fresh semi join first using (line)')}")
        self._mark_doubles()

    def _judged(self, lines: str) -> str:
        return judged_sql(self.have, self._as_of, f"(from {lines})")

    def _read_once(self, table: str, kind: str, fields: Sequence[str], read: Texts) -> None:
        asked = " union ".join(f"select distinct coalesce({f}, '') from raw" for f in fields if f in self.have)
        texts = [text for (text,) in self._ask(asked)] if asked else []
        self._ask(f"create table {table} (text varchar, {table} {kind})")
        self._ask(f"insert into {table} select unnest(?::varchar[]), unnest(?::{kind}[])", texts, [read(t) for t in texts])

    def _mark_doubles(self) -> None:
        """Of the lines with one policy the latest attachment is taken, then the first line; one that says the same (`same`)
        is a repetition, others are doubles."""
        self._ask(
            f"""update clean set why = x.why from (
                    select line, row_number() over first as place,
                           case when {record()} is not distinct from first_value({record()}) over first
                               then 'same' else 'double' end as why
                    from clean where why is null
                    window first as (partition by enp order by attached_since desc nulls last, line)) x
                where clean.line = x.line and x.place > 1"""
        )

    def mark_beaten(self) -> None:
        """A line whose policy another, unchanged line of the same list has is a double, unless its attachment is later."""
        since = "day.day" if "attached_on" in self.have else "null::date"
        join = "left join day on day.text = coalesce(l.attached_on, '')" if "attached_on" in self.have else ""
        self._ask(
            f"""update clean set why = 'double' from (
                    select {policy_of(self.have)} as enp, max(coalesce({since}, date '0001-01-01')) as since
                    from list l {join} semi join known using (row_hash)
                    where {policy_of(self.have)} in (select enp from clean where coalesce(why, 'same') = 'same')
                    group by 1) x
                where clean.enp = x.enp and coalesce(clean.why, 'same') = 'same'
                  and coalesce(clean.attached_since, date '0001-01-01') <= x.since"""
        )

    # --- out ----------------------------------------------------------------------------------------------------------

    def taken(self, columns: str) -> "Iterator[Table]":
        """Good lines, once: those judged first, then the others in parts; `columns` of `clean`, or expressions over them.
        A part is made while the one before is in use; nothing else may be asked before all are read."""
        self._ask(f"create table wrong as select line, why, flaw from clean where {_WRONG}")
        [(before, last)] = self._ask("select coalesce(min(line), 1) - 1, coalesce(max(line), 0) from fresh")

        def judged(after: int) -> "Table":
            rest = f"(from fresh where line > {after} and line <= {after + LINES}) anti join first using (line)"
            found = self._rows(f"select {columns}, line as place, why, flaw from ({self._judged(rest)})")
            self._base.register("found", found)
            self._ask(f"insert into wrong select place, why, flaw from found where {_WRONG}")
            self._base.unregister("found")
            return found.filter(found["why"].is_null()).drop_columns(["place", "why", "flaw"])

        known = partial(self._rows, f"select {columns} from clean where why is null")
        parts = ahead(chain([known], (partial(judged, after) for after in range(before, last, LINES))))
        self._open.callback(parts.close)  # whoever stops reading half way waits for the part that is being made
        return parts

    def _rows(self, sql: str) -> "Table":
        return self._base.sql(sql).to_arrow_table()

    def absent(self) -> Iterator[bytes]:
        """Policies of those in force whom no line has, taken or not, as CSV."""
        return _blocks(
            self._written(
                f"""select enp from known anti join list using (row_hash)
                    where enp not in (select {policy_of(self.have)} from fresh union all from mentioned)"""
            )
        )

    def listed(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Those policies of a CSV that stand in a line of the list, as CSV."""
        self._given("asked", {"enp": "varchar"}, blocks)
        there = f"select {policy_of(self.have)} from raw union all from mentioned"
        return _blocks(self._written(f"select enp from asked where enp in ({there})"))

    def _written(self, sql: str) -> Path:
        """The answer as a CSV file. Not through a pipe: its writers would spin while the server is behind."""
        path = self._file()
        self._ask(f"copy ({sql}) to '{path}' (format csv, header false, use_tmp_file false)")
        return path

    # --- counted ------------------------------------------------------------------------------------------------------

    def count(self) -> Count:
        """What was judged so far. A line without a single value is none."""
        values = f"concat_ws('', {', '.join(self.columns)})"
        self._ask(
            f"""update wrong set why = 'empty' from list
                where list.line = wrong.line and wrong.why = 'no_policy' and regexp_full_match({values}, '\\s*')"""
        )
        return Count(*self._ask(_COUNTS)[0])

    def size(self) -> int:
        """How far lines are numbered."""
        return int(self._ask("select coalesce(max(line), 0) from list")[0][0])

    def flaws(self) -> int:
        """Values of taken lines that were not taken."""
        return int(self._ask(f"select count(*) from ({_TOLD}) where taken")[0][0])

    def rejects(self, limit: int) -> list[tuple[int, str, bool, list[str]]]:
        """(line, code, taken, texts) of what was not taken, lines and single values, in the order of the list."""
        texts = ", ".join(f"coalesce(l.{name}, '')[:300]" for name in self.columns)
        found = self._ask(
            f"""select x.line, x.code, x.taken, [{texts}] from ({_TOLD}) x join list l using (line)
                order by x.line, x.code limit {limit}"""
        )
        return [(line, code, taken, texts) for line, code, taken, texts in found]


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as file:
        while block := file.read(BLOCK):
            yield block
    path.unlink()


_WRONG = "why is not null or flaw > 0"
_COUNTS = """select (select count(*) from raw) - count(*) filter (why = 'empty'),
             count(*) filter (why is not null and why not in ('same', 'empty')), count(*) filter (why = 'same') from wrong"""
_TOLD = " union all ".join(
    [
        "select line, why as code, false as taken from wrong where why not in ('same', 'empty')",
        *(f"select line, '{code}', true from wrong where why is null and flaw & {bit} > 0" for code, bit in FLAWS.items()),
    ]
)
