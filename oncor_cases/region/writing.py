"""A patient's papers as bytes: header from the clinic and the resident, links along the chain of referrals."""

import hashlib
from collections.abc import Iterator
from random import Random

from oncor_cases.region.patients import Patient
from oncor_cases.region.people import Resident
from oncor_cases.region.stories import LIST
from oncor_cases.region.unfold import Paper
from oncor_cases.sources.semd_writer import Head, Link, Person, render
from oncor_cases.sources.semd_writer.kinds import KINDS

ZONE = "+0300"
POST_OF = {  # who signs a paper of a kind
    "85": "109", "185": "109", "110": "94", "174": "94", "224": "94", "186": "35", "214": "57", "176": "57",
    "189": "122", "58": "109", "125": "109",
}  # fmt: skip
POST_OF_SPECIALTY = {"haematologist": "20", "paediatric_oncologist": "26", "radiotherapist": "92"}
INCOMPLETE = 0.03  # share of patients whose documents lack the SNILS


def _token(*parts: object) -> str:
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()


def guid(*parts: object) -> str:
    """A random-looking identifier that is always the same for the same words."""
    t = _token(*parts)
    return f"{t[:8]}-{t[8:12]}-4{t[13:16]}-a{t[17:20]}-{t[20:32]}"


def person_of(resident: Resident, paper: Paper, seed: int) -> Person:
    """The resident as this clinic's system knows them: its own number, and a SNILS unless it was not asked for."""
    nameless = Random(f"snils {seed} {resident.number}").random() < INCOMPLETE
    digits = _token("passport", seed, resident.number)
    return Person(
        local_id=f"{paper.by.oid.rsplit('.', 1)[1]}-{resident.number:06d}",
        snils="" if nameless or paper.nameless else resident.snils,
        enp="" if paper.nameless else resident.enp,
        family=resident.family,
        given=resident.given,
        patronymic=resident.patronymic,
        sex=resident.sex,
        born=resident.born,
        address=resident.address,
        postal=resident.postal,
        phone=resident.phone,
        passport=("99 00", f"{int(digits[:6], 16) % 1_000_000:06d}"),
    )


def _head(patient: Patient, paper: Paper, seed: int) -> Head:
    who, chance = patient.resident.number, Random(f"head {seed} {patient.resident.number} {paper.id}")
    post = POST_OF.get(paper.paper, "50")
    specialty = next((said["specialty"] for said in paper.says if said.kind == "consultation"), "")
    if specialty in POST_OF_SPECIALTY:
        post = POST_OF_SPECIALTY[specialty]
    elif "haematology" in patient.tumours[0].site.flags and post == "50":
        post = "20"
    return Head(
        id=guid("document", seed, who, paper.id, paper.version),
        set_id=guid("set", seed, who, paper.series),
        version=paper.version,
        moment=paper.moment,
        author=paper.by.doctor(post, chance),
        chief=paper.by.doctor("334", chance),
        case=f"{paper.moment:%y}-{int(_token('case', seed, who, paper.by.oid)[:8], 16) % 10**7:07d}",
        card=f"{int(_token('card', seed, who, paper.by.oid)[:8], 16) % 10**6:06d}/{who % 100:02d}",
        zone=ZONE,
        dated=not paper.undated,
        colleagues=tuple(paper.by.doctor(p, chance) for p in ("122", "92")) if paper.paper == "190" else (),
    )


def link_to(patient: Patient, paper: Paper, seed: int) -> Link:
    """A pointer to a paper of the same patient."""
    return Link(
        f"{paper.by.oid}.100.1.1.51",
        guid("document", seed, patient.resident.number, paper.id, paper.version),
        KINDS[paper.paper].md or "5",
        paper.moment.date(),
    )


def written(patient: Patient, seed: int, size: int = 0) -> Iterator[tuple[Paper, bytes]]:
    """Every paper of a patient as bytes. `size`: the mean size wanted; single ones lie around it."""
    links = {p.id: link_to(patient, p, seed) for p in patient.papers if p.paper != LIST}
    for paper in patient.papers:
        if paper.paper == LIST:
            continue
        spread = Random(f"size {seed} {patient.resident.number} {paper.id}").lognormvariate(0, 0.35) / 1.063
        text = render(
            paper.paper,
            _head(patient, paper, seed),
            person_of(patient.resident, paper, seed),
            paper.by.organisation,
            paper.says,
            (links[paper.answers],) if paper.answers in links else (),
            round(size * spread),
        )
        yield paper, text[: len(text) * 2 // 3] if paper.spoiled == "cut" else text
