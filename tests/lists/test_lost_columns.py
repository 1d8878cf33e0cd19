"""A column that is gone is not gone in silence: the list waits until somebody maps it or says that it is right so."""

import io
from datetime import UTC, date, datetime

from oncor_cases.actions import list_told
from oncor_cases.actions import lists as door
from oncor_cases.store import lists
from tests.lists.tables import DEAD, DEAD2, DEATHS_HEAD, csv_bytes, xml_bytes
from tests.lists.test_deaths import ANNA, NOVEMBER, OCTOBER, PETER, in_force
from tests.people.insured_list import ENPS, NUMBERS, load, row, write

RENAMED = [name if name != "Причина смерти" else "Прич. см." for name in DEATHS_HEAD]
LATER = datetime(2025, 10, 25, 9, tzinfo=UTC)


def receive(db, data, name="deaths_2025-10.csv", at=OCTOBER, **told):
    return door.receive(db, io.BytesIO(data), name, region=1, author="test", received_at=at, **{"sender": "ЗАГС"} | told)


def take(db, *args, **told):
    return door.load(db, receive(db, *args, **told), region=1)


def reading(db, number):
    with db.batch() as conn:
        return lists.get(conn, 1, number).reading


def test_what_every_column_was_read_as(database, region):
    head = ["№ п/п", *DEATHS_HEAD, "Примечание"]
    done = take(database, csv_bytes(head, [["1", *DEAD, ""]]))
    told = reading(database, done.id)
    assert told["unread"] == ["№ п/п", "Примечание"]
    assert ["Причина смерти", "Первоначальная причина"] in told["columns"]
    assert len(told["columns"]) == len(DEATHS_HEAD)


def test_a_renamed_column_waits_and_the_good_list_stays(database, region):
    take(database, csv_bytes(DEATHS_HEAD, [DEAD, DEAD2]))
    done = take(database, csv_bytes(RENAMED, [DEAD, DEAD2]), at=LATER)
    assert done.state == "waiting"
    assert "Первоначальная причина" in done.error
    assert "Прич. см." in done.error
    assert in_force(database) == [PETER, ANNA]
    assert reading(database, done.id)["lost"] == ["Первоначальная причина"]
    assert door.finish(database, region=1) == []
    # mapped by a person: nothing is lost
    columns = {"snils": "СНИЛС", "family": "Фамилия", "given": "Имя", "patronymic": "Отчество", "born": "Дата рождения",
               "sex": "Пол", "died_on": "Дата смерти", "icd10": "Прич. см.", "enp": "Полис ОМС"}  # fmt: skip
    door.remap(database, done.id, region=1, kind="deaths", columns=columns, name="ЗАГС", sender="ЗАГС", as_of=None, by="t")
    assert door.load(database, done.id, region=1).state == "loaded"
    assert in_force(database) == [PETER, ANNA]
    assert "lost" not in reading(database, done.id)


def test_somebody_says_that_it_is_right_so_and_the_next_month_asks_nothing(database, region):
    take(database, csv_bytes(DEATHS_HEAD, [DEAD, DEAD2]))
    number = receive(database, csv_bytes(RENAMED, [DEAD]), "deaths_2025-11.csv", at=NOVEMBER)
    assert door.load(database, number, region=1).state == "waiting"
    assert door.load(database, number, region=1).state == "waiting"  # asked again it still waits
    assert door.load(database, number, region=1, confirmed=True).state == "loaded"
    other = take(database, csv_bytes(RENAMED, [DEAD2]), "deaths_2025-12.csv", at=datetime(2025, 12, 20, 9, tzinfo=UTC))
    assert other.state == "loaded"


def test_what_is_no_loss(database, region):
    take(database, csv_bytes(DEATHS_HEAD, [DEAD]))
    # another sender, a new column, one column of the name for three
    assert take(database, csv_bytes(RENAMED, [DEAD]), sender="Другой").state == "loaded"
    assert (
        take(database, csv_bytes([*DEATHS_HEAD, "Номер"], [[*DEAD, "1"]]), "deaths_2025-11.csv", at=NOVEMBER).state
        == "loaded"
    )
    head = ["СНИЛС", "Полис ОМС", "ФИО", "Дата рождения", "Пол", "Дата смерти", "Причина смерти", "Номер"]
    rows = [[*DEAD[:2], "Рябова Анна Львовна", *DEAD[5:], "1"]]
    assert (
        take(database, csv_bytes(head, rows), "deaths_2025-12.csv", at=datetime(2025, 12, 20, tzinfo=UTC)).state == "loaded"
    )


