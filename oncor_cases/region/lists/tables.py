"""Rows of each list as of a day: header in words, header in tags, rows. One function a list."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from oncor_cases.region.clinics import by_oid, clinics
from oncor_cases.region.lists.differences import Differences
from oncor_cases.region.lists.known import Known, Person
from oncor_cases.region.people import Resident

PERSON = (
    ("СНИЛС", "SNILS"),
    ("Полис ОМС", "ENP"),
    ("Фамилия", "FAM"),
    ("Имя", "IM"),
    ("Отчество", "OT"),
    ("Дата рождения", "DR"),
    ("Пол", "W"),
)
OUTSIDE = "Соседняя область"


@dataclass(frozen=True, slots=True)
class Table:
    """`head`: (words, tag) of each column."""

    head: tuple[tuple[str, str], ...]
    rows: tuple[tuple[object, ...], ...]

    @property
    def words(self) -> list[str]:
        return [words for words, _ in self.head]

    @property
    def tags(self) -> list[str]:
        return [tag for _, tag in self.head]


@dataclass(frozen=True, slots=True)
class World:
    """Everybody, and what is known to disagree."""

    residents: Sequence[Resident]
    people: Sequence[Person]
    differences: Differences
    seed: int
    today: date

    def known(self, day: date) -> Iterator[Known]:
        return (p.at(day) for p in self.people)


def code(oid: str) -> str:
    """The fund's six-digit code of a clinic (F003): region and number."""
    return f"99{oid.rsplit('.', 1)[-1]}" if oid else ""


def person(r: Resident) -> tuple[object, ...]:
    """The columns PERSON."""
    return (r.snils, r.enp, r.family, r.given, r.patronymic, r.born, "М" if r.sex == "male" else "Ж")


def table(columns: Sequence[tuple[str, str]], rows: Iterator[tuple[object, ...]]) -> Table:
    return Table((*PERSON, *columns), tuple(rows))


def insured(w: World, day: date) -> Table:
    """Everybody alive by the fund's own knowledge, with the clinic."""
    gone = {p.resident.number for p in w.people if p.died_on and p.died_on + timedelta(days=14) < day}
    gone |= {n for n, on in w.differences.moved.items() if on < day}
    return table(
        (("Код МО прикрепления", "MO_PR"), ("Телефон", "TEL")),
        ((*person(r), code(r.attached), r.phone) for r in w.residents if r.number not in gone and r.born < day),
    )


def _site(w: World, k: Known) -> str:
    assert k.tumour
    return k.tumour.icd10


