"""A line that is no row costs that line, in every list: an open quote swallows nothing, a lost delimiter shifts nothing."""

import io
from datetime import date

import pytest

from oncor_cases.sources.lists import lay, open_table
from oncor_cases.sources.lists.cells import Surroundings
from oncor_cases.sources.lists.kinds import TABLES
from oncor_cases.sources.lists.rows import Good, Reject, read
from tests.lists.tables import csv_bytes

AROUND = Surroundings(date(2025, 11, 1))
HEAD = "СНИЛС;Фамилия;Имя;Отчество;Дата рождения;Пол;Дата смерти;Причина смерти;Адрес"
LINE = ";Иванов{0};Иван;Иванович;0{0}.01.1950;М;03.10.2025;I21;ул. Мира {0}"


def rows_of(data, name="deaths.csv"):
    data = data if isinstance(data, bytes) else data.encode()
    return list(read(lay(open_table(io.BytesIO(data)), TABLES, name=name), AROUND))


def told(data):
    items = rows_of(data)
    good = {i.line: i.values for i in items if isinstance(i, Good)}
    return good, [(i.line, i.code, i.accepted) for i in items if isinstance(i, Reject)]


def lines(**changed):
    made = {n: LINE.format(n) for n in range(1, 9)}
    made |= {int(name[1:]): text for name, text in changed.items()}
    return "\n".join([HEAD, *made.values()]) + "\n"


def test_one_open_quote_costs_one_line():
    good, rejects = told(lines(_3=LINE.format(3).replace("ул. Мира", '"Мира ул.')))
    assert rejects == [(4, "quotes", False)]
    assert [v["family"] for v in good.values()] == [f"Иванов{n}" for n in (1, 2, 4, 5, 6, 7, 8)]


def test_two_open_quotes_do_not_make_one_row_of_what_is_between():
    good, rejects = told(lines(_3=LINE.format(3).replace("ул. Мира", '"Мира ул.'), _6=LINE.format(6) + '"'))
    assert rejects == [(4, "quotes", False)]
    assert good[7]["address"] == 'ул. Мира 6"'
    assert len(good) == 7


def test_an_open_quote_in_the_last_line():
    good, rejects = told(lines(_8=LINE.format(8).replace("ул. Мира", '"ул. Мира')))
    assert (rejects, len(good)) == ([(9, "quotes", False)], 7)


@pytest.mark.parametrize(
    ("address", "said"),
    [('д. "Мира" 5', 'д. "Мира" 5'), ('"ул. Мира; 5"', "ул. Мира; 5"), ('"ул. ""Мира"", 5"', 'ул. "Мира", 5'),
     ('"Мира" ул.', "Мира ул."), ('5"', '5"')],
)  # fmt: skip
def test_quotes_that_are_in_order_stay(address, said):
    good, rejects = told(lines(_3=LINE.format(3).replace("ул. Мира 3", address)))
    assert (rejects, good[4]["address"]) == ([], said)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_cell_of_several_lines_is_one_cell(end):
    rows = [["", f"Иванов{n}", "Иван", "", f"0{n}.01.1950", "М", "03.10.2025", "I21", f"ул. Мира{end}дом {n}{end}кв. 5"]
            for n in range(1, 5)]  # fmt: skip
    good, rejects = told(csv_bytes(HEAD.split(";"), rows))
    assert rejects == []
    assert [v["address"] for v in good.values()] == [f"ул. Мира дом {n} кв. 5" for n in range(1, 5)]
    first, _ = told(csv_bytes(HEAD.split(";")[::-1], [row[::-1] for row in rows]))  # the first column breaks
    assert [v["address"] for v in first.values()] == [f"ул. Мира дом {n} кв. 5" for n in range(1, 5)]


def test_a_cell_of_several_lines_in_every_row_but_the_last_column():
    rows = [["", f"Иванов{n}", "Иван", "", f"0{n}.01.1950", "М", "03.10.2025", f"ул. Мира\nдом {n}\nкв. 5", "I21"]
            for n in range(1, 9)]  # fmt: skip
    head = [*HEAD.split(";")[:7], "Адрес", "Причина смерти"]
    good, rejects = told(csv_bytes(head, rows))
    assert (rejects, len(good)) == ([], 8)


def test_a_delimiter_too_many_or_too_few_shifts_nothing():
    wide = LINE.format(3).replace("Иванович", "Иванович;01.02.2025")
    narrow = LINE.format(5).replace(";Иван;", ";")
    good, rejects = told(lines(_3=wide, _5=narrow))
    assert rejects == [(4, "columns", False), (6, "columns", False)]
    assert len(good) == 6


def test_empty_cells_beyond_the_header_and_a_header_with_an_empty_end_are_no_fault():
    good, rejects = told(lines(_3=LINE.format(3) + ";;"))
    assert (rejects, len(good)) == ([], 8)
    good, rejects = told(lines().replace(HEAD, HEAD + ";"))
    assert (rejects, len(good)) == ([], 8)


def test_a_title_above_and_a_sum_below():
    good, rejects = told(f"Список умерших\n\n{lines()}Итого: 8\n")
    assert (len(good), rejects) == (8, [(12, "columns", False)])


def test_a_line_without_end_is_refused_and_not_held():
    good, reject = rows_of(f"{HEAD}\n{LINE.format(1)}\n" + "x" * (3 << 20))
    assert (good.values["family"], reject.line, reject.code, len(reject.raw[0])) == ("Иванов1", 3, "too_long", 300)


def test_a_rejected_line_is_shown_as_it_came():
    (reject,) = [i for i in rows_of(lines(_3=LINE.format(3).replace("ул. Мира", '"Мира ул.'))) if isinstance(i, Reject)]
    assert reject.raw == (LINE.format(3).replace("ул. Мира", '"Мира ул.'),)
    assert any("а" <= c <= "я" for c in reject.message)


@pytest.mark.parametrize("address", ["М" * 140_000, '"М" ' * 40_000, "М" * 1_200_000, '"' + "М" * 1_200_000])
@pytest.mark.parametrize("place", [1, 4, 8])
def test_a_line_that_is_too_long_costs_itself(address, place):
    long = LINE.format(place).replace("ул. Мира", address)
    good, rejects = told(lines(**{f"_{place}": long}))
    assert rejects == [(place + 1, "too_long", False)]
    assert len(good) == 7


def test_an_open_quote_above_a_line_that_is_too_long_costs_both():
    good, rejects = told(lines(_3=LINE.format(3).replace("ул. Мира", '"Мира'), _4=LINE.format(4) + "М" * 1_200_000))
    assert rejects == [(4, "quotes", False), (5, "too_long", False)]
    assert len(good) == 6
