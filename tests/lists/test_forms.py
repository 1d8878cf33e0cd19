"""Any form of a table gives the same rows; what is wrong in it is told, what is right goes on."""

import io
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncor_cases.sources.lists import NotATable, NotRecognised, cells, lay, open_table
from oncor_cases.sources.lists.cells import Bad, Surroundings
from oncor_cases.sources.lists.kinds import TABLES
from oncor_cases.sources.lists.rows import Good, Reject, read
from tests.lists.tables import DEAD, DEAD2, DEATHS_HEAD, csv_bytes, dbf_bytes, xlsx_bytes, xml_bytes

TODAY = date(2025, 11, 1)
AROUND = Surroundings(TODAY, {"990001": "1.2.643.5.1.13.13.12.2.99.1"})
TAGS = ["SNILS", "ENP", "FAM", "IM", "OT", "DR", "W", "DEATH_DATE", "CAUSE"]


def rows_of(data, name="deaths.csv", **more):
    table = open_table(io.BytesIO(data))
    return list(read(lay(table, TABLES, name=name, **more), AROUND))


def values_of(data, **more):
    return [item.values for item in rows_of(data, **more) if isinstance(item, Good)]


PLAIN = [
    {"snils": "11223344595", "enp": None, "family": "Рябова", "given": "Анна", "patronymic": "Львовна", "born": "1960-04-12",
     "sex": "female", "died_on": "2025-10-03", "icd10": "C50.9"},
]  # fmt: skip


def plain(values):
    return {k: v for k, v in values.items() if v is not None}


FORMS = {
    "cp1251;": csv_bytes(DEATHS_HEAD, [DEAD], "cp1251"),
    "cp866;": csv_bytes(DEATHS_HEAD, [DEAD], "cp866"),
    "utf-8,": csv_bytes(DEATHS_HEAD, [DEAD], "utf-8", ","),
    "utf-8 with a mark": csv_bytes(DEATHS_HEAD, [DEAD], "utf-8-sig", "\t"),
    "utf-16": csv_bytes(DEATHS_HEAD, [DEAD], "utf-16", "\t"),
    "koi8-r": csv_bytes(DEATHS_HEAD, [DEAD] * 3 + [DEAD2] * 3, "koi8-r"),
    "sep=": b"sep=;\r\n" + csv_bytes(DEATHS_HEAD, [DEAD], "cp1251"),
    "xlsx": xlsx_bytes(DEATHS_HEAD, [DEAD]),
    "xlsx with a title": xlsx_bytes(DEATHS_HEAD, [DEAD], above=[["Список умерших за октябрь"], []]),
    "dbf cp866": dbf_bytes(TAGS, [DEAD]),
    "dbf cp1251": dbf_bytes(TAGS, [DEAD], "cp1251"),
    "xml": xml_bytes("LIST", "REC", TAGS, [DEAD]),
    "xml in utf-8": xml_bytes("LIST", "REC", TAGS, [DEAD], "utf-8"),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_row(form):
    assert plain(values_of(FORMS[form])[0]) == plain(PLAIN[0])


def test_our_dbf_reader_agrees_with_the_library(tmp_path):
    from dbfread import DBF

    path = tmp_path / "x.dbf"
    path.write_bytes(dbf_bytes(TAGS, [DEAD, DEAD2]))
    theirs = [list(record.values()) for record in DBF(str(path), encoding="cp866")]
    ours = [row for _, row in open_table(io.BytesIO(path.read_bytes())).rows][1:]
    assert ours == [[cell or None for cell in row] for row in theirs]


def test_merged_header_cells_over_two_rows():
    head = [["Пациент", "", "", "", "Смерть", ""], ["Фамилия", "Имя", "Отчество", "Дата рождения", "Дата смерти", "Причина"]]
    data = xlsx_bytes(head[1], [["Рябова", "Анна", "Львовна", 22018, 45933.0, "C50.9"]], above=[head[0]])
    found = values_of(data, name="умершие.xlsx")
    assert (found[0]["born"], found[0]["died_on"]) == ("1960-04-12", "2025-10-03")  # days as numbers of a spreadsheet


def test_a_missing_and_a_renamed_column_are_named():
    with pytest.raises(NotRecognised) as told:
        rows_of(csv_bytes(["СНИЛС", "Фамилия", "Дата последнего дня"], [["112-233-445 95", "Рябова", "03.10.2025"]]))
    assert told.value.code == "missing"
    assert "Дата смерти" in told.value.message or "Нет столбцов" in told.value.message


def test_repeated_headers_and_numbers_of_columns_are_passed_over():
    data = csv_bytes(DEATHS_HEAD, [[str(n) for n in range(1, 10)], DEAD, DEATHS_HEAD, DEAD2])
    assert [v["family"] for v in values_of(data)] == ["Рябова", "Белов"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"), (b"\x00" * 40, "empty"), (b"PK\x03\x04" + b"x" * 40, "broken"),
        (xlsx_bytes(DEATHS_HEAD, [DEAD])[:-200], "broken"), (dbf_bytes(TAGS, [DEAD, DEAD2])[:-40], "broken"),
        (xml_bytes("LIST", "REC", TAGS, [DEAD] * 50)[:-60], "broken"), (b'{"a": 1}', "no_table"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR", "binary"),
    ],
)  # fmt: skip
def test_what_is_no_whole_table_is_refused_in_words(data, code):
    with pytest.raises(NotATable) as told:
        rows_of(data)
    assert told.value.code == code
    assert any("а" <= c <= "я" for c in told.value.message.lower())


def test_entities_of_an_xml_are_not_followed(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("секрет")
    data = f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{secret}">]><LIST>' + "".join(
        f"<REC><SNILS>11223344595</SNILS><FAM>&x;Рябова{n}</FAM><DEATH_DATE>2025-10-03</DEATH_DATE></REC>" for n in range(3)
    )
    assert "секрет" not in str(rows_of((data + "</LIST>").encode(), name="deaths.xml"))


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("31.02.2024", "date_impossible"), ("12.10.2202", "date_range"), ("1.1.24", "date_century"), ("вчера", "date_form"),
        (99_999_999, "date_form"), ("20.11.2025", "date_ahead"),
    ],
)  # fmt: skip
def test_days_that_are_refused(cell, code):
    with pytest.raises(Bad) as told:
        cells.past_day(cell, AROUND)
    assert told.value.code == code


