"""A patient whose case comes out of real-shaped documents: written as SEMD, taken in by the door for machines."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from oncor_cases.kernel.calendar import Calendar
from oncor_cases.sources.seeds import default_calendar
from oncor_cases.sources.semd_writer import Doctor, Head, Link, Organisation, Person, Said, render
from tests.web.people import CLINIC

DOCTOR = Doctor("1", "11223344595", "Лебедева", "Ольга", "Игоревна")
ONCOLOGIST = Doctor("2", "08765430200", "Соколов", "Игорь", "Львович", "50")
CLINIC_SAID = Organisation(
    CLINIC, "ГБУЗ «Поликлиника № 1»", "Поликлиника № 1", "г. Светлый, ул. Мира, д. 1", "620000", "+73430000001",
    "1026600000001",    region_name="Свердловская область",
)  # fmt: skip
PATIENT = Person(
    "17", "11223344595", "", "Кузнецова", "Людмила", "Павловна", "female", date(1958, 6, 3),
    "г. Светлый, ул. Речная, д. 4, кв. 17", "620000", "+79123456789",
)  # fmt: skip
REFERRAL = "1.2.643.5.1.13.13.12.2.99.1.100.1.1.51"


def working_days_ago(n: int, today: date, calendar: Calendar | None = None) -> date:
    """The working day from which `n` working days have passed."""
    calendar, day = calendar or default_calendar(), today
    while not (calendar.is_working(day) and calendar.working_days_between(day, today) >= n):
        day -= timedelta(days=1)
    return day


def head(number: int, on: date, version: int = 1, doctor: Doctor = DOCTOR) -> Head:
    """A document written at eleven in the morning."""
    return Head(
        id=f"{number}{version}", set_id=f"{number}", version=version, moment=datetime.combine(on, time(11)), author=doctor,
        chief=DOCTOR, case=f"{number}", card="17",
    )  # fmt: skip


def referral(on: date, version: int = 1) -> bytes:
    """Suspected breast cancer, sent to the oncologist of the same clinic."""
    says = [
        Said("suspicion", on, {"icd10": "C50.4"}),
        Said("referral", on, {"to": "oncologist", "icd10": "C50.4"}, CLINIC_SAID),
    ]
    return render("185", head(100, on, version), PATIENT, CLINIC_SAID, says)


def consultation(on: date) -> bytes:
    """The oncologist saw the patient, in answer to the referral."""
    says = [Said("consultation", on, {"specialty": "oncologist", "icd10": "C50.4"})]
    return render("227", head(200, on, doctor=ONCOLOGIST), PATIENT, CLINIC_SAID, says, [Link(REFERRAL, "1001", "57", on)])


def send(client: Any, key: str) -> Callable[[bytes], Any]:
    """`send(client, key)(bytes)` posts one document."""
    return lambda data: client.post("/api/v1/documents", content=data, headers={"Authorization": f"Bearer {key}"})
