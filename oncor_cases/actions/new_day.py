"""What a new day brings before anybody is evaluated: names and mergers whose day has come, the
clinic of residence of whoever is new or has moved, portions of the backlog."""

from datetime import date

from oncor_cases.actions.evaluation import Rules
from oncor_cases.store import backlog, organisations, places
from oncor_cases.store.session import Connection


def prepare(conn: Connection, region: int, today: date, rules: Rules) -> None:
    """Writes what is due today into the rows; doing it twice changes nothing."""
    if rules.routing is not None:
        organisations.rename_due(conn, region, today)
        follow(conn, region, today, rules)
    places.settle(conn, region, only_changed=True)
    if rules.live_from is not None and rules.calendar.is_working(today):
        for org, per_day in backlog.paces(conn, region, today):
            backlog.portion(conn, region, org, per_day, today)


def follow(conn: Connection, region: int, today: date, rules: Rules) -> None:
    """Who answers for a department or a merged organisation sees the persons it saw."""
    assert rules.routing is not None
    known = [(org, rules.routing.answers_for(org, today)) for org in organisations.senders(conn, region)]
    organisations.follow(conn, region, [(old, new) for old, new in known if new != old])
    merged = [(p.oid, rules.routing.answers_for(p.oid, today)) for p in rules.routing.places.values() if not p.parent]
    organisations.follow_accounts(conn, region, [(old, new) for old, new in merged if new != old])
