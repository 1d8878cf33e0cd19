"""Who sent a list and of which day it is: told by the form, by folders, by default, or asked for; never guessed."""

from datetime import UTC, date, datetime

import pytest

from oncor_cases.actions import list_drop, list_told
from oncor_cases.actions import lists as door
from oncor_cases.kernel.errors import Conflict, UserError
from oncor_cases.sources.lists import KINDS
from oncor_cases.sources.lists.senders import of_folders
from oncor_cases.store import lists
from tests.lists.tables import DEAD, DEAD2, DEATHS_HEAD, csv_bytes

AT = datetime(2025, 10, 20, 9, tzinfo=UTC)
PERSONS = csv_bytes(
    ["Номер в регистре", "СНИЛС", "Фамилия", "Имя", "Дата рождения", "Пол", "Дата регистрации"],
    [["77", "112-233-445 95", "Рябова", "Анна", "12.04.1960", "Ж", "01.02.2024"]],
)
TUMOURS = csv_bytes(
    ["Номер в регистре", "Диагноз", "Дата установления диагноза", "Дата взятия на учёт"],
    [["77", "C50.9", "01.02.2024", "05.02.2024"]],
)


def take(db, data, name, **told):
    return door.take_bytes(db, data, name, region=1, author="t", **{"received_at": AT} | told)


def rows(db, sql):
    with db.batch() as conn:
        return [tuple(row) for row in conn.execute(sql).fetchall()]


WHO = """select p.family, p.provisional, count(f.id) from person p left join subject s on s.person_id = p.id
    left join fact f on f.subject_id = s.id and f.in_force where p.merged_into is null
    group by p.family, p.provisional order by 1"""


def test_the_tables_of_the_register_join_though_nobody_said_who_sent_them(database, region):
    take(database, PERSONS, "register_persons_2025-10.csv")
    done = take(database, TUMOURS, "register_tumours_2025-10.csv")
    assert done.state == "loaded"
    assert rows(database, WHO) == [("Рябова", False, 2)]
    assert rows(database, "select distinct sender_org from list_load") == [("Канцер-регистр",)]


def test_a_change_of_name_without_a_sender_is_one_person(database, region):
    head = ["Фамилия", "Имя", "Дата рождения", "Фамилия до перемены", "Дата перемены", "Номер актовой записи"]
    take(database, csv_bytes(head, [["Котова", "Анна", "12.04.1960", "Рябова", "01.10.2025", "5"]]),
         "name_changes_2025-10.csv")  # fmt: skip
    assert rows(database, "select family from person where merged_into is null") == [("Котова",)]


def test_folders_tell_kind_sender_and_day():
    told = lambda *parts: tuple(of_folders(parts, KINDS))  # noqa: E731
    assert told("входящие", "2025 год") == ("", "", "")
    assert told("Канцер-регистр") == ("", "Канцер-регистр", "")
    assert told("тфомс", "observed", "2025-10") == ("observed", "ТФОМС", "2025-10")
    assert told("Канцер-регистр другого региона - Пермский край") == (
        "", "Канцер-регистр другого региона: Пермский край", "",
    )  # fmt: skip
    assert told("ТФОМС", "1.2.643.5.1.13.13.12.2.99.1") == ("", "1.2.643.5.1.13.13.12.2.99.1", "")


def test_the_drop_folder_tells_of_two_registers(database, region, tmp_path):
    own, other = tmp_path / "Канцер-регистр" / "2025-10", tmp_path / "Канцер-регистр другого региона Пермский край"
    for folder in (own, other / "2025-09-15"):
        folder.mkdir(parents=True)
        (folder / "register_persons.csv").write_bytes(PERSONS)
        (folder / "opuholi.csv").write_bytes(TUMOURS)
    (tmp_path / "deaths" / "2025-10").mkdir(parents=True)
    (tmp_path / "deaths" / "2025-10" / "x.csv").write_bytes(csv_bytes(DEATHS_HEAD, [DEAD2]))
    assert list_drop.take_lists(database, tmp_path, 1, received_at=AT) == 5
    assert {(d.state, d.error) for d in door.finish(database, region=1)} == {("loaded", "")}
    assert rows(database, WHO) == [("Белов", False, 1), ("Рябова", False, 4)]
    assert sorted(rows(database, "select kind, sender_org, as_of::text from list_load")) == [
        ("deaths", "", "2025-10-01"),
        ("register_persons", "Канцер-регистр", "2025-10-01"),
        ("register_persons", "Канцер-регистр другого региона: Пермский край", "2025-09-15"),
        ("register_tumours", "Канцер-регистр", "2025-10-01"),
        ("register_tumours", "Канцер-регистр другого региона: Пермский край", "2025-09-15"),
    ]


