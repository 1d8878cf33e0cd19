"""The whole invented region on disk: documents, deliveries, lists, and the truth about what was planted.

Everything follows from the seed and the day: the same two give the same bytes."""

import csv
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from oncor_cases.kernel.calendar import Calendar
from oncor_cases.kernel.errors import UserError
from oncor_cases.region.clinics import clinics
from oncor_cases.region.lists.export import export
from oncor_cases.region.lists.known import person_of
from oncor_cases.region.patients import Patient, known_by, patients
from oncor_cases.region.people import Resident, residents
from oncor_cases.region.writing import ZONE, written
from oncor_cases.sources.seeds import default_calendar

Progress = Callable[[str, int, int], None]  # what, done, of how many


@dataclass
class Summary:
    """What was made."""

    residents: int = 0
    patients: int = 0
    documents: int = 0
    deliveries: int = 0
    bytes: int = 0
    stories: dict[str, int] = field(default_factory=dict)


def homes() -> dict[str, list[tuple[str, int]]]:
    """Which clinics serve a district, with their weights."""
    served: dict[str, list[tuple[str, int]]] = {}
    for clinic in clinics():
        for district, weight in clinic.serves.items():
            served.setdefault(district, []).append((clinic.oid, weight))
    return served


def generate(
    out: Path,
    *,
    residents_count: int,
    patients_count: int,
    seed: int,
    today: date,
    mean_kb: float = 0,
    progress: Progress = lambda what, done, total: None,
) -> Summary:
    """Writes the region into an empty (or new) folder. `today` is exclusive: nothing arrives on it or later.

    Raises UserError if the folder holds something already."""
    if out.exists() and any(out.iterdir()):
        raise UserError(f"Папка {out} не пуста: укажите новую")
    if patients_count > residents_count:
        raise UserError("Пациентов не может быть больше, чем жителей")
    papers = out / "documents"
    papers.mkdir(parents=True, exist_ok=True)
    calendar = default_calendar()
    people = list(residents(seed, residents_count, today, homes()))
    progress("жители", residents_count, residents_count)
    summary = Summary(residents=len(people))
    deliveries: list[tuple[str, ...]] = []
    deaths: list[tuple[str, ...]] = []
    truth: list[dict[str, Any]] = []
    known = []
    for number, whole in enumerate(patients(seed, patients_count, today, people, calendar), 1):
        patient = known_by(whole, today)
        paths: list[str] = []
        for paper, text in written(patient, seed, round(mean_kb * 1024)):
            name = f"documents/{_opaque(seed, patient.resident.number, paper.id)}.xml"
            (out / name).write_bytes(text)
            paths.append(name)
            summary.bytes += len(text)
            deliveries.append((_stamp(paper.received), name, "deliver", ""))
            if paper.again:
                deliveries.append((_stamp(paper.again), name, "deliver", "повторная отправка"))
            if paper.withdrawn:
                deliveries.append((_stamp(paper.withdrawn), name, "withdraw", paper.reason))
        known.append(person_of(whole, today))
        died = _death(patient, today)
        if died:
            deaths.append(died)
        truth.append(_truth(patient, whole, paths, today, calendar))
        summary.patients += 1
        summary.documents += len(paths)
        summary.stories[patient.story.name] = summary.stories.get(patient.story.name, 0) + 1
        progress("пациенты", number, patients_count)
    summary.deliveries = len(deliveries)
    _table(out / "deliveries.csv", ("received_at", "path", "action", "reason"), sorted(deliveries))
    _table(out / "deaths.csv", ("snils", "enp", "family", "given", "patronymic", "birth_date", "sex", "died_on", "icd10",
                                "known_at"), sorted(deaths))  # fmt: skip
    _lists(out, people)
    progress("списки", 0, 1)
    told = export(out, known, people, seed, today)
    progress("списки", 1, 1)
    (out / "truth.json").write_text(
        json.dumps({"seed": seed, "today": f"{today}", "patients": truth, "lists": told}, ensure_ascii=False, indent=1),
        encoding="utf-8",
    )
    return summary


def _opaque(*parts: object) -> str:
    """A file name that tells nothing of the patient."""
    return hashlib.sha256(" ".join(map(str, parts)).encode()).hexdigest()[:24]


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}{ZONE[:3]}:{ZONE[3:]}"


def _death(patient: Patient, today: date) -> tuple[str, ...] | None:
    """A row of the list of the dead: it comes two weeks after the death, whether or not a certificate came."""
    r = patient.resident
    for paper in patient.papers:
        for said in paper.says:
            if said.kind == "death" and said.on and said.on + timedelta(days=14) < today:
                return (r.snils, r.enp, r.family, r.given, r.patronymic, f"{r.born}", r.sex, f"{said.on}", said["icd10"],
                        _stamp(datetime.combine(said.on, time(9)) + timedelta(days=14)))  # fmt: skip
    return None


def _truth(patient: Patient, whole: Patient, paths: list[str], today: date, calendar: Calendar) -> dict[str, Any]:
    """What was planted: each expectation of the story with its dates, and whether it is late or still open today."""
    day_of = {p.id: p for p in whole.papers}
    planted = []
    for wish in patient.story.expect:
        start = day_of.get(wish.since)
        if not start or start.received.date() >= today:
            continue
        on = start.received.date() if wish.known else start.moment.date()
        days = wish.days.low
        due = calendar.add_working_days(on, days) if wish.days.work else on + timedelta(days=days)
        stop = day_of.get(wish.until)
        ended = stop if stop and stop.received.date() < today else None
        planted.append({
            "rule": wish.rule, "from": f"{on}", "due": f"{due}",
            "done": f"{ended.moment.date()}" if ended else None,
            "known_done": f"{ended.received.date()}" if ended else None,
            "late": bool(ended and ended.moment.date() > due) or (not ended and today > due),
            "open": not ended and today > due,
        })  # fmt: skip
    r = patient.resident
    return {
        "snils": r.snils, "enp": r.enp, "resident": r.number, "attached": r.attached, "story": patient.story.name,
        "title": patient.story.title, "icd10": patient.tumours[0].icd10, "start": f"{patient.start}",
        "documents": paths, "expected": planted,
    }  # fmt: skip


def _lists(out: Path, people: Sequence[Resident]) -> None:
    _table(
        out / "residents.csv",
        ("number", "snils", "enp", "family", "given", "patronymic", "birth_date", "sex", "address", "phone", "district",
         "attached"),
        ((r.number, r.snils, r.enp, r.family, r.given, r.patronymic, r.born, r.sex, r.address, r.phone, r.district,
          r.attached) for r in people),
    )  # fmt: skip
    _table(
        out / "clinics.csv",
        ("oid", "name", "short_name", "district", "roles", "office", "address", "phone"),
        ((c.oid, c.organisation.name, c.organisation.short_name, c.district, ";".join(c.roles), c.office,
          c.organisation.address, c.organisation.phone) for c in clinics()),
    )  # fmt: skip


def _table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