def test_an_xml_leaves_out_what_nobody_has(database, region):
    tags = ["SNILS", "FAM", "IM", "DR", "W", "DEATH_DATE", "CAUSE"]
    rows = [[*DEAD[:1], *DEAD[2:4], *DEAD[5:]], [*DEAD2[:1], *DEAD2[2:4], *DEAD2[5:]]]
    assert take(database, xml_bytes("LIST", "REC", tags, rows), "deaths_2025-10.xml").state == "loaded"
    less = [line[:-1] for line in rows]
    told = {"name": "deaths_2025-11.xml", "at": NOVEMBER}
    assert take(database, xml_bytes("LIST", "REC", tags[:-1], less), **told).state == "loaded"
    take(database, xml_bytes("LIST", "REC", tags, rows), "deaths_2025-12.xml", at=datetime(2025, 12, 20, tzinfo=UTC))
    told = {"name": "deaths_2026-01.xml", "at": datetime(2026, 1, 20, tzinfo=UTC)}
    assert take(database, xml_bytes("LIST", "REC", [*tags[:-1], "CAUSE_NEW"], rows), **told).state == "waiting"


def test_a_named_mapping_names_a_column_the_file_has_not(database, region):
    head, line = (
        ["к1", "к2", "к3", "к4", "к5", "к6"],
        ["112-233-445 95", "Рябова", "Анна", "12.04.1960", "01.02.2020", "C50.9"],
    )
    first = take(database, csv_bytes([*head, "снят"], [[*line, "01.03.2025"]]), "x.csv", sender="")
    columns = {
        "snils": "к1",
        "family": "к2",
        "given": "к3",
        "born": "к4",
        "date_in": "к5",
        "icd10": "к6",
        "date_out": "снят",
    }
    door.remap(database, first.id, region=1, kind="observed", columns=columns, name="Наш", sender="ТФОМС",
               as_of=date(2025, 10, 1), by="t")  # fmt: skip
    assert door.load(database, first.id, region=1).state == "loaded"
    number = receive(database, csv_bytes([*head, "дата снятия с ДН"], [[*line, "01.03.2025"]]), "x.csv", NOVEMBER,
                     mapping="Наш", as_of=date(2025, 11, 1), sender="")  # fmt: skip
    for _ in range(2):
        done = door.load(database, number, region=1)
        assert (done.state, reading(database, number)["lost"]) == ("waiting", ["Дата снятия с учёта"])
    assert door.load(database, number, region=1, confirmed=True).state == "loaded"


def test_the_insured_wait_too(database, region, tmp_path):
    rows = [row(ENPS[0], NUMBERS[0])]
    load(database, write(tmp_path / "a.csv", *rows), date(2025, 9, 1))
    text = (tmp_path / "a.csv").read_bytes().decode()
    number = receive(
        database, text.replace("SNILS", "Стр. номер", 1).encode(), "b.csv", kind="tfoms_insured", sender="ТФОМС",
        as_of=date(2025, 11, 1), at=NOVEMBER,
    )  # fmt: skip
    done = door.load(database, number, region=1)
    assert (done.state, reading(database, number)["lost"]) == ("waiting", ["СНИЛС"])


def test_who_says_that_a_column_is_rightly_gone_has_said_nothing_of_the_rows(database, region):
    """A list cut off in the middle and without a column asks twice: what is left out ends the observation of many."""
    head = ["СНИЛС", "Фамилия", "DATE_IN", "DS_DISP", "DATE_OUT"]
    rows = [[snils, "Рябова", "01.02.2020", "C50.9", ""] for snils in NUMBERS[:30]]
    told = {"sender": "ТФОМС"}
    assert take(database, csv_bytes(head, rows), "dn_in_2025-09-01.csv", **told).state == "loaded"
    cut = take(database, csv_bytes(head[:4], [line[:4] for line in rows[:9]]), "dn_in_2025-10-01.csv", **told)
    assert (cut.state, cut.counts) == ("waiting", {})
    short = door.load(database, cut.id, region=1, without_columns=True)
    assert (short.state, short.counts["shrunk_from"], short.counts["good"]) == ("waiting", 30, 9)
    assert door.load(database, cut.id, region=1, confirmed=True).counts["gone"] == 21


def test_a_column_of_the_mapping_is_missed_after_the_day_was_asked_too(database, region):
    head = ["к1", "к2", "к3", "к4"]
    first = take(database, csv_bytes(head, [["112-233-445 95", "Рябова", "03.10.2025", "C50.9"]]), "x.csv", sender="")
    columns = {"snils": "к1", "family": "к2", "died_on": "к3", "icd10": "к4"}
    door.remap(database, first.id, region=1, kind="deaths", columns=columns, name="Морг", sender="Морг",
               as_of=date(2025, 9, 1), by="t")  # fmt: skip
    assert door.load(database, first.id, region=1).state == "loaded"
    door.withdraw(database, first.id, "не тот", region=1, by="t")  # no list before says what was in it
    data = csv_bytes([*head[:3], "причина см."], [["161-234-567 40", "Белов", "05.10.2025", "I21"]])
    done = take(database, data, "y.csv", at=NOVEMBER, mapping="Морг", sender="")
    assert done.counts == {"asks": "day"}
    list_told.tell(database, done.id, region=1, as_of=date(2025, 10, 1))
    assert door.load(database, done.id, region=1).state == "waiting"
    assert reading(database, done.id)["lost"] == ["Первоначальная причина"]
