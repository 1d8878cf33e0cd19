"""The insured list in every form and fault, through the door of lists: good rows kept, bad ones told, nothing half
applied."""

import io
import os
import subprocess
import sys
import time
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import pytest

from oncor_cases.actions import list_drop, lists
from oncor_cases.store import regions
from oncor_cases.store.session import Database
from tests.lists.tables import csv_bytes, dbf_bytes, xlsx_bytes, xml_bytes
from tests.people.insured_list import CLINIC, ENPS, KIND, NUMBERS, OTHER, luhn, snils

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
HEAD = ["СНИЛС", "ЕНП", "Фамилия", "Имя", "Отчество", "Дата рождения", "Пол", "Код МО прикрепления", "Дата прикрепления"]
TAGS = ["SNILS", "ENP", "FAM", "IM", "OT", "DR", "W", "MO_PR", "DATE_PRIK"]
GOOD = [NUMBERS[0], ENPS[0], "Ёлкина", "Анна", "Львовна", "12.04.1960", "Ж", CLINIC, "01.02.2020"]
TWO = [NUMBERS[1], ENPS[1], "Белов", "Пётр", "Ильич", "01.02.1955", "М", OTHER, "01.02.2021"]
WANTED = [
    (ENPS[0], NUMBERS[0], "Ёлкина", date(1960, 4, 12), "female", CLINIC, date(2020, 2, 1)),
    (ENPS[1], NUMBERS[1], "Белов", date(1955, 2, 1), "male", OTHER, date(2021, 2, 1)),
]


def send(db, data, name="insured_2026-03-01.csv", **told):
    told = {"received_at": AT, "kind": KIND} | told
    return lists.take_bytes(db, data, name, region=1, author="t", **told)


def residents(db):
    with db.batch() as conn:
        rows = conn.execute(
            "select enp, snils, family, born, sex, org, attached_since from resident where gone_on is null order by enp"
        )
        return [tuple(row) for row in rows]


def rejects(db, load):
    with db.batch() as conn:
        rows = conn.execute("select line, code, accepted from list_reject where load_id = %s order by seq", (load,))
        return [tuple(row) for row in rows]


