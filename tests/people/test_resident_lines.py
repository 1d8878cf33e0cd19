"""The lines of an insured list beside the database: what is a row, which line it was, and what breaks off."""

import csv
import io
from datetime import date

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
def test_rows_are_those_of_the_csv_however_the_bytes_come(rows, size, part, tail):
    kept, resident_lines.PART = resident_lines.PART, part
    try:
        found = read(told(rows) + b"\n" * tail, size)
    except Unreadable:  # read line by line then; only what looks like an empty line may ask for it
        assert b"\n\n" in b"\n" + told(rows)
    else:
        assert found == [(n, *row) for n, row in enumerate(rows, 1)]
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
        b"1;a;b\n\n2;a;b\n", b"\n1;a;b\n", b"1;a\n", b"1;a;b;c\n", b'1;"a;b\n2;a;b\n', b"1;a;\0\n", b"1;\xff;b\n",
        b"1;a;\xd0", b"1;a;" + b"x" * (resident_lines.LONGEST + 10),
    ],
)  # fmt: skip
def test_what_is_no_table_from_end_to_end_is_left_to_the_reader_of_rows(data):
    with pytest.raises(Unreadable):
        read(data)


def test_rows_read_one_by_one_keep_their_places():
    with Lines(COLUMNS) as lines:
        lines.read_rows([(2, ["1", 'a"b', "c\nd"]), (5, ["2", "", "x"])])
        assert rows_of(lines) == [(1, "1", 'a"b', "c\nd"), (4, "2", "", "x")]


def test_an_answer_that_breaks_off_is_no_answer():
    with Lines(COLUMNS) as lines:
        lines.read_rows([(n + 2, [str(n), "a", "b"]) for n in range(20_000)])
        with pytest.raises(duckdb.Error):
            list(lines._written("select line, case when line > 19000 then error('no') else 'x' end from list"))
        assert len(b"".join(lines._written("select line from list")).splitlines()) == 20_000


def test_a_reader_that_stops_in_the_middle_leaves_nothing_hanging():
    with Lines(COLUMNS) as lines:
        lines.read_rows([(n + 2, [str(n), "a" * 50, "b" * 50]) for n in range(50_000)])
        answer = lines._written("select * from list")
        next(answer)
        answer.close()
        assert lines._ask("select count(*) from raw") == [(50_000,)]


def test_the_folder_of_a_list_is_private_and_goes_with_it(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Lines(COLUMNS) as lines:
        lines.read_bytes([b"1;a;b\n"], "utf-8", ";")
        (folder,) = tmp_path.iterdir()
        assert folder.stat().st_mode & 0o077 == 0
        assert list(folder.iterdir()) == []
        lines.judge(date(2026, 1, 1), lambda text: None, lambda text: None)
        assert lines.count() == (1, 1, 0)
    assert list(tmp_path.iterdir()) == []
