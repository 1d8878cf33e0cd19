"""The insured list: what is taken, what is refused and why, and what a second list does."""

from datetime import date

import pytest

from oncor_cases.actions import lists
from oncor_cases.store import residents
from tests.people.insured_list import CLINIC, ENPS, HEADER, NUMBERS, OTHER, load, row, write

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


def take(db, path, as_of=MARCH, **rest):
    return load(db, path, as_of, **rest)


def rows(db, sql, *values):
    with db.batch() as conn:
        return [tuple(r) for r in conn.execute(sql, values).fetchall()]


def test_a_list_becomes_residents_with_numbers_of_persons(database, region, tmp_path):
    done = take(database, write(tmp_path / "a.csv", row(ENPS[0], NUMBERS[0]), row(ENPS[1], "", born="01.02.1971", sex="1")))
    assert (done.rows, done.added, done.rejected) == (2, 2, 0)
    found = rows(database, "select enp, snils, born, sex, org, attached_since, gone_on from resident order by enp")
    assert found == [
        (ENPS[0], NUMBERS[0], date(1960, 4, 12), "female", CLINIC, date(2020, 2, 1), None),
        (ENPS[1], "", date(1971, 2, 1), "male", CLINIC, date(2020, 2, 1), None),
    ]
    assert rows(database, "select count(*) from person") == [(0,)]
    (highest,) = rows(database, "select max(person_id) from resident")
    with database.batch() as conn:
        (next_person,) = conn.execute("insert into person (region_id) values (1) returning id").fetchone()
    assert next_person > highest[0]


REASONS = [
    (row("", NUMBERS[1]), "no_policy"),
    (row("7,7E+15", NUMBERS[1]), "policy_notation"),
    (row(ENPS[1][:-1] + str((int(ENPS[1][-1]) + 1) % 10), NUMBERS[1]), "policy_check"),
    (row("77000", NUMBERS[1]), "policy_check"),
    (row(ENPS[1], family=""), "no_name"),
    (row(ENPS[1], born="31.02.1960"), "birth_date"),
    (row(ENPS[1], born="2030-01-01"), "birth_date"),
    (row(ENPS[1], born="давно"), "birth_date"),
    (row(ENPS[1], sex="5"), "sex"),
]


@pytest.mark.parametrize(("line", "code"), REASONS)
def test_a_bad_line_is_refused_with_its_number_and_reason(database, region, tmp_path, line, code):
    done = take(database, write(tmp_path / "a.csv", row(ENPS[0]), line, row(ENPS[2])))
    assert (done.added, done.rejected) == (2, 1)
    assert rows(database, "select line, code, accepted from list_reject") == [(3, code, False)]


def test_a_bad_snils_or_attachment_date_costs_the_value_not_the_person(database, region, tmp_path):
    done = take(database, write(tmp_path / "a.csv", row(ENPS[0], "11223344500", since="31.02.2024")))
    assert (done.added, done.rejected, done.warned) == (1, 0, 2)
    assert rows(database, "select snils, attached_since from resident") == [("", None)]


def test_every_check_digit_is_the_one_of_the_codes(database, region, tmp_path):
    from random import Random

    from oncor_cases.kernel import codes

    chance = Random(4)
    lines, good = [], 0
    for n in range(400):
        enp = f"{chance.randrange(10**16):016d}" if n % 2 else ENPS[n % 60][:10] + f"{chance.randrange(10**6):06d}"
        number = f"{chance.randrange(10**11):011d}" if n % 3 else f"{chance.randrange(1_001_998):09d}77"
        lines.append((enp, number))
    for number in NUMBERS:
        lines.append((ENPS[len(lines) % 60], number))
    take(database, write(tmp_path / "a.csv", *(row(e, s) for e, s in lines)))
    refused = {(line, code) for line, code in rows(database, "select line, code from list_reject")}
    doubles = {line for line, code in refused if code == "double"}
    for line, (enp, number) in enumerate(lines, 2):
        assert ((line, "policy_check") in refused) is (codes.enp(enp) is None), enp
        if codes.enp(enp) and line not in doubles:
            good += 1
            assert ((line, "snils_check") in refused) is (codes.snils(number) is None), number
    assert good > 50


def test_a_list_without_attachment_dates_holds_people_of_one_birth_date(database, region, tmp_path):
    header, lines = "ENP;FAM;IM;DR;W;MO", [f"{ENPS[n]};Рябова;Анна;1960-04-12;2;{CLINIC}" for n in range(3)]
    assert take(database, write(tmp_path / "a.csv", *lines, header=header)).added == 3


