"""The demonstration: an invented region whose documents arrive day by day, with a sweep each morning, as in real life.

History, lateness and the time machine are therefore real. Every step may be repeated: documents are taken in once, a day
already swept is passed over, so a start that was cut short goes on where it stopped (tests/ops/test_demo.py)."""

import csv
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from oncor_cases.actions import accounts, comparing, list_deliveries
from oncor_cases.actions.deliveries import Delivery
from oncor_cases.actions.ingest import ingest
from oncor_cases.actions.list_deliveries import Sent
from oncor_cases.actions.morning import morning
from oncor_cases.actions.sweep import escalate
from oncor_cases.actions.withdraw import withdraw
from oncor_cases.config import Settings
from oncor_cases.kernel.errors import Conflict, UserError
from oncor_cases.ops import demo_lists, demo_navigators, demo_people, demo_places, demo_staff
from oncor_cases.store import absences as away
from oncor_cases.store import accounts as rows
from oncor_cases.store import embedded, opening, regions, sweeps
from oncor_cases.store.session import Database

Tell = Callable[[str, int, int], None]  # what is being done, done, of how many
NAME = "Речная область"
OBSERVED_DAYS = 365  # the region has worked with the system for a year; what was due before it is history
COMPARED = range(0, 57, 7)  # days before the end on which the sources are compared: eight weeks of history are enough
PASSWORD = "oncor-demo"  # printed, and made only in demo stores


@dataclass(frozen=True, slots=True)
class Size:
    """How much to invent."""

    residents: int = 20_000
    patients: int = 600
    seed: int = 1


class Login(NamedTuple):
    """A demo account as it is printed."""

    login: str
    password: str
    about: str


class Post(NamedTuple):
    """A line of deliveries.csv: the document came, or its sender voided it."""

    at: datetime
    path: Path
    action: str
    reason: str

    @property
    def day(self) -> date:
        return self.at.date()


def is_ready(settings: Settings) -> bool:
    """True if a demonstration was built here to its end."""
    return _state(settings).get("ready") is True


def build(settings: Settings, size: Size, tell: Tell) -> int:
    """Invents the region, replays its year, opens the accounts; returns how many persons could not be swept.

    Raises UserError in a store with real data."""
    tell("База данных", 0, 1)
    db = opening.start(settings.database_url, settings.home)
    try:
        today = _begin(db, settings, size)
        tell("База данных", 1, 1)
        folder = settings.home / "region"
        if not (folder / "deliveries.csv").exists():
            _invent(folder, size, today, tell)
        _clinics(db, settings.region, folder)
        demo_places.begin(db, settings.region)
        list_deliveries.dictionaries(db, settings.region, folder)
        failed = _replay(db, settings, list(posts(folder)), list(list_deliveries.sent(folder)), today, tell)
        demo_people.arrive(db, settings.region, folder, today)
        demo_places.end(db, settings.region, today)
        logins = _accounts(db, settings.region)
        demo_lists.save(db, settings.region, today)
        _remember(settings, {"today": f"{today}", "seed": size.seed, "ready": True, "logins": logins})
        return failed
    finally:
        db.close()
        if not settings.database_url:
            embedded.release(settings.home)


def logins(settings: Settings) -> list[Login]:
    """The accounts of a demonstration that is ready."""
    return [Login(*row) for row in _state(settings).get("logins", [])]


def forget(settings: Settings) -> None:
    """Removes a demonstration with its database. Raises UserError if this is not one of ours."""
    if settings.database_url:
        raise UserError("Внешнюю базу (DATABASE_URL) демонстрация не очищает: создайте пустую")
    if not _state(settings) and (settings.home / "postgres").exists():
        raise UserError(f"В папке {settings.home} не демонстрация: ничего не удаляю")
    embedded.stop(settings.home)
    for name in ("postgres", "region", "drop", "prefect"):
        shutil.rmtree(settings.home / name, ignore_errors=True)
    (settings.home / "demo.json").unlink(missing_ok=True)


def posts(folder: Path) -> Iterator[Post]:
    """What arrived, in the order of arrival."""
    with (folder / "deliveries.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Post(datetime.fromisoformat(row["received_at"]), folder / row["path"], row["action"], row["reason"])


def _begin(db: Database, settings: Settings, size: Size) -> date:
    """The day the region is invented for: that of the first, cut short start, else the real one."""
    with db.owner() as conn:
        found = regions.find(conn, settings.region)
        if found and not found.demo and rows.has_documents(conn, settings.region):
            raise UserError(f"В папке {settings.home} настоящие данные: для показа задайте другую папку в ONCOR_HOME")
        state = _state(settings)
        today = date.fromisoformat(state["today"]) if state else settings.day(demo=True)
        if found is None or not found.demo:
            observed = today - timedelta(days=OBSERVED_DAYS)
            regions.ensure(conn, settings.region, name=NAME, tz=settings.timezone, observed_from=observed, demo=True)
            regions.change(conn, settings.region, name=NAME, tz=settings.timezone, observed_from=observed, demo=True)
    _remember(settings, {"today": f"{today}", "seed": size.seed, "ready": False})
    return today


def _invent(folder: Path, size: Size, today: date, tell: Tell) -> None:
    from oncor_cases.region.generate import generate

    fresh = folder.with_name("region.new")
    shutil.rmtree(fresh, ignore_errors=True)
    generate(
        fresh,
        residents_count=size.residents,
        patients_count=size.patients,
        seed=size.seed,
        today=today,
        progress=lambda what, done, total: tell(f"Придумываю: {what}", done, total),
    )
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)  # whole or not at all


