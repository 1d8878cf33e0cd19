"""`oncor reconcile` and the jobs around it on a store of its own."""

import io
import json
from datetime import date, timedelta

import pytest
from typer.testing import CliRunner

from oncor_cases.actions import lists
from oncor_cases.cli import app
from oncor_cases.config import read
from oncor_cases.ops import jobs
from tests.worklist.compared import loaded, observed

HEAD = "СНИЛС;Фамилия;Имя;Дата рождения;Пол;Код МО;Диагноз;Дата взятия на учет\n"


@pytest.fixture
def settings(town, monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", town.db.url)
    monkeypatch.setenv("ONCOR_HOME", str(tmp_path))
    return read()


def reconcile(*words):
    result = CliRunner().invoke(app, ["reconcile", *words])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_command_tells_counts_and_names_nobody(town, settings):
    today = jobs.today(town.db, settings)
    observed(town, town.person(family="Секретная"), today - timedelta(days=100))
    loaded(town, today, "observed", "register_tumours")
    told = reconcile()
    assert "В списке ТФОМС, но не в регистре: открыто 1, новых 1" in told
    assert "Химиотерапия оплачена, документа нет: нет списка, не сверялось" in told
    assert "Секретная" not in told
    again = json.loads(reconcile("--json"))
    assert (again["open"], again["new"], again["given"]) == (1, 0, 0)
    assert again["skipped"] == ["paid_chemo_without_document", "plan_not_kept"]
    assert again["comparisons"]["observed_not_registered"]["found"] == 1


def test_a_loaded_list_is_compared_at_once_but_not_before_the_first_comparison(town, settings):
    today = jobs.today(town.db, settings)
    loaded(town, today, "register_tumours")

    def send(day, row):
        data = io.BytesIO((HEAD + row + "\n").encode())
        lists.receive(town.db, data, "dn_in.csv", region=1, author="t", kind="observed", as_of=day, sender="ТФОМС")
        return jobs.load_lists(town.db, settings)

    counts = send(date(2026, 1, 10), "112-233-445 95;Тестова;Анна;12.04.1961;Ж;;C50.9;01.02.2024")
    assert counts["loaded"] == 1
    assert "new" not in counts
    assert not jobs.compared_before(town.db, 1)
    counts = jobs.compare_sources(town.db, settings)
    assert (counts["open"], counts["given"]) == (1, 0)
    assert jobs.compared_before(town.db, 1)
    counts = send(date(2026, 2, 10), "161-234-567 01;Иная;Вера;01.05.1950;Ж;;C18.7;01.02.2024")
    assert (counts["loaded"], counts["new"], counts["ended"], counts["open"]) == (1, 1, 1, 1)


def test_what_came_by_a_command_or_the_interface_is_compared_by_the_schedule(town, settings):
    """`oncor lists load`, `oncor lists withdraw` and POST /api/v1/records work beside the schedule."""
    today = jobs.today(town.db, settings)
    loaded(town, today, "register_tumours")
    assert "open" not in jobs.load_lists(town.db, settings)  # nobody has compared yet: the first time is the night's
    jobs.compare_sources(town.db, settings)
    assert "open" not in jobs.load_lists(town.db, settings)  # nothing came
    data = (HEAD + "112-233-445 95;Тестова;Анна;12.04.1961;Ж;;C50.9;01.02.2024\n").encode()
    told = {"region": 1, "author": "cli", "kind": "observed", "as_of": today, "sender": "ТФОМС"}
    done = lists.take_bytes(town.db, data, "dn_in.csv", **told)
    counts = jobs.load_lists(town.db, settings)
    assert (counts["loaded"], counts["open"], counts["new"]) == (0, 1, 1)
    assert "open" not in jobs.load_lists(town.db, settings)
    lists.withdraw(town.db, done.id, "не тот", region=1, by="cli")
    assert jobs.load_lists(town.db, settings)["open"] == 0


def test_a_long_comparison_does_not_follow_every_record_of_the_interface(town, settings):
    """At most a tenth of the time is spent on it: a minute of comparing is followed by nine without."""
    today = jobs.today(town.db, settings)
    loaded(town, today, "register_tumours")
    jobs.compare_sources(town.db, settings)
    data = (HEAD + "112-233-445 95;Тестова;Анна;12.04.1961;Ж;;C50.9;01.02.2024\n").encode()
    lists.take_bytes(town.db, data, "dn_in.csv", region=1, author="cli", kind="observed", as_of=today, sender="ТФОМС")

    def ended(minutes):
        with town.db.batch() as conn:
            conn.execute(
                """update comparison_run set finished_at = now() - %(m)s * interval '1 minute',
                   started_at = now() - (%(m)s + 1) * interval '1 minute'""",
                {"m": minutes},
            )
            conn.execute("update list_load set finished_at = now() - interval '30 seconds' where kind = 'observed'")

    ended(5)
    assert "open" not in jobs.load_lists(town.db, settings)
    ended(10)
    assert jobs.load_lists(town.db, settings)["open"] == 1
