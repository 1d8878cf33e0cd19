"""Who stands in for whom: chains are followed, circles lead to nobody, what was not known or was called off is nothing."""

from datetime import date

from oncor_cases.tasks.absences import Absence, stand_ins, stood_for

MAY, JUNE = date(2026, 5, 4), date(2026, 6, 1)


def away(login, substitute, first=date(2026, 5, 1), last=date(2026, 5, 14), on=date(2026, 4, 20), **rest):
    return Absence(login, substitute, first, last, on, **rest)


def test_the_substitute_stands_in_on_both_edges_and_not_outside():
    one = [away("anna", "boris")]
    for day, found in (("04-30", {}), ("05-01", {"anna": "boris"}), ("05-14", {"anna": "boris"}), ("05-15", {})):
        assert stand_ins(one, date.fromisoformat(f"2026-{day}")) == found


def test_a_chain_is_followed_to_who_is_there():
    found = [away("anna", "boris"), away("boris", "vera")]
    assert stand_ins(found, MAY) == {"anna": "vera", "boris": "vera"}
    assert stood_for(found, "vera", MAY) == ("anna", "boris")


def test_in_a_circle_nobody_stands_in():
    assert stand_ins([away("anna", "boris"), away("boris", "anna")], MAY) == {}


def test_only_what_was_known_and_stands_counts():
    late = [away("anna", "boris", on=date(2026, 5, 10))]
    assert stand_ins(late, MAY) == {}
    assert stand_ins(late, MAY, known_on=JUNE) == {"anna": "boris"}
    off = [away("anna", "boris", withdrawn=date(2026, 5, 8))]
    assert stand_ins(off, date(2026, 5, 7)) == {"anna": "boris"}
    assert stand_ins(off, date(2026, 5, 8)) == {}
