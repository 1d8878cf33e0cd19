"""Lists of a folder in the order in which they came: `lists/lists.csv` beside them, obeyed by demo stores."""

import csv
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from oncor_cases.actions import lists
from oncor_cases.actions.lists import Outcome
from oncor_cases.store import regions
from oncor_cases.store.session import Database

MANIFEST = "lists/lists.csv"


class Sent(NamedTuple):
    """A list with what its sender said of it."""

    at: datetime
    path: Path
    kind: str
    as_of: date
    sender: str

    @property
    def day(self) -> date:
        return self.at.date()


def sent(folder: Path) -> Iterator[Sent]:
    """The delivered lists of an invented region, in the order of the manifest; none if it has none."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return
    with manifest.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["received_at"]:
                yield Sent(
                    datetime.fromisoformat(row["received_at"]), folder / row["path"], row["kind"],
                    date.fromisoformat(row["as_of"]), row["sender"],
                )  # fmt: skip


def dictionaries(db: Database, region: int, folder: Path) -> None:
    """The fund's codes of clinics and the region's codes of stages, if they lie beside the lists."""
    found = {}
    for name, of in (("org_codes.csv", "org_codes"), ("stages.csv", "stages")):
        path = folder / "lists" / name
        if path.is_file():
            with path.open(encoding="utf-8", newline="") as file:
                found[of] = {row[0]: row[1] for row in csv.reader(file)}
    if found:
        with db.owner() as conn:
            regions.change(conn, region, settings=regions.get(conn, region).settings | found)


def take(db: Database, region: int, one: Sent, author: str = "отправитель") -> Outcome:
    """One delivered list."""
    return lists.take(
        db, one.path, region=region, author=author, kind=one.kind, as_of=one.as_of, sender=one.sender, received_at=one.at
    )
