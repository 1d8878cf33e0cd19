"""What the demonstration shows of places: a renamed clinic and a merged one, patients of a care home whom no clinic has,
rows of routing, and a backlog that three clinics have not let in yet. Each step may be repeated."""

from datetime import date, datetime, time, timedelta

from oncor_cases.actions import backlog, organisations, places
from oncor_cases.actions.sweep import sweep
from oncor_cases.region.clinics import with_role
from oncor_cases.store import backlog as rows
from oncor_cases.store import organisations as stored
from oncor_cases.store import places as stored_places
from oncor_cases.store import regions, routing
from oncor_cases.store.session import Connection, Database

BY = "показ"
LIVE = timedelta(days=245)  # after the first documents: what was overdue by then is the backlog
PORTION = 50  # a working day, of the clinics that have let their backlog in
KEEPS = ("9104", "9105", "9107")  # the numbers of the clinics that have not
CARE_HOME = 6  # patients


def begin(db: Database, region: int) -> None:
    """Before the year is replayed: the region went live four months ago, most clinics take portions of its backlog."""
    with db.owner() as conn:
        observed = regions.get(conn, region).observed_from
        if observed is not None and backlog.live_from(conn, region) is None:
            backlog.go_live(conn, region, observed + LIVE, by=BY)
    with db.batch() as conn:
        done = {org for org, _ in rows.paces(conn, region, date.min.replace(year=1900))}
        for oid, _ in stored.names(conn, region):
            if oid.rpartition(".")[2] not in KEEPS and oid not in done:
                backlog.set_pace(conn, region, oid, PORTION, by=BY)


def end(db: Database, region: int, today: date) -> None:
    """After the year: a new name, a merger, a care home, rows of routing; then everybody they concern is swept."""
    dispensary, office = with_role("dispensary")[0].oid, with_role("caop")[0].oid
    by_number = {c.oid.rpartition(".")[2]: c.oid for c in with_role("polyclinic")}
    with db.batch() as conn:
        renamed, merged = stored.get(conn, region, by_number["9103"]), stored.get(conn, region, by_number["9106"])
        if renamed is not None and renamed["short_name"] == "ГП № 3":
            organisations.rename(
                conn, region, by_number["9103"], name="ГБУЗ «Городская поликлиника № 3 имени профессора Петрова»",
                short_name="ГП № 3 им. Петрова", since=today - timedelta(days=120), reason="постановление правительства",
                today=today, by=BY,
            )  # fmt: skip
        if merged is not None and not merged["successor_oid"]:
            organisations.merge(
                conn, region, by_number["9106"], by_number["9105"], since=today - timedelta(days=30),
                reason="приказ о реорганизации", today=today, by=BY,
            )  # fmt: skip
        if not routing.records(conn, region, regions.get(conn, region).zone).routes:
            places.add_route(
                conn, region, "FU-01", ["dispensary"], None, rules=["FU-01"], reason="приказ о ведении регистра", by=BY
            )
            places.add_default(
                conn, region, office, category="care_home", district="", instead=True, since=None,
                reason="приказ о кураторстве домов-интернатов", by=BY,
            )  # fmt: skip
            places.add_default(
                conn, region, dispensary, category="", district="", instead=False, since=None,
                reason="приказ: неприкреплённых ведёт диспансер", by=BY,
            )  # fmt: skip
        _care_home(conn, region, today)
    sweep(db, today, region=region)


def _care_home(conn: Connection, region: int, today: date) -> None:
    """The oldest patients with an overdue visit live in a care home since last year."""
    if stored_places.any_category(conn, region):
        return
    found = stored_places.oldest_with_tasks(conn, region, CARE_HOME)
    since, zone = today - timedelta(days=200), regions.get(conn, region).zone
    for person in found:
        at = datetime.combine(today, time(8), zone)
        places.categorise(conn, region, person, "care_home", since, by=BY, at=at)
