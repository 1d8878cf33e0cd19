"""All lists of the invented region on disk, each in two forms at least, with the order in which they arrived.

`lists/lists.csv` says when each file came, what it is and of which day; files of the second form repeat the last list and
are not delivered: loading them instead must give the same (tests/region/test_lists.py)."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from oncor_cases.region.clinics import with_role
from oncor_cases.region.lists import claims, register, screening, tables
from oncor_cases.region.lists.differences import Differences, plant
from oncor_cases.region.lists.forms import as_csv, as_dbf, as_xlsx, as_xml
from oncor_cases.region.lists.known import Person
from oncor_cases.region.lists.tables import Table, World
from oncor_cases.region.people import Resident
from oncor_cases.sources.lists.senders import other_register

MANIFEST = "lists.csv"
NEIGHBOUR = other_register(tables.OUTSIDE)
SNAPSHOTS = (270, 180, 90, 1)  # days before today
MONTHS = 12


@dataclass(frozen=True, slots=True)
class File:
    """A list as a file. `came` is empty for the second form, which nobody delivers."""

    name: str
    kind: str
    as_of: date
    sender: str
    came: date | None
    data: bytes


Form = tuple[str, Callable[[Table], bytes]]
CSV: Form = ("csv", lambda t: as_csv(t.words, t.rows))
OLD_CSV: Form = ("csv", lambda t: as_csv(t.tags, t.rows, encoding="cp866", delimiter="\t"))
XLSX: Form = ("xlsx", lambda t: as_xlsx(t.words, t.rows, "Список сформирован автоматически"))
DBF: Form = ("dbf", lambda t: as_dbf(t.tags, t.rows))


def _xml(root: str, record: str) -> Form:
    return "xml", lambda t: as_xml(root, record, t.tags, t.rows)


@dataclass(frozen=True, slots=True)
class Listed:
    """A list the region sends: who, in which forms, and its rows as of a day (with the start of the period)."""

    kind: str
    stem: str
    sender: str
    forms: tuple[Form, Form]
    rows: Callable[[World, date, date], Table]


SNAPSHOT_LISTS = (
    Listed("tfoms_insured", "insured", "ТФОМС", (CSV, DBF), lambda w, day, _: tables.insured(w, day)),
    Listed("observed", "dn_in", "ТФОМС", (_xml("DN", "DN_IN"), XLSX), lambda w, day, _: tables.observed(w, day)),
    Listed(
        "register_persons",
        "register_persons",
        "Канцер-регистр",
        (XLSX, CSV),
        lambda w, d, _: register.register_persons(w, d),
    ),
    Listed(
        "register_tumours",
        "register_tumours",
        "Канцер-регистр",
        (XLSX, DBF),
        lambda w, d, _: register.register_tumours(w, d),
    ),
    Listed(
        "register_treatments",
        "register_treatments",
        "Канцер-регистр",
        (CSV, XLSX),
        lambda w, day, _: register.register_treatments(w, day),
    ),
    Listed(
        "register_visits",
        "register_visits",
        "Канцер-регистр",
        (CSV, DBF),
        lambda w, day, _: register.register_visits(w, day),
    ),
)
MONTHLY = (
    Listed("observation_visits", "dn_visits", "ТФОМС", (DBF, CSV), tables.visits),
    Listed("informing", "informing", "Страховая организация", (XLSX, CSV), tables.informing),
    Listed("deaths", "deaths", "Медстатистика", (CSV, XLSX), tables.deaths),
    Listed("civil_deaths", "zags_deaths", "ЗАГС", (_xml("FATAL", "FATALZP"), CSV), tables.civil_deaths),
)
ONCE = (
    Listed("observation_ended", "dn_out", "ТФОМС", (OLD_CSV, XLSX), lambda w, day, _: tables.ended(w, day)),
    Listed("observation_plan", "plan", "ТФОМС", (CSV, DBF), lambda w, day, _: tables.plan(w, day)),
    Listed("name_changes", "zags_name_changes", "ЗАГС", (CSV, XLSX), lambda w, day, _: tables.name_changes(w, day)),
    Listed("register_persons", "other_persons", NEIGHBOUR, (CSV, XLSX), lambda w, d, _: register.other_persons(w, d)),
    Listed("register_tumours", "other_tumours", NEIGHBOUR, (XLSX, DBF), lambda w, d, _: register.other_tumours(w, d)),
    Listed("departures", "departures", "ТФОМС", (CSV, XLSX), lambda w, day, _: tables.departures(w, day)),
    Listed("screening", "screening", "Скрининговый центр", (XLSX, CSV), lambda w, day, _: screening.screening(w, day)),
    Listed("appointments", "appointments", "Регистратура", (CSV, XLSX), lambda w, day, _: tables.appointments(w, day)),
)


def export(out: Path, people: Sequence[Person], residents: Sequence[Resident], seed: int, today: date) -> dict[str, object]:
    """Writes every list and their manifest; returns what is true of them, for truth.json."""
    differences = plant(seed, people, residents, today, [c.oid for c in with_role("polyclinic")])
    world = World(residents, people, differences, seed, today)
    (out / "lists").mkdir(parents=True, exist_ok=True)
    manifest = io.StringIO()
    writer = csv.writer(manifest, lineterminator="\n")
    writer.writerow(("received_at", "path", "kind", "as_of", "sender"))
    files = sorted(_files(world), key=lambda f: (f.came or date.max, f.name))
    for file in files:
        (out / "lists" / file.name).write_bytes(file.data)
        came = f"{datetime.combine(file.came, time(20)):%Y-%m-%dT%H:%M:%S}+03:00" if file.came else ""
        writer.writerow((came, f"lists/{file.name}", file.kind, file.as_of, file.sender))
    (out / "lists" / MANIFEST).write_text(manifest.getvalue(), encoding="utf-8")
    (out / "lists" / "org_codes.csv").write_text("".join(f"{c},{oid}\n" for c, oid in tables.org_codes()), encoding="utf-8")
    (out / "lists" / "stages.csv").write_text("".join(f"{c},{s}\n" for s, c in claims.STAGES.items()), encoding="utf-8")
    return _truth(world, differences)


def _files(w: World) -> Iterator[File]:
    last = w.today - timedelta(days=1)
    for back in SNAPSHOTS:
        day = w.today - timedelta(days=back)
        for one in SNAPSHOT_LISTS:
            yield from _both(w, one, day, day - timedelta(days=90), day, second=day == last)
    for since, day in _months(w.today):
        for one in MONTHLY:
            yield from _both(w, one, since, since, day, rows_day=day, second=True)
        for of in claims.FILES:
            name, second, main, persons = claims.claims(w, since, day, since.month, of)
            if b"<ZAP>" not in main:
                continue
            came = day - timedelta(days=1)
            yield File(f"{name}.zip", "claims", day, BILLED, came, claims.packed(name, second, main, persons))
            if day == w.today:
                yield File(f"{name}.xml", "claims", day, BILLED, None, main)
    for one in ONCE:
        yield from _both(w, one, last, last - timedelta(days=365), last, rows_day=w.today, second=True)
    rows = claims.records(w, w.today)
    yield File(f"oncor_{last:%Y%m%d}.json", "oncor_records", last, "МИС", last, claims.as_json(rows))
    yield File(f"oncor_{last:%Y%m%d}.jsonl", "oncor_records", last, "МИС", None, claims.as_lines(rows))


BILLED = ""  # a bill names its organisation itself


def _both(
    w: World, one: Listed, as_of: date, since: date, came: date, *, rows_day: date | None = None, second: bool
) -> Iterator[File]:
    """The form that is delivered, and for the last list the other one too. A list without a row is not sent."""
    table = one.rows(w, rows_day or as_of, since)
    if not table.rows:
        return
    if came >= w.today:
        came = w.today - timedelta(days=1)
    stamp = f"{as_of:%Y%m%d}"
    for number, (ending, form) in enumerate(one.forms):
        if number and not second:
            continue
        name = f"{one.stem}_{stamp}{'_2' if number else ''}.{ending}"
        yield File(name, one.kind, as_of, one.sender, None if number else came, form(table))


def _months(today: date) -> Iterator[tuple[date, date]]:
    """(first day, day after the last one) of the last months; the current one ends today."""
    first = today.replace(day=1)
    months = [(first, today)] if today > first else []
    for _ in range(MONTHS - 1):
        before = (first - timedelta(days=1)).replace(day=1)
        months.append((before, first))
        first = before
    return iter(reversed(months))


def _truth(w: World, differences: Differences) -> dict[str, object]:
    day = w.today - timedelta(days=1)
    observed = {str(row[0]) for row in tables.observed(w, day).rows if not str(row[9]).startswith("I")}
    return {
        "as_of": f"{day}",
        "insured": len(tables.insured(w, day).rows),
        "attached": {row[0]: _attached(w, str(row[0])) for row in register.register_persons(w, day).rows},
        "observed": sorted(observed),
        "register": sorted({str(row[0]) for row in register.register_persons(w, day).rows}),
        "tumours": sorted(
            [str(row[0]), str(row[8]), f"{row[9]}", str(row[10])] for row in register.register_tumours(w, day).rows
        ),
        "other_register": sorted(str(row[0]) for row in register.other_tumours(w, day).rows),
        "observation_ended": sorted([str(row[0]), f"{row[9]}"] for row in tables.ended(w, w.today).rows),
        "planned": sorted([str(row[0]), f"{row[9]}-{row[10]:02}"] for row in tables.plan(w, w.today).rows),
        "deaths": sorted(
            [str(row[0]), f"{row[7]}"] for since, until in _months(w.today) for row in tables.deaths(w, until, since).rows
        ),
        "suspected_at_screening": sorted(
            [s.who.snils, s.programme, f"{s.on}", f"{s.referred}" if s.referred else ""]
            for s in screening.screened(w, w.today)
            if s.result == screening.SUSPICIOUS
        ),
        "differences": differences.told(),
    }


def _attached(w: World, snils: str) -> str:
    return next(r.attached for r in w.residents if r.snils == snils)
