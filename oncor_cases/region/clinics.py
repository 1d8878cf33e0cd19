"""Clinics of the invented region and their staff, from seeds/region/clinics.yml."""

from dataclasses import dataclass
from functools import lru_cache
from random import Random

from oncor_cases.region.people import name_of, number_of, snils_of
from oncor_cases.sources.seeds import yaml_records
from oncor_cases.sources.semd_writer import Doctor, Organisation

REGION, REGION_NAME = "99", "Речная область"
ROOT = "1.2.643.5.1.13.13.12.2."


@dataclass(frozen=True, slots=True)
class Clinic:
    """An organisation with its place in the region: what it does, whom it serves, where its oncologist sits."""

    organisation: Organisation
    district: str
    roles: tuple[str, ...]
    serves: dict[str, int]
    office: str  # OID of the primary oncology office
    staff: dict[str, tuple[Doctor, ...]]  # by post

    @property
    def oid(self) -> str:
        """The clinic's identifier."""
        return self.organisation.oid

    def doctor(self, post: str, chance: Random) -> Doctor:
        """A doctor of a post; the clinic's therapist where the post is not staffed."""
        return chance.choice(self.staff.get(post) or self.staff["109"])


POSTS = ("109", "50", "57", "94", "116", "126", "122", "35", "20", "26", "92", "334")


def _oid(record: dict[str, object]) -> str:
    return f"{ROOT}{record.get('region', REGION)}.{record['number']}"


@lru_cache(maxsize=1)
def clinics() -> tuple[Clinic, ...]:
    """All clinics; names of doctors depend on the clinic's number only, so they never change with the seed."""
    records = [r for r in yaml_records("region") if "number" in r]
    oids = {r["number"]: _oid(r) for r in records}
    return tuple(_clinic(r, oids) for r in records)


def _clinic(record: dict[str, object], oids: dict[object, str]) -> Clinic:
    number = int(str(record["number"]))
    chance = Random(f"clinic {number}")
    organisation = Organisation(
        oid=_oid(record),
        name=str(record["name"]),
        short_name=str(record["short_name"]),
        address=str(record["address"]),
        postal=f"990{number % 1000:03d}",
        phone=f"+7000{number:07d}",
        ogrn=f"10299{number:08d}",
        region=str(record.get("region", REGION)),
        region_name=str(record.get("region_name", REGION_NAME)),
    )
    staff = {post: tuple(_doctor(chance, number, post, n) for n in range(3)) for post in POSTS}
    serves = record.get("serves")
    return Clinic(
        organisation,
        str(record["district"]),
        tuple(record["roles"]),  # type: ignore[arg-type]
        dict(serves) if isinstance(serves, dict) else {},
        oids.get(record.get("office"), ""),
        staff,
    )


def _doctor(chance: Random, clinic: int, post: str, place: int) -> Doctor:
    sex = "male" if chance.random() < 0.35 else "female"
    family, given, patronymic = name_of(chance, sex, chance.randint(1958, 1994))
    serial = 700_000_000 + clinic * 1000 + int(post) * 3 % 997 + place
    return Doctor(str(clinic * 100 + number_of(chance, 90)), snils_of(serial), family, given, patronymic, post)


@lru_cache(maxsize=32)
def with_role(role: str) -> tuple[Clinic, ...]:
    """Clinics of a role, in the order of the file."""
    return tuple(c for c in clinics() if role in c.roles)


@lru_cache(maxsize=64)
def by_oid(oid: str) -> Clinic:
    """A clinic by its identifier. Raises StopIteration never: the region knows its own clinics."""
    return next(c for c in clinics() if c.oid == oid)


def place(role: str, attached: Clinic) -> Clinic:
    """The clinic that plays a role for a patient of `attached`: the nearest, else the first in the region."""
    match role:
        case "polyclinic":
            return attached
        case "office":
            return by_oid(attached.office)
        case _:
            same = [c for c in with_role(role) if c.district == attached.district]
            return (same or list(with_role(role)))[0]
