"""Invented cases for the measurements: about fifteen facts each, at every stage of the way, the same for the same number."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple

from oncor_cases.facts.fact import Fact, fact
from oncor_cases.facts.timeline import Patient, Timeline

TODAY = date(2026, 11, 23)
SITES = ("C50.9", "C34.1", "C18.7", "C61", "C16.2", "C20", "C73", "C54.1", "C64", "C67.9")
CLINICS = tuple(f"1.2.643.5.1.13.13.12.2.98.{n}" for n in range(1, 41))


class Said(NamedTuple):
    """A fact before it is stored."""

    on: date
    kind: str
    attributes: dict[str, Any]


def case(number: int) -> list[Said]:
    """One patient's way, cut off at a random step: some are treated long ago, some wait, some are late."""
    chance = Random(number)
    icd10, org = chance.choice(SITES), chance.choice(CLINICS)
    day = TODAY - timedelta(days=chance.randint(1, 380))
    said: list[Said] = []

    def then(gap: int, kind: str, **attributes: Any) -> None:
        nonlocal day
        day += timedelta(days=chance.randint(0, gap))
        if day <= TODAY:
            said.append(Said(day, kind, {"icd10": icd10, "org": org} | attributes))

    then(0, "suspicion")
    then(1, "referral", to="oncologist")
    then(12, "consultation")
    for study in chance.sample(("ct", "mri", "ultrasound", "endoscopy", "lab"), 2):
        then(1, "study_ordered", study=study)
        then(10, "study_performed", study=study)
    then(5, "biopsy_taken")
    then(2, "biopsy_received")
    then(14, "pathology_report", result="malignant")
    then(5, "diagnosis", stage="II")
    then(3, "notice_090u")
    then(7, "consilium", plan=("surgery", "chemotherapy"))
    then(14, "admission", purpose="treatment")
    then(3, "operation")
    then(12, "discharge")
    if chance.random() < 0.5:
        then(30, "chemo_prescribed", regimen="bench", cycles="4", cycle_days="21")
        for _ in range(4):
            then(25, "chemo_cycle", regimen="bench")
    return said


def patient(number: int) -> Patient:
    chance = Random(-number)
    born = date(1990, 1, 1) - timedelta(days=chance.randint(0, 20_000))
    return Patient(str(number), chance.choice(("male", "female")), born, chance.choice(CLINICS))


def timeline(number: int) -> Timeline:
    """The case as the pathways see it."""
    return Timeline(patient(number), tuple(_facts(number)))


def _facts(number: int) -> Iterator[Fact]:
    for n, (on, kind, attributes) in enumerate(case(number)):
        yield fact(f"{number}-{n}", kind, on, on, attributes, doc=f"d{number}-{n}", author=attributes["org"])
