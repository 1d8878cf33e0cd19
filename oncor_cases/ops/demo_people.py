"""What the demonstration shows of persons: a clinic sent its mammograms of yesterday typed by hand, without policies and
with slips, so some women wait for an answer who they are. May be repeated."""

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path

from oncor_cases.actions import list_deliveries, matching
from oncor_cases.actions.list_deliveries import Sent
from oncor_cases.store import regions
from oncor_cases.store.session import Database

WOMEN = 6
AGE = range(50, 75)  # within the programme on any day of the year
NAMES = 4
HEADER = ["ФИО", "Дата рождения", "Пол", "Программа", "Событие", "Дата события", "Результат", "МО"]


def arrive(db: Database, region: int, folder: Path, today: date) -> None:
    """The list comes, and everybody without a number is compared with the residents."""
    yesterday = today - timedelta(days=1)
    path = folder / "lists" / f"mammograms_{yesterday:%Y%m%d}.csv"
    with db.batch() as conn:
        at = datetime.combine(yesterday, time(19), regions.get(conn, region).zone)
    with path.open("w", encoding="utf-8", newline="") as file:
        told = csv.writer(file, delimiter=";")
        told.writerow(HEADER)
        told.writerows(_typed(folder, yesterday))
    list_deliveries.take(db, region, Sent(at, path, "screening", yesterday, "Маммография"))
    matching.run(db, region, at=at + timedelta(hours=1))


def _typed(folder: Path, day: date) -> Iterator[list[str]]:
    """Women of one clinic as somebody typed them: a letter of the surname lost, no patronymic, and names that many have;
    one slip less and they would be recognised."""
    with (folder / "residents.csv").open(encoding="utf-8", newline="") as file:
        women = [row for row in csv.DictReader(file) if row["sex"] == "female" and _age(row, day) in AGE]
    many = {given for given, _ in Counter(row["given"] for row in women).most_common(NAMES)}
    clinic = women[0]["attached"]
    asked = (row for row in reversed(women) if row["attached"] == clinic and row["given"] in many)
    for row in islice(asked, WOMEN):
        name = f"{row['family'][:3]}{row['family'][4:]} {row['given']}"
        yield [name, row["birth_date"], "Ж", "RU-BREAST", "исследование", str(day), "норма", clinic]


def _age(row: dict[str, str], day: date) -> int:
    return day.year - int(row["birth_date"][:4])
