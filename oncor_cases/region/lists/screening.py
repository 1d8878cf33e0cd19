"""Who was screened in the invented region, and what came of it: mostly nothing, now and then a patient of its documents.

A suspicion is of two kinds. Most are the first word about a patient whose documents begin with a referral to the oncologist:
the test comes a few days before it. The others are of people no document tells of, whom nobody has referred."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from oncor_cases.region.lists.known import Known
from oncor_cases.region.lists.tables import Table, World, code, person, table
from oncor_cases.region.people import Resident
from oncor_cases.sources.seeds import tables

NORMAL, ABNORMAL, SUSPICIOUS = "норма", "отклонение", "подозрение на ЗНО"
_RESULTS = {NORMAL: 76, ABNORMAL: 18, SUSPICIOUS: 6}  # of a hundred who came
_FOUND = 0.7  # of the patients a programme could have found
_IN_TIME = 0.8  # of the referrals; form 131/у gives three working days (SC-14)


@dataclass(frozen=True, slots=True)
class Programme:
    """`codes`: how a suspicion or diagnosis it may have led to begins."""

    id: str
    sex: str
    ages: tuple[int, int]
    codes: tuple[str, ...]

    def suits(self, who: Resident, day: date) -> bool:
        """Is somebody of its sex and age?"""
        return who.sex in (self.sex or who.sex) and self.ages[0] <= who.age_on(day) <= self.ages[1]


_COLON = ("C18", "C19", "C20", "D37.4", "D37.5")
_PROGRAMMES = (
    Programme("RU-BREAST", "female", (40, 75), ("C50", "D05", "D48.6")),
    Programme("RU-CRC-1", "", (40, 64), _COLON),
    Programme("RU-CRC-2", "", (65, 75), _COLON),
)


@dataclass(frozen=True, slots=True)
class Screened:
    """One person's round. `result` empty: refused. `assessed`: found benign on that day; `referred`: the oncologist's
    referral that answered a suspicion."""

    who: Resident
    programme: str
    on: date
    result: str = ""
    assessed: date | None = None
    referred: date | None = None


def screened(w: World, day: date) -> Iterator[Screened]:
    """The last year's mammographies and stool tests."""
    chance = Random(f"screening {w.seed}")
    programmes = [p for p in _PROGRAMMES if p.id in tables().programmes]
    for k in w.known(day):
        found = _first_word(k, programmes, day, chance)
        if found is not None:
            yield found
    patients = {p.resident.number for p in w.people}
    able = [r for r in w.residents if r.number not in patients and 40 <= r.age_on(day) <= 64 and r.attached]
    for r in chance.sample(able, min(len(able), max(6, len(w.residents) // 150))):
        fit = [p for p in programmes if p.suits(r, day)]
        programme = (fit[0] if chance.random() < 0.6 else fit[-1]).id
        on = day - timedelta(days=chance.randint(5, 200))
        if chance.random() < 0.12:
            yield Screened(r, programme, on)
            continue
        (result,) = chance.choices(list(_RESULTS), list(_RESULTS.values()))
        seen = min(on + timedelta(days=18), day - timedelta(days=1))
        yield Screened(r, programme, on, result, seen if result == ABNORMAL and chance.random() < 0.5 else None)


def _first_word(k: Known, programmes: list[Programme], day: date, chance: Random) -> Screened | None:
    """The test before a patient's first document, where that is a referral to the oncologist for a tumour some programme
    looks for."""
    asked = [t.on for t in k.of("referral") if t.said["to"] in ("oncologist", "haematologist")]
    if not asked or k.died or not k.resident.attached or min(t.on for t in k.told) < asked[0]:
        return None
    codes = [str(t.said["icd10"] or "") for t in k.of("suspicion")] + ([k.tumour.icd10] if k.tumour else [])
    fit = [p for p in programmes if p.suits(k.resident, day) and any(c.startswith(p.codes) for c in codes)]
    if not fit or chance.random() >= _FOUND:
        return None
    days = chance.randint(1, 3) if chance.random() < _IN_TIME else chance.randint(6, 9)
    return Screened(k.resident, fit[0].id, asked[0] - timedelta(days=days), SUSPICIOUS, referred=asked[0])


def screening(w: World, day: date) -> Table:
    """The list of the screening service: invitations, tests, refusals, assessments."""

    def rows() -> Iterator[tuple[object, ...]]:
        for s in screened(w, day):
            who, org = person(s.who), code(s.who.attached)
            yield (*who, s.programme, "приглашение", s.on - timedelta(days=20), "", org)
            yield (*who, s.programme, "исследование" if s.result else "отказ", s.on, s.result, org)
            if s.assessed:
                yield (*who, s.programme, "дообследование", s.assessed, "доброкачественное", org)

    return table(
        (
            ("Программа", "PROGRAM"),
            ("Событие", "EVENT"),
            ("Дата исследования", "DATE_TEST"),
            ("Результат", "RESULT"),
            ("МО", "LPU"),
        ),
        rows(),
    )