@pytest.mark.parametrize(
    "cell",
    ["03.10.2025", "3.10.2025", "2025-10-03", "20251003", "2025-10-03T10:11:12", "03.10.2025 10:11", "03/10/2025", 45933,
     45933.5, "45933", date(2025, 10, 3), datetime(2025, 10, 3, 12, tzinfo=UTC)],
)  # fmt: skip
def test_days_that_are_read(cell):
    assert cells.past_day(cell, AROUND) == "2025-10-03"


@pytest.mark.parametrize("cell", ["9,91234E+15", "9.91234E15", 9.912345678901234e15, 9912345678901234])
def test_a_policy_that_lost_its_digits_is_refused(cell):
    with pytest.raises(Bad) as told:
        cells.enp(cell, AROUND)
    assert told.value.code == "scientific"


def test_codes_of_organisations_and_numbers_without_leading_zeros():
    assert cells.org("990001", AROUND) == "1.2.643.5.1.13.13.12.2.99.1"
    assert cells.snils(8765430300, AROUND) == "08765430300"
    with pytest.raises(Bad):
        cells.org("123456", AROUND)


@given(st.binary(max_size=400))
@settings(deadline=None, max_examples=40)
def test_no_bytes_break_the_reader(data):
    try:
        items = rows_of(data)
    except (NotATable, NotRecognised):
        return
    assert all(isinstance(item, Good | Reject) for item in items)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(st.text(max_size=12), min_size=9, max_size=9), max_size=5))
def test_no_text_in_the_cells_breaks_the_reader(rows):
    for item in rows_of(csv_bytes(DEATHS_HEAD, rows, "utf-8")):
        assert isinstance(item, Good | Reject)


def test_every_kind_is_told_from_the_others_by_its_own_columns():
    from oncor_cases.sources.lists.header import Header, guesses

    for kind in TABLES:
        header = Header(tuple(column.title for column in kind.columns), 1)
        name = "dn_out.csv" if kind.name == "observation_ended" else ""  # its columns are among those of the observed
        assert guesses(header, TABLES, name)[0].kind is kind, kind.name


@pytest.mark.parametrize("mark", ["\u200b", "\ufeff", "\u00ad", "\u202c", "\u2060"])
def test_a_mark_nobody_sees_costs_no_number(mark):
    found = values_of(csv_bytes(DEATHS_HEAD, [[mark + DEAD[0] + "\u00a0" + mark, DEAD[1], mark + DEAD[2], *DEAD[3:]]]))
    assert (found[0]["snils"], found[0]["family"]) == ("11223344595", "Рябова")