def test_one_policy_three_times_is_one_resident_of_the_latest_attachment(database, region, tmp_path):
    lines = (row(ENPS[0], org=CLINIC), row(ENPS[0], org=OTHER, since="2024-05-01"), row(ENPS[0], org=CLINIC))
    done = take(database, write(tmp_path / "a.csv", *lines))
    assert (done.added, done.repeated, done.reasons) == (1, 0, {"double": 2})
    assert rows(database, "select org from resident") == [(OTHER,)]
    again = take(database, write(tmp_path / "b.csv", *lines, row(ENPS[1])), APRIL)
    assert (again.added, again.corrected, again.gone, again.reasons) == (1, 0, 0, {"double": 2})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "cp866"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_any_encoding_and_delimiter(database, region, tmp_path, encoding, delimiter):
    line, header = (text.replace(";", delimiter) for text in (row(ENPS[0], family="Ёлкина"), HEADER))
    take(database, write(tmp_path / "a.csv", line, header=header, encoding=encoding, end="\r\n"))
    assert rows(database, "select family, given from resident") == [("Ёлкина", "Анна")]


def test_lines_that_cannot_be_copied_are_told_apart(database, region, tmp_path):
    path = write(tmp_path / "a.csv", row(ENPS[0]), "мало;столбцов", row(ENPS[1], family='"Рябова'), row(ENPS[2]))
    path.write_bytes(path.read_bytes() + b"\xff\xfe;bad\n" + (row(ENPS[3]) + "\n").encode())
    done = take(database, path)
    assert (done.added, done.rejected) == (3, 3)
    assert rows(database, "select line, code from list_reject order by line") == [
        (3, "columns"), (4, "quotes"), (6, "encoding"),
    ]  # fmt: skip


def test_missing_columns_are_named(database, region, tmp_path):
    done = take(database, write(tmp_path / "a.csv", "1;2;3", header="ENP;FAM;IM"))
    assert (done.state, done.error) == ("waiting", "Нет столбцов: Дата рождения, Пол, Прикрепление")


def test_an_empty_list_is_refused(database, region, tmp_path):
    done = take(database, write(tmp_path / "a.csv"))
    assert (done.state, done.error) == ("failed", "В списке нет ни одной строки")
    assert rows(database, "select count(*) from resident") == [(0,)]


def test_the_same_bytes_do_nothing(database, region, tmp_path):
    path = write(tmp_path / "a.csv", row(ENPS[0]))
    first = take(database, path)
    again = take(database, path)
    assert (again.load, again.again) == (first.load, True)


def test_a_corrected_list_touches_only_what_differs(database, region, tmp_path):
    take(database, write(tmp_path / "a.csv", *(row(e, n) for e, n in zip(ENPS, NUMBERS, strict=True))))
    before = dict(rows(database, "select enp, xmin::text || ctid::text from resident"))
    lines = [row(e, n) for e, n in zip(ENPS, NUMBERS, strict=True)]
    lines[5] = row(ENPS[5], NUMBERS[5], org=OTHER, since="2026-02-01")
    del lines[7]
    done = take(database, write(tmp_path / "b.csv", *reversed(lines)))
    assert (done.added, done.corrected, done.gone) == (0, 1, 1)
    after = dict(rows(database, "select enp, xmin::text || ctid::text from resident"))
    assert {enp for enp in after if after[enp] != before[enp]} == {ENPS[5], ENPS[7]}
    assert rows(database, "select enp, gone_on from resident where gone_on is not null") == [(ENPS[7], MARCH)]


def test_a_new_policy_is_the_same_resident(database, region, tmp_path):
    take(database, write(tmp_path / "a.csv", row(ENPS[0], NUMBERS[0], family="Рябова"), row(ENPS[9])))
    (before,) = rows(database, "select person_id from resident where enp = %s", ENPS[0])
    done = take(database, write(tmp_path / "b.csv", row(ENPS[1], NUMBERS[0], family="Котова"), row(ENPS[9])), APRIL)
    assert (done.added, done.corrected, done.gone) == (0, 1, 0)
    assert rows(database, "select person_id from resident where enp = %s", ENPS[1]) == [before]
    assert rows(database, "select enp, family, until_on from resident_former") == [(ENPS[0], "Рябова", APRIL)]


