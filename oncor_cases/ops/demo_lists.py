"""The contingents a demonstration starts with: what a coordinator would have saved in the first week."""

from datetime import date, timedelta

from oncor_cases.actions import contingents
from oncor_cases.store.session import Database, Scope

YEAR = timedelta(days=365)


def save(db: Database, region: int, today: date) -> None:
    """Saves them once; a demonstration that was cut short finds those it has."""
    coordinator = Scope(region, "coordinator", "coordinator")
    silent = {"registered": "oncology", "alive": True, "lacks": [{"kind": "visit", "since": (today - YEAR).isoformat()}]}
    lists = [
        ("Онкологический регистр", "register", {"register": "oncology"}),
        ("Застрахованные", "query", {"query": {"insured": True}}),
        ("Просрочена консультация онколога", "query", {"query": {"overdue": "DX-01"}}),
        ("На учёте, год без явки", "query", {"query": silent}),
        ("Женщины 50–75 лет", "query", {"query": {"sex": "female", "age_from": 50, "age_to": 75, "alive": True}}),
    ]
    for name, kind, definition in lists:
        contingents.save(db, coordinator, name=name, kind=kind, definition=definition, today=today, shared=True, again=True)
