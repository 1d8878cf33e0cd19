"""Planted disagreements between the sources, each on a patient of its own, and those that follow by themselves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from oncor_cases.checks.comparisons import DEATH_COMES, NOTICE_COMES, PLAN_COMES
from oncor_cases.kernel.codes import site_group
from oncor_cases.region.lists.known import Known, Person
from oncor_cases.region.people import Resident

PLANTED = 3  # of each type, as far as there are patients for them
LISTED = timedelta(days=1)  # the last lists are of yesterday


@dataclass
class Differences:
    """Who was changed where. Keys are numbers of residents."""

    not_in_register: set[int] = field(default_factory=set)  # in the fund's list and in documents, not in the register
    register_only: list[Resident] = field(default_factory=list)  # registered, not one document
    stage: dict[int, str] = field(default_factory=dict)
    date: dict[int, date] = field(default_factory=dict)
    site: dict[int, str] = field(default_factory=dict)
    chemo: dict[int, date] = field(default_factory=dict)  # paid, no document
    dead_on_list: set[int] = field(default_factory=set)
    moved: dict[int, date] = field(default_factory=dict)
    clinic: dict[int, str] = field(default_factory=dict)  # observed elsewhere than attached
    plan: dict[int, int] = field(default_factory=dict)  # the planned month nobody came in
    other_register: dict[int, date] = field(default_factory=dict)  # in a neighbour's register too, since
    renamed: dict[int, str] = field(default_factory=dict)  # the former surname of the civil registry
    # by themselves, out of the stories: in documents and in no register; dead and never removed from the register
    documents_only: set[tuple[int, str]] = field(default_factory=set)  # with the site: a second tumour is one more
    dead_on_register: set[int] = field(default_factory=set)

    def told(self) -> dict[str, list[dict[str, object]]]:
        """For truth.json."""
        return {
            "in_tfoms_list_not_in_register": [{"resident": n} for n in sorted(self.not_in_register)],
            "in_register_not_in_tfoms_list": [{"resident": r.number, "snils": r.snils} for r in self.register_only],
            "in_register_without_document": [{"resident": r.number, "snils": r.snils} for r in self.register_only],
            "in_documents_without_register": [{"resident": n, "site": site} for n, site in sorted(self.documents_only)],
            "stage_differs": [{"resident": n, "register": v} for n, v in sorted(self.stage.items())],
            "date_differs": [{"resident": n, "register": f"{v}"} for n, v in sorted(self.date.items())],
            "site_differs": [{"resident": n, "register": v} for n, v in sorted(self.site.items())],
            "paid_chemo_without_document": [{"resident": n, "on": f"{v}"} for n, v in sorted(self.chemo.items())],
            "dead_on_list": [{"resident": n} for n in sorted(self.dead_on_list)],
            "dead_on_register": [{"resident": n} for n in sorted(self.dead_on_register)],
            "moved_away": [{"resident": n, "on": f"{v}"} for n, v in sorted(self.moved.items())],
            "attachment_is_not_observing_clinic": [{"resident": n, "observes": v} for n, v in sorted(self.clinic.items())],
            "plan_not_kept": [{"resident": n, "month": v} for n, v in sorted(self.plan.items())],
            "in_two_registers": [{"resident": n, "since": f"{v}"} for n, v in sorted(self.other_register.items())],
            "name_changed": [{"resident": n, "former": v} for n, v in sorted(self.renamed.items())],
        }


def plant(
    seed: int, people: Sequence[Person], residents: Sequence[Resident], today: date, clinics: Sequence[str]
) -> Differences:
    """Chooses patients for each type; nobody has two."""
    chance = Random(f"differences {seed}")
    found = Differences()
    known = {p.resident.number: p.at(today) for p in people}
    free = [k for n, k in sorted(known.items()) if k.registered and k.resident.attached and not _dies(people, n)]
    chance.shuffle(free)

    def take(wanted: Iterable[Known] | None = None) -> list[Known]:
        chosen = [k for k in (wanted if wanted is not None else list(free)) if k in free][:PLANTED]
        for k in chosen:
            free.remove(k)
        return chosen

    # first those for whom there are few: who was not seen lately
    month = (today - timedelta(days=PLAN_COMES)).replace(day=1) - timedelta(days=1)  # the last one that is due
    if month.year == today.year:
        begins = month.replace(day=1)
        for k in take(k for k in list(free) if k.seen_on is None or k.seen_on < begins):
            found.plan[k.resident.number] = month.month
    away = today - timedelta(days=41)
    for k in take(
        k for k in list(free) if k.registered_on and k.registered_on < away and (k.seen_on is None or k.seen_on < away)
    ):
        found.moved[k.resident.number] = today - timedelta(days=chance.randint(15, 40))
    for k in take(k for k in list(free) if k.tumour and k.tumour.said["stage"]):
        found.stage[k.resident.number] = "IV" if k.tumour and k.tumour.said["stage"] != "IV" else "IIB"
    # the bill of a month is made of what was known by its end, so the tumour must have been known before the course
    before = {p.resident.number for p in people if p.at(today - timedelta(days=65)).tumour}
    for k in take(k for k in list(free) if k.of("chemo_cycle") == [] and k.resident.number in before):
        found.chemo[k.resident.number] = today - timedelta(days=chance.randint(20, 60))
    for k in take():
        assert k.tumour
        found.date[k.resident.number] = k.tumour.diagnosed_on - timedelta(days=chance.randint(40, 90))
    for k in take():
        assert k.tumour
        found.site[k.resident.number] = "C44.3" if not k.tumour.icd10.startswith("C44") else "C50.9"
    settled = today - LISTED - timedelta(days=NOTICE_COMES)
    found.not_in_register = {
        k.resident.number for k in take(k for k in list(free) if k.registered_on and k.registered_on <= settled)
    }
    for k in take():
        found.clinic[k.resident.number] = next(c for c in clinics if c != k.resident.attached)
    for k in take():
        found.other_register[k.resident.number] = today - timedelta(days=chance.randint(200, 900))
    for k in take(k for k in list(free) if k.resident.sex == "female"):
        found.renamed[k.resident.number] = k.resident.family[:-1] + "енко" if k.resident.family.endswith("а") else "Прежняя"
    patients = {p.resident.number for p in people}
    others = [r for r in residents if r.number not in patients and r.attached and r.age_on(today) >= 45]
    chance.shuffle(others)
    found.register_only = sorted(others[:PLANTED], key=lambda r: r.number)
    listed = today - LISTED
    long_dead = [p for p in people if p.died_on and p.died_on + timedelta(days=DEATH_COMES) < listed]
    dead = [p for p in long_dead if known[p.resident.number].tumour and p.resident.attached]
    found.dead_on_list = {p.resident.number for p in dead[:PLANTED]}
    found.dead_on_register = {p.resident.number for p in long_dead if _stays(p.at(listed))}
    found.documents_only = {
        (n, site) for n, k in known.items() if not k.died and not _dies(people, n) and n not in found.site
        for site, on in k.sites.items()
        if on <= settled and (n in found.not_in_register or not k.registered_on or not _registers(k, site))
    }  # fmt: skip
    return found


def _registers(k: Known, site: str) -> bool:
    """The register holds one tumour of a patient: the first."""
    return k.tumour is not None and site_group(k.tumour.icd10) == site


def _stays(k: Known) -> bool:
    """In the register's export without a day of removal."""
    return bool(k.tumour and k.registered_on and not k.left_on)


def _dies(people: Sequence[Person], number: int) -> bool:
    return any(p.resident.number == number and p.died_on for p in people)