def zipped(data, name="list.csv"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return out.getvalue()


SERIAL = [[*GOOD[:5], 22018, "Ж", CLINIC, 43862], [*TWO[:5], 20121, "М", OTHER, 44228]]
BLANKS = [
    [f"{GOOD[0][:3]}-{GOOD[0][3:9]} {GOOD[0][9:]}", f" {GOOD[1][:4]} {GOOD[1][4:]}", *GOOD[2:]],
    [f"{TWO[0][:3]} {TWO[0][3:]}", *TWO[1:]],
]
FORMS = {
    "utf-8": csv_bytes(HEAD, [GOOD, TWO]),
    "utf-8 with BOM": csv_bytes(HEAD, [GOOD, TWO], "utf-8-sig"),
    "utf-16": csv_bytes(HEAD, [GOOD, TWO], "utf-16"),
    "cp1251": csv_bytes(HEAD, [GOOD, TWO], "cp1251", ","),
    "cp866": csv_bytes(HEAD, [GOOD, TWO], "cp866", "\t"),
    "a title above": ("Список застрахованных;\n\n").encode() + csv_bytes(HEAD, [GOOD, TWO]),
    "sep=": b"sep=;\n" + csv_bytes(HEAD, [GOOD, TWO]),
    "quoted": csv_bytes(HEAD, [GOOD, TWO]).replace("Ёлкина".encode(), '"Ёлкина"'.encode()),
    "empty lines": csv_bytes(HEAD, [GOOD, TWO]) + b"\r\n\r\n",
    "xlsx": xlsx_bytes(HEAD, [GOOD, TWO], above=[["Список"]]),
    "xlsx with days as numbers": xlsx_bytes(HEAD, SERIAL),
    "days as numbers in text": csv_bytes(HEAD, SERIAL),
    "dbf": dbf_bytes(TAGS, [GOOD, TWO], width=34),
    "xml": xml_bytes("LIST", "PERS", TAGS, [GOOD, TWO]),
    "zip": zipped(csv_bytes(HEAD, [GOOD, TWO])),
    "zip of a workbook": zipped(xlsx_bytes(HEAD, [GOOD, TWO]), "list.xlsx"),
    "one name column": csv_bytes(
        ["СНИЛС", "ЕНП", "ФИО", *HEAD[5:]], [[r[0], r[1], " ".join(r[2:5]), *r[5:]] for r in (GOOD, TWO)]
    ),
    "numbers with blanks": csv_bytes(HEAD, BLANKS),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_any_form_gives_the_same_residents(database, region, form):
    done = send(database, FORMS[form])
    assert (done.state, done.error) == ("loaded", "")
    counts = {name: done.counts[name] for name in ("rows", "good", "rejected", "warned", "repeated", "added")}
    assert counts == {"rows": 2, "good": 2, "rejected": 0, "warned": 0, "repeated": 0, "added": 2}
    assert residents(database) == WANTED


def test_the_same_list_in_another_form_changes_nobody(database, region):
    send(database, FORMS["cp1251"])
    assert send(database, FORMS["cp1251"]).duplicate
    for form in ("xlsx with days as numbers", "xml", "dbf"):
        done = send(database, FORMS[form], as_of=date(2026, 3, 1))
        assert (done.counts["added"], done.counts["corrected"], done.counts["gone"]) == (0, 0, 0)
    assert residents(database) == WANTED


BAD = [
    ({1: ""}, "no_policy", False),
    ({1: "7,70000000E+15"}, "policy_notation", False),
    ({1: "7700000000000011"}, "policy_check", False),
    ({2: ""}, "no_name", False),
    ({5: "31.02.1960"}, "birth_date", False),
    ({5: "12.04.60"}, "birth_date", False),
    ({6: "?"}, "sex", False),
    ({0: "112-233-400 00"}, "snils_check", True),
    ({8: "31.02.2020"}, "attachment_date", True),
    ({7: "Клиника на углу"}, "org", True),
]


@pytest.mark.parametrize(("spoilt", "code", "accepted"), BAD)
@pytest.mark.parametrize("make", [csv_bytes, xlsx_bytes])
def test_a_bad_value_is_told_with_its_line_and_the_rest_is_taken(database, region, spoilt, code, accepted, make):
    bad = [spoilt.get(at, value) for at, value in enumerate(GOOD)]
    done = send(database, make(HEAD, [TWO, bad]))
    assert rejects(database, done.id) == [(3, code, accepted)]
    assert (done.counts["good"], done.counts["rejected"], done.counts["warned"]) == (1 + accepted, 1 - accepted, accepted)
    with database.batch() as conn:
        told = conn.execute("select field, message, raw from list_reject").fetchone()
    assert told.raw == [str(v) for v in bad], "the line as it came"
    assert told.message


def test_a_number_of_a_spreadsheet_has_lost_its_digits(database, region):
    done = send(database, xlsx_bytes(HEAD, [TWO, [GOOD[0], int(ENPS[0]), *GOOD[2:]]]))
    assert rejects(database, done.id) == [(3, "policy_notation", False)]


def test_a_flawed_line_is_told_again_with_the_next_list(database, region):
    flawed = [*GOOD[:7], "990001", GOOD[8]]
    assert send(database, csv_bytes(HEAD, [TWO, flawed])).counts["warned"] == 1
    with database.owner() as conn:
        regions.change(conn, 1, settings={"org_codes": {"990001": CLINIC}})
    done = send(database, csv_bytes(HEAD, [flawed, TWO]), "insured_2026-04-01.csv")
    assert (done.counts["warned"], done.counts["corrected"]) == (0, 1), "the code is known by now"
    assert residents(database) == WANTED


def test_the_same_person_three_times(database, region):
    other = [*GOOD[:7], OTHER, "01.01.2019"]
    done = send(database, csv_bytes(HEAD, [GOOD, GOOD, other, TWO]))
    assert (done.counts["good"], done.counts["repeated"], done.counts["rejected"]) == (2, 1, 1)
    assert rejects(database, done.id) == [(4, "double", False)]
    assert residents(database) == WANTED


def test_nothing_good_is_a_failed_list_with_its_reasons(database, region):
    done = send(database, csv_bytes(HEAD, [[*GOOD[:5], "давно", *GOOD[6:]]]))
    assert (done.state, rejects(database, done.id)) == ("failed", [(2, "birth_date", False)])
    assert residents(database) == []


@pytest.mark.parametrize(
    "data", [zipped(FORMS["utf-8"])[:-30], FORMS["xlsx"][:-100], FORMS["dbf"][:-40], FORMS["xml"][:-20]]
)
def test_what_breaks_off_leaves_nothing(database, region, data):
    done = send(database, data)
    assert done.state == "failed"
    assert any(word in done.error for word in ("обрезан", "поврежд", "не целиком"))
    assert residents(database) == []


def test_a_renamed_column_waits_for_the_mapping_and_loads_by_itself_next_month(database, region):
    head = [*HEAD[:7], "Куда ходит", HEAD[8]]
    done = send(database, csv_bytes(head, [GOOD, TWO]))
    assert (done.state, done.error) == ("waiting", "Нет столбцов: Прикрепление")
    columns = dict(
        zip(("snils", "enp", "family", "given", "patronymic", "born", "sex", "attached", "attached_on"), head, strict=True)
    )
    lists.remap(
        database, done.id, region=1, kind=KIND, columns=columns, name="Фонд", sender="ТФОМС", as_of=date(2026, 3, 1), by="t"
    )  # fmt: skip
    assert lists.load(database, done.id, region=1).state == "loaded"
    assert residents(database) == WANTED
    later = send(database, csv_bytes(head, [GOOD]), "april_2026-04-01.csv", kind="")
    assert (later.state, later.counts["gone"]) == ("loaded", 1)


def test_a_clinic_does_not_say_who_is_insured_in_the_region(database, region):
    done = send(database, FORMS["utf-8"], sender=CLINIC)
    assert done.state == "failed"
    assert "составляет фонд" in done.error


def test_parts_do_not_add_up_to_a_region(database, region):
    done = send(database, FORMS["utf-8"], part="Ленинский район")
    assert (done.state, done.error) == ("failed", "Список всех застрахованных приходит целиком: частями он не складывается")


def test_the_drop_folder_takes_it(database, region, tmp_path):
    for day, form in (("01.csv", "cp866"), ("02.dbf", "dbf"), ("03.zip", "zip")):
        (tmp_path / f"insured_2026-03-{day}").write_bytes(FORMS[form])
    assert list_drop.take_lists(database, tmp_path, 1, received_at=AT) == 3
    assert [(one.kind, one.state) for one in lists.finish(database, region=1)] == [(KIND, "loaded")] * 3
    assert residents(database) == WANTED


# --- killed -------------------------------------------------------------------------------------------------------------

SCRIPT = """
import sys
from oncor_cases.actions import lists
from oncor_cases.store.session import Database
print("go", flush=True)
print(lists.finish(Database(sys.argv[1]), region=1)[0].state)
"""


def begin(url):
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, url], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
        start_new_session=True,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("second", [False, True], ids=["the first list", "a corrected list"])
def test_killed_in_the_middle_leaves_nothing_and_repeats_cleanly(fresh_url, second):
    many = [
        [snils(150_000_000 + n), luhn(f"66000000000{n:04d}"), f"Фамилия{n}", "Имя", "", "01.02.1950", "М", CLINIC, ""]
        for n in range(9_000)
    ]
    many.append([*many[0][:5], "31.02.1950", *many[0][6:]])
    url = fresh_url("oncor_template")
    db = Database(url)
    with db.batch() as conn:
        regions.ensure(conn, 1, demo=True)
    if second:
        send(db, csv_bytes(HEAD, [[*r[:7], OTHER, r[8]] for r in many]), "insured_2026-02-01.csv")

    def seen():
        with db.batch() as conn:
            rows = conn.execute(
                """select (select count(*) from resident where org = %s) n, (select count(*) from list_load where
                   state = 'loaded') l, (select count(*) from list_reject) r, (select count(*) from pg_indexes
                   where tablename = 'resident') i, (select count(*) from pg_class
                   where relnamespace = 'staging'::regnamespace) w""",
                (CLINIC,),
            )
            return tuple(rows.fetchone())

    before = seen()
    number = lists.receive(db, io.BytesIO(csv_bytes(HEAD, many)), "insured_2026-03-01.csv", region=1, author="t", kind=KIND)
    chance = Random(os.environ.get("PYTEST_XDIST_TESTRUNUID", "7"))
    for _ in range(5):
        child = begin(url)
        child.stdout.readline()
        time.sleep(chance.random() * 0.9)
        child.kill()
        child.communicate()
        if seen()[1] > before[1]:
            break
        assert seen() == before
    else:
        child = begin(url)
        assert child.communicate(timeout=120)[0].split()[-1] == "loaded"
    assert seen() == (9_000, before[1] + 1, before[2] + 1, before[3], 0)
    with db.batch() as conn:
        assert conn.execute("select count(*) n from resident").fetchone().n == 9_000
        assert conn.execute("select state from list_load where id = %s", (number,)).fetchone().state == "loaded"
    db.close()