def _clinics(db: Database, region: int, folder: Path) -> None:
    with (folder / "clinics.csv").open(encoding="utf-8", newline="") as file, db.owner() as conn:
        for row in csv.DictReader(file):
            rows.organisation(
                conn, region, row["oid"], name=row["name"], short_name=row["short_name"],
                district=row["district"], roles=row["roles"].split(";"), office=row["office"],
            )  # fmt: skip


def _replay(db: Database, settings: Settings, arrived: list[Post], sent: list[Sent], today: date, tell: Tell) -> int:
    """Each morning a sweep, then the day's documents and in the evening its lists; nothing before `observed_from` opens
    a task, so no sweeps there.

    A morning on which nobody is due is passed over: its sweep would change nothing. In the last months people work, too:
    heads answer, somebody is on leave, notices are given out (ops/demo_staff.py); in the last weeks navigators call and
    appoint (ops/demo_navigators.py), today's morning is left to whoever looks."""
    by_day = {day: list(group) for day, group in groupby(arrived, attrgetter("day"))}
    lists_of = {day: list(group) for day, group in groupby(sent, attrgetter("day"))}
    done, failed, what = 0, 0, "Документы приходят день за днём"
    with db.batch_session() as conn:
        observed = regions.get(conn, settings.region).observed_from or today
        swept = sweeps.last_day(conn, settings.region)
        for day in _days(min([*by_day, *lists_of, today]), today):
            late = day >= observed and (swept is None or day > swept)
            if late and (today - day).days in COMPARED:
                comparing.run(db, settings.region, day)
            if late and (day == today or sweeps.due(conn, settings.region, day)):
                failed = morning(db, day, region=settings.region)["failed"]
            if late and day >= today - demo_staff.WORKS_FOR and day.isoweekday() < 6:
                _accounts(db, settings.region)
                demo_staff.morning(db, settings.region, day, today)
                if today - demo_navigators.WORKS_FOR <= day < today:
                    demo_navigators.morning(db, settings.region, day)
                escalate(db, day, region=settings.region)
            if swept is None or day >= swept:
                _receive(db, settings.region, by_day.get(day, []))
                for one in lists_of.get(day, ()):
                    list_deliveries.take(db, settings.region, one)
            done += len(by_day.get(day, ()))
            tell(what, done, len(arrived))
    return failed


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


def _receive(db: Database, region: int, post: list[Post]) -> None:
    """One day's post in the order of the clock."""
    for action, group in groupby(post, attrgetter("action")):
        if action == "deliver":
            ingest(db, [Delivery(p.path.name, p.path.read_bytes(), p.at) for p in group], region=region, workers=1)
        else:
            for p in group:
                _withdraw(db, region, p)


def _withdraw(db: Database, region: int, post: Post) -> None:
    with suppress(Conflict):  # voided before an earlier start was cut short
        withdraw(db, sha256(post.path.read_bytes()).digest(), post.reason, by="отправитель", region=region, at=post.at)


def _accounts(db: Database, region: int) -> list[Login]:
    """One account of each role at the clinic with most tasks, and a navigator of another one; opened once."""
    with db.batch() as conn:
        busy = dict(rows.busiest(conn, region))
        opened = {login: away.colleague(conn, region, login) for login in ("head", "navigator2")}
    first, second = [*busy, *busy][:2]
    if (head := opened["head"]) is not None and (other := opened["navigator2"]) is not None:
        first, second = head.orgs[0], other.orgs[0]
    people = [
        ("navigator", "Белова Анна Сергеевна", "navigator", [first], f"навигатор, {busy[first]}"),
        ("navigator2", "Юсупова Дина Маратовна", "navigator", [second], f"навигатор, {busy[second]}"),
        ("head", "Громов Пётр Ильич", "head", [first], f"заведующий, {busy[first]}"),
        ("registrar", "Лукина Вера Павловна", "registrar", [first], f"регистратор, {busy[first]}"),
        ("coordinator", "Орлов Денис Юрьевич", "coordinator", [], "координатор региона"),
        ("methodologist", "Ким Ольга Викторовна", "methodologist", [], "методолог"),
        ("methodologist2", "Исаева Нина Павловна", "methodologist", [], "второй методолог: одобряет чужие правки правил"),
        ("admin", "Смирнов Олег Андреевич", "admin", [], "администратор"),
    ]
    if head is None:
        for login, name, role, orgs, _ in people:
            accounts.add(db, login, PASSWORD, name=name, role=role, orgs=orgs, region=region)
    return [Login(login, PASSWORD, about) for login, *_, about in people]


def _state(settings: Settings) -> dict:
    try:
        return json.loads((settings.home / "demo.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _remember(settings: Settings, state: dict) -> None:
    settings.home.mkdir(parents=True, exist_ok=True)
    fresh = settings.home / "demo.json.new"
    fresh.write_text(json.dumps(state, ensure_ascii=False), encoding="utf-8")
    fresh.replace(settings.home / "demo.json")