def observed(w: World, day: date) -> Table:
    """Under dispensary observation by the fund: registered patients and, by mistake, some of the dead."""
    months = tuple((f"Месяц {n}", f"DN_MONTH{n}") for n in range(1, 13))

    def rows() -> Iterator[tuple[object, ...]]:
        for p in w.people:
            k, number = p.at(day), p.resident.number
            listed = k.registered and not (p.died_on and p.died_on + timedelta(days=14) < day)
            if not k.tumour or not (listed or number in w.differences.dead_on_list):
                continue
            since = k.registered_on or k.tumour.diagnosed_on
            clinic = w.differences.clinic.get(number) or p.resident.attached
            planned = {(since.month + 3 * i - 1) % 12 + 1 for i in range(4)}
            yield (*person(p.resident), code(clinic), since, _site(w, k), 4, *(int(n in planned) for n in range(1, 13)))
        for k in w.known(day):
            if k.precancer and k.precancer.said["icd10"] and not k.tumour:
                since = k.precancer.on
                ds = k.precancer.said["icd10"]
                yield (
                    *person(k.resident),
                    code(k.resident.attached),
                    since,
                    ds,
                    2,
                    *(int(n in (3, 9)) for n in range(1, 13)),
                )
        adults = [r for r in w.residents if r.age_on(w.today) >= 40]  # every disease is in this list, not only ours
        for r in adults[:: max(1, len(adults) // 60)]:
            yield (*person(r), code(r.attached), date(2020, 1, 15), "I11.9", 2, *(int(n in (2, 8)) for n in range(1, 13)))

    return table(
        (("Код МО", "LPU"), ("Дата взятия на учет", "DATE_IN"), ("Диагноз", "DS_DISP"), ("Кратность", "KRAT"), *months),
        rows(),
    )


def ended(w: World, day: date) -> Table:
    """Removed from observation: who was taken off the register, and the dead but for those the fund missed."""

    def rows() -> Iterator[tuple[object, ...]]:
        for p in w.people:
            k = p.at(day)
            if not k.tumour or not k.registered_on or p.resident.number in w.differences.dead_on_list:
                continue
            told = p.died_on and p.died_on + timedelta(days=14) < day
            on, why = (p.died_on, "Смерть") if told else (k.left_on, "Прочее")
            if on and on >= k.registered_on:
                yield (*person(p.resident), code(p.resident.attached), k.tumour.icd10, on, k.registered_on, why)

    return table(
        (
            ("Код МО", "LPU"),
            ("Диагноз", "DS_DISP"),
            ("Дата снятия", "DATE_OUT"),
            ("Дата взятия на учет", "DATE_IN"),
            ("Причина снятия", "REASON"),
        ),
        rows(),
    )


def visits(w: World, day: date, since: date) -> Table:
    """Visits of observation that were paid in a month."""
    rows = (
        (*person(k.resident), code(t.by), k.tumour.icd10, t.on)
        for k in w.known(day)
        if k.tumour and k.registered_on
        for t in k.of("visit")
        if since <= t.on < day and (t.said["register"] or "oncology") == "oncology"
    )
    return table((("Код МО", "LPU"), ("Диагноз", "DS"), ("Дата посещения", "VISIT_DATE")), rows)


def plan(w: World, day: date) -> Table:
    """The months of the year in which each must come: one that was kept or is ahead, but for the planted."""

    def month(k: Known) -> int:
        assert k.registered_on
        usual = (k.registered_on.month + 2) % 12 + 1
        kept = k.seen_on and k.seen_on >= date(day.year, usual, 1)
        return usual if kept or usual >= day.month else day.month

    rows = (
        (*person(k.resident), code(k.resident.attached), k.tumour.icd10, day.year, w.differences.plan.get(n) or month(k))
        for k in w.known(day)
        for n in (k.resident.number,)
        if k.registered and k.tumour and k.registered_on
    )
    return table((("Код МО", "LPU"), ("Диагноз", "DS_DISP"), ("Год", "PLANYEAR"), ("Месяц", "DISP_MONTH")), rows)


def informing(w: World, day: date, since: date) -> Table:
    """The insurers called some of those under observation."""
    chance = Random(f"informing {w.seed} {since}")

    def rows() -> Iterator[tuple[object, ...]]:
        for k in w.known(day):
            if k.registered and chance.random() < 0.15:
                on = since + timedelta(days=chance.randrange(max(1, (day - since).days)))
                way = chance.choice(("телефонный звонок", "СМС", "письмо"))
                outcome = chance.choice(("проинформирован", "проинформирован", "не дозвонились", "номер неверный"))
                if way == "СМС":
                    outcome = "доставлено"
                yield (*person(k.resident), on, way, outcome)

    return table(
        (("Дата информирования", "DATEINFO"), ("Способ информирования", "WAYINFO"), ("Результат", "RESINFO")), rows()
    )


def _dead(w: World, since: date, day: date) -> list[tuple[Resident, date, str]]:
    """Patients whose death the lists tell, and people who died of other things."""
    found = [
        (p.resident, p.died_on, p.death_cause)
        for p in w.people
        if p.died_on and since <= p.died_on + timedelta(days=14) < day
    ]
    patients = {p.resident.number for p in w.people} | {r.number for r in w.differences.register_only}
    for r in w.residents:
        if r.number not in patients and r.age_on(day) >= 65 and r.number % 97 == 0:
            on = w.today - timedelta(days=20 + (r.number * 37) % 320)
            if since <= on + timedelta(days=14) < day:
                found.append((r, on, "I25.1"))
    return sorted(found, key=lambda d: (d[1], d[0].number))


def deaths(w: World, day: date, since: date) -> Table:
    """Medical certificates of a month."""
    return table(
        (
            ("Дата смерти", "DEATH_DATE"),
            ("Причина смерти", "CAUSE"),
            ("Номер свидетельства", "MSS"),
            ("Вид свидетельства", "VID_MSS"),
        ),
        ((*person(r), on, cause, f"99-{r.number:07}", "окончательное") for r, on, cause in _dead(w, since, day)),
    )


def civil_deaths(w: World, day: date, since: date) -> Table:
    """Records of the civil registry about the same deaths, without causes."""
    return table(
        (("Дата смерти", "DATESMERT"), ("Номер записи акта", "NOMERZA"), ("Дата записи акта", "DATAZA")),
        (
            (*person(r), on, f"{on.year}-{r.number:06}", min(on + timedelta(days=3), day))
            for r, on, _ in _dead(w, since, day)
        ),
    )


def name_changes(w: World, day: date) -> Table:
    """Former surnames."""
    of = {p.resident.number: p.resident for p in w.people}
    rows = (
        (*person(of[n]), former, w.today - timedelta(days=100 + n % 50), f"П-{n:06}")
        for n, former in sorted(w.differences.renamed.items())
    )
    return table((("Прежняя фамилия", "FAM_OLD"), ("Дата перемены", "CHANGED_ON"), ("Номер записи акта", "NOMERZA")), rows)


def departures(w: World, day: date) -> Table:
    """Those who left the region."""
    of = {p.resident.number: p.resident for p in w.people}
    rows = ((*person(of[n]), on, OUTSIDE) for n, on in sorted(w.differences.moved.items()) if on < day)
    return table((("Дата выбытия", "DATE_LEFT"), ("Куда выбыл", "TO_REGION")), rows)


def appointments(w: World, day: date) -> Table:
    """The oncologists' schedule of the coming weeks."""
    chance = Random(f"appointments {w.seed}")

    def rows() -> Iterator[tuple[object, ...]]:
        for k in w.known(day):
            if k.registered and chance.random() < 0.1:
                office = by_oid(k.resident.attached).office if k.resident.attached else ""
                on = day + timedelta(days=chance.randint(2, 25))
                yield (
                    *person(k.resident),
                    on,
                    f"{chance.randint(8, 16):02}:{chance.choice((0, 30)):02}",
                    "явка",
                    code(office),
                )

    return table((("Дата записи на прием", "AT"), ("Время", "TIME"), ("Цель записи", "FOR"), ("МО", "LPU")), rows())


def org_codes() -> list[tuple[str, str]]:
    """The fund's codes of the region's clinics."""
    return [(code(c.oid), c.oid) for c in clinics()]