def test_a_register_of_an_unnamed_region_waits_for_its_name(database, region):
    done = take(database, PERSONS, "register_persons_2025-10.csv", sender="Канцер-регистр другого региона")
    assert (done.state, done.counts) == ("waiting", {"asks": "region"})
    assert "какого региона" in done.error
    with pytest.raises(UserError):
        list_told.tell(database, done.id, region=1, of_region=" ")
    list_told.tell(database, done.id, region=1, of_region="Пермский край")
    assert door.load(database, done.id, region=1).state == "loaded"
    assert rows(database, "select sender_org from list_load") == [("Канцер-регистр другого региона: Пермский край",)]
    with pytest.raises(Conflict):
        list_told.tell(database, done.id, region=1, of_region="Пермский край")


def test_a_list_of_deaths_without_a_day_waits_and_a_corrected_one_replaces_it(database, region):
    """Who was called dead by mistake and is not in the corrected file is alive."""
    alive = "select family, died_on is null from person order by family"
    first = take(database, csv_bytes(DEATHS_HEAD, [DEAD, DEAD2]), "умершие.csv", sender="ЗАГС")
    assert (first.state, first.counts) == ("waiting", {"asks": "day"})
    assert "день" in first.error
    assert rows(database, "select count(*) from person") == [(0,)]
    with pytest.raises(UserError):
        list_told.tell(database, first.id, region=1)
    list_told.tell(database, first.id, region=1, as_of=date(2025, 10, 1))
    assert door.load(database, first.id, region=1).state == "loaded"
    assert rows(database, alive) == [("Белов", False), ("Рябова", False)]
    second = take(database, csv_bytes(DEATHS_HEAD, [DEAD2]), "умершие.csv", sender="ЗАГС")
    assert second.state == "waiting"
    assert [one.id for one in list_told.corrects(database, second.id, region=1)] == [first.id]
    list_told.tell(database, second.id, region=1, of=first.id)
    assert door.load(database, second.id, region=1).state == "loaded"
    assert rows(database, alive) == [("Белов", False), ("Рябова", True)]
    with database.batch() as conn:
        assert lists.get(conn, 1, first.id).state == "replaced"


def test_the_same_file_again_asks_nothing_that_was_told_once(database, region):
    data = csv_bytes(DEATHS_HEAD, [DEAD, DEAD2])
    first = take(database, data, "умершие.csv", sender="ЗАГС")
    list_told.tell(database, first.id, region=1, as_of=date(2025, 10, 1))
    door.load(database, first.id, region=1)
    again = take(database, data, "умершие ещё раз.csv", sender="ЗАГС")
    assert (again.id, again.duplicate, again.state) == (first.id, True, "loaded")
    assert rows(database, "select count(*) from list_load") == [(1,)]
    door.withdraw(database, first.id, "не тот", region=1, by="t")
    assert take(database, data, "умершие.csv", sender="ЗАГС").counts == {"asks": "day"}


def test_a_saved_mapping_is_not_lost_while_the_day_is_asked(database, region):
    data = csv_bytes(["а", "б", "в"], [["112-233-445 95", "Рябова", "03.10.2025"]])
    waits = take(database, data, "что-то.csv")
    columns = {"snils": "а", "family": "б", "died_on": "в"}
    door.remap(database, waits.id, region=1, kind="deaths", columns=columns, name="Морг", sender="Морг", as_of=None, by="t")
    asked = door.load(database, waits.id, region=1)
    assert (asked.state, asked.counts) == ("waiting", {"asks": "day"})
    list_told.tell(database, waits.id, region=1, as_of=date(2025, 10, 1))
    assert door.load(database, waits.id, region=1).state == "loaded"
    again = take(database, csv_bytes(["а", "б", "в"], [["161-234-567 40", "Белов", "05.10.2025"]]), "ещё.csv")
    assert again.counts == {"asks": "day"}
    list_told.tell(database, again.id, region=1, as_of=date(2025, 11, 1))
    assert door.load(database, again.id, region=1).state == "loaded"
    assert rows(
        database, "select kind, sender_org, mapping_name from list_load where id = (select max(id) from list_load)"
    ) == [("deaths", "Морг", "Морг")]


def test_the_file_of_persons_is_found_by_every_name_of_the_order(database, region, tmp_path):
    """L before the name for C and T, in the place of the first letter for H and D."""
    from tests.lists.test_kinds import PERS, bill

    for main, persons in (("HM", "LM"), ("CM", "LCM"), ("DPM", "LPM")):
        number = {"HM": b"7", "CM": b"8", "DPM": b"9"}[main]
        (tmp_path / f"{main}990001T99_2602.xml").write_bytes(bill().replace(b"<NSCHET>5<", b"<NSCHET>" + number + b"<"))
        (tmp_path / f"{persons}990001T99_2602.xml").write_bytes(PERS)
    paths = sorted(tmp_path.iterdir())
    assert sorted(p.name[:2] for p in paths if list_drop.beside_its_claims(p, paths)) == ["LC", "LM", "LP"]
    assert list_drop.take_lists(database, tmp_path, 1, received_at=datetime(2026, 3, 1, 9, tzinfo=UTC)) == 3
    assert list(tmp_path.iterdir()) == []
    assert {(d.state, d.counts["good"]) for d in door.finish(database, region=1)} == {("loaded", 1)}
    assert rows(database, "select family from person") == [("Рябова",)]