def test_half_a_list_changes_nothing(database, region, tmp_path):
    from tests.people.insured_list import luhn, snils

    many = [row(luhn(f"88000000000{n:04d}"), snils(122_233_400 + n)) for n in range(200)]
    take(database, write(tmp_path / "a.csv", *many))
    done = take(database, write(tmp_path / "b.csv", *many[:100]), APRIL)
    assert (done.state, done.error) == ("waiting", "Из списка выбыли бы 100 из 200. Похоже, он неполный")
    assert rows(database, "select count(*) from resident where gone_on is null") == [(200,)]
    assert lists.load(database, done.load, region=1, confirmed=True).counts["gone"] == 100
    assert rows(database, "select count(*) from resident where gone_on is null") == [(100,)]


@pytest.mark.parametrize("confirmed", [False, True])
@pytest.mark.parametrize("day", [APRIL, date(2026, 2, 1)], ids=["a later list", "an earlier list"])
@pytest.mark.parametrize("many", [3, 60])
def test_a_list_of_bad_lines_alone_changes_nobody(database, region, tmp_path, many, day, confirmed):
    take(database, write(tmp_path / "a.csv", *(row(e, n) for e, n in zip(ENPS[:many], NUMBERS, strict=False))))
    with database.batch() as conn:
        assert residents.materialise(conn, 1, [ENPS[0]])
    state = """select (select string_agg((r.enp, r.gone_on, r.load_id, r.family)::text, '' order by r.enp) from resident r)
               people, (select string_agg((f.kind, f.in_force, f.ceased_at)::text, '') from fact f) facts,
               (select count(*) from resident_former) former"""
    before = rows(database, state)
    done = take(database, write(tmp_path / "b.csv", row("1")), day)
    done = lists.load(database, done.load, region=1, confirmed=confirmed)
    assert (done.state, done.error) == ("failed", "Ни одна строка не прочитана: причины — в отклонённых строках")
    assert (done.counts["rejected"], done.counts["gone"], done.counts["good"]) == (1, 0, 0)
    assert rows(database, state) == before
    assert rows(database, "select line, code from list_reject") == [(2, "policy_check")]


def test_a_list_of_bad_lines_alone_says_not_since_when_somebody_is_gone(database, region, tmp_path):
    take(database, write(tmp_path / "a.csv", row(ENPS[0]), row(ENPS[1])), date(2026, 2, 1))
    take(database, write(tmp_path / "b.csv", row(ENPS[0])), APRIL)
    assert take(database, write(tmp_path / "c.csv", row("1"))).state == "failed"
    assert rows(database, "select gone_on from resident order by enp") == [(None,), (APRIL,)]


def test_a_header_alone_is_no_list_everybody_left(database, region, tmp_path):
    take(database, write(tmp_path / "a.csv", *(row(e) for e in ENPS)))
    for confirmed in (False, True):
        done = take(database, write(tmp_path / "b.csv"), APRIL)
        done = lists.load(database, done.load, region=1, confirmed=confirmed)
        assert (done.state, done.error) == ("failed", "В списке нет ни одной строки")
    assert rows(database, "select count(*) from resident where gone_on is null") == [(60,)]


def test_who_comes_back_is_back(database, region, tmp_path):
    take(database, write(tmp_path / "a.csv", row(ENPS[0]), row(ENPS[1])))
    take(database, write(tmp_path / "b.csv", row(ENPS[1])), APRIL)
    done = take(database, write(tmp_path / "c.csv", row(ENPS[0]), row(ENPS[1])), date(2026, 5, 1))
    assert (done.added, done.corrected) == (0, 1)
    assert rows(database, "select count(*) from resident where gone_on is null") == [(2,)]


def test_a_load_leaves_no_working_table_and_all_indexes(database, region, tmp_path):
    names = "select indexname from pg_indexes where tablename = 'resident' order by 1"
    before = rows(database, names)
    take(database, write(tmp_path / "a.csv", row(ENPS[0])))
    assert rows(database, names) == before
    assert rows(database, "select count(*) from pg_class where relnamespace = 'staging'::regnamespace") == [(0,)]


def test_a_list_of_lines_that_repeat_those_in_force_is_no_failed_one(database, region, tmp_path):
    lines = [row(ENPS[n], NUMBERS[n]) for n in range(4)]
    take(database, write(tmp_path / "a.csv", *lines))
    done = take(database, write(tmp_path / "b.csv", *lines[:3], row(ENPS[3], born="давно")), APRIL)
    assert (done.state, done.good, done.rejected, done.gone) == ("loaded", 3, 1, 0)
