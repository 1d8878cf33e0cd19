"""The lines of an insured list beside the database: what is a row, which line it was, and what breaks off."""

import csv
import io
import threading
from datetime import date

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from oncor_cases.kernel.dates import as_date
from oncor_cases.kernel.unseen import seen
from oncor_cases.region.people import enp_of
from oncor_cases.store import resident_lines
from oncor_cases.store.resident_lines import Lines, Unreadable

COLUMNS = ("enp", "family", "x3")
CELLS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc",)) | st.sampled_from(";\"'\\\t\n,"), max_size=6)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=12)


def told(rows, end="\n", encoding="utf-8"):
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator=end).writerows(rows)
    return out.getvalue().encode(encoding)


def blocks(data, size):
    return (data[at : at + size] for at in range(0, len(data), size))


def read(data, size=1 << 17, encoding="utf-8"):
    with Lines(COLUMNS) as lines:
        lines.read_bytes(blocks(data, size), encoding, ";")
        return rows_of(lines)


def rows_of(lines):
    return [
        (line, *("" if text is None else text for text in texts))
        for line, *texts in lines._ask("select line, enp, family, x3 from list order by line")
    ]


@settings(deadline=None, max_examples=60)
@given(rows=ROWS, size=st.integers(1, 40), part=st.integers(1, 30), tail=st.integers(0, 3))
@example(rows=[("\ufeff", "a", "b"), ("\ufeff\ufeff", "", "c")], size=7, part=1, tail=0)
@example(rows=[("1\u00a02", "\u00a0", "\u200bb"), ("\u00ad", "", "")], size=3, part=40, tail=0)
def test_rows_are_those_of_the_csv_however_the_bytes_come(rows, size, part, tail):
    kept, resident_lines.PART = resident_lines.PART, part
    try:
        found = read(told(rows) + b"\n" * tail, size)
    except Unreadable:  # read line by line then; only what looks like an empty line may ask for it
        assert b"\n\n" in b"\n" + seen(told(rows).decode()).encode()
    else:
        assert found == [(n, *map(seen, row)) for n, row in enumerate(rows, 1)]
    finally:
        resident_lines.PART = kept


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "cp866", "koi8_r"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("size", [1, 2, 7, 1 << 17])
def test_every_encoding_and_line_end_in_blocks_of_any_size(encoding, end, size):
    rows = [("1", "Ёлкина", "а;б"), ("2", 'ООО "Ю"', ""), ("3", "Я", "ю")]
    data = told(rows, end, encoding)
    assert read(data + end.encode() * 2, size, encoding) == [(n, *row) for n, row in enumerate(rows, 1)]
    assert read(data.rstrip(b"\r\n"), size, encoding) == [(n, *row) for n, row in enumerate(rows, 1)]


@pytest.mark.parametrize(
    "data",
    [
        b"1;a;b\n\n2;a;b\n", b"\n1;a;b\n", b"1;a\n", b"1;a;b;c\n", b'1;"a;b\n2;a;b\n', b"1;\xff;b\n",
        b"1;a;\xd0", b"1;a;" + b"x" * (resident_lines.LONGEST + 10),
        "1;a;b\n\u00ad\n2;a;b\n".encode(), "1;a;b\n\u200b".encode(),
    ],
)  # fmt: skip
def test_what_is_no_table_from_end_to_end_is_left_to_the_reader_of_rows(data):
    with pytest.raises(Unreadable):
        read(data)


@pytest.mark.parametrize("size", [1, 3, 1 << 17])
def test_a_zero_byte_stands_for_nothing(size):
    assert read(b"1;\0a;b\n\0" + b"2;a;\0\n", size) == [(1, "1", "a", "b"), (2, "2", "a", "")]


def test_rows_read_one_by_one_keep_their_places():
    with Lines(COLUMNS) as lines:
        lines.read_rows([(2, ["1", 'a"b', "c\nd"]), (5, ["2", "", "x"])])
        assert rows_of(lines) == [(1, "1", 'a"b', "c\nd"), (4, "2", "", "x")]


PERSON = ("enp", "family", "given", "born", "sex", "attached_on")


def taken(lines, columns):
    return [tuple(row.values()) for part in lines.taken(columns) for row in part.to_pylist()]


def many(lines, count):
    lines.read_rows([(n + 2, [enp_of(n), "Ёлкин", "Ян", "1990-01-01", "М", ""]) for n in range(count)])
    lines.judge(date(2026, 1, 1), as_date, lambda text: None)


def test_an_answer_that_breaks_off_is_no_answer(monkeypatch):
    monkeypatch.setattr(resident_lines, "LINES", 500)
    with Lines(PERSON) as lines:
        many(lines, 2_000)
        with pytest.raises(duckdb.Error):
            taken(lines, "case when line > 1900 then error('no') else 'x' end")


def test_a_reader_that_stops_in_the_middle_leaves_nothing_hanging(monkeypatch):
    monkeypatch.setattr(resident_lines, "LINES", 500)
    before = threading.active_count()
    with Lines(PERSON) as lines:
        many(lines, 2_000)
        answer = lines.taken("line")
        assert next(answer).num_rows == 0  # nobody known, nobody twice
        assert threading.active_count() > before
    assert threading.active_count() == before


LINE = st.tuples(
    st.sampled_from([enp_of(1), enp_of(2), enp_of(3), enp_of(4), "12", ""]), st.sampled_from(["Ёлкин", ""]), st.just("Ян"),
    st.sampled_from(["1990-01-01", "1991-01-01", "когда-то"]), st.sampled_from(["М", "?"]),
    st.sampled_from(["", "2020-01-01", "2021-01-01", "вчера"]),
)  # fmt: skip


def judged(rows, size, known=None):
    kept, resident_lines.LINES = resident_lines.LINES, size
    try:
        with Lines(PERSON) as lines:
            lines.read_bytes([told(rows)], "utf-8", ";")
            if known is not None:
                hashes = lines._ask("select row_hash, enp from list order by line")
                lines.read_known([f"{hashes[n][0]},{hashes[n][1]}\n".encode() for n in known if n < len(rows)])
            lines.judge(date(2026, 1, 1), as_date, lambda text: None)
            if known is not None:
                lines.mark_beaten()
            good = sorted(taken(lines, "line, enp, attached_since, row_hash"))
            return good, lines.count(), lines.flaws(), lines.rejects(100)
    finally:
        resident_lines.LINES = kept


@settings(deadline=None, max_examples=60)
@given(rows=st.lists(LINE, max_size=9), size=st.integers(1, 9), known=st.none() | st.sets(st.integers(0, 8), max_size=3))
def test_lines_are_judged_alike_in_parts_of_any_size(rows, size, known):
    whole = judged(rows, 100, known)
    assert judged(rows, size, known) == whole
    good, count, _, _ = whole
    assert count.read == len(rows)
    if known is None:
        assert len(good) + count.bad + count.same == len(rows)
        assert len({row[1] for row in good}) == len(good)  # nobody twice


def test_the_folder_of_a_list_is_private_and_goes_with_it(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Lines(COLUMNS) as lines:
        lines.read_bytes([b"1;a;b\n"], "utf-8", ";")
        (folder,) = tmp_path.iterdir()
        assert folder.stat().st_mode & 0o077 == 0
        assert list(folder.iterdir()) == []
        lines.judge(date(2026, 1, 1), lambda text: None, lambda text: None)
        assert taken(lines, "line") == []
        assert lines.count() == (1, 1, 0)
    assert list(tmp_path.iterdir()) == []
