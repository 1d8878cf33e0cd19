"""Who is who without a common number: candidates by blocks, decisions by names, then by weights, questions to people.

Everything found by itself is a row of `likeness`, joins like an identifier and ends when it would not be found any
more: a run is a function of what is known now, so runs in any order come to the same."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from oncor_cases.actions import identity
from oncor_cases.facts.coming_back import Join, separated
from oncor_cases.facts.likeness import Look, Verdict, Weighed, equal, verdict
from oncor_cases.kernel.errors import Conflict, NotFound, UserError
from oncor_cases.sources import matching
from oncor_cases.store import audit, documents, joins, likeness, links, persons, raw, residents
from oncor_cases.store.likeness import Candidate, Left
from oncor_cases.store.session import Connection, Database

BATCH = 1000  # persons compared at once
CROWD = 1_000_000  # people of a region: a document may be about somebody in no list here, however short the list


@dataclass(slots=True)
class Matched:
    """What a run did: persons looked at, pairs weighed, joined by equal names or by weight, asked about, taken back."""

    persons: int = 0
    weighed: int = 0
    equal: int = 0
    scored: int = 0
    review: int = 0
    ended: int = 0
    changed: set[int] = field(default_factory=set)

    def counts(self) -> dict[str, int]:
        """For `--json` and the flow: numbers only."""
        return {name: getattr(self, name) for name in ("persons", "weighed", "equal", "scored", "review", "ended")} | {
            "changed": len(self.changed)
        }


def run(db: Database, region: int, *, at: datetime | None = None) -> Matched:
    """Compares everybody whom no resident is known to be; one transaction per thousand."""
    done = Matched()
    with db.batch() as conn:
        shares, people = likeness.frequencies(conn, region)
        people = max(people, CROWD)
    for whom in (likeness.linked_lefts, likeness.lefts):  # joined earlier, then those left
        after, more = 0, True
        while more:
            with db.batch() as conn:
                documents.lock(conn, region)
                asked = whom(conn, region, after, BATCH)
                if more := bool(asked):
                    after = asked[-1].person
                    _batch(conn, region, asked, shares, people, at or raw.now(conn), done)
    return done


def _batch(
    conn: Connection, region: int, asked: Sequence[Left], shares: matching.Frequencies, people: int, at: datetime,
    done: Matched,
) -> None:  # fmt: skip
    looks = {a.person: Look.of(str(a.person), a.names, a.born, a.sex, a.snils, a.enp, a.phones, a.address) for a in asked}
    found = _plausible(conn, region, asked, looks)
    pairs = [(looks[a.person], look) for a in asked for look, _ in found.get(a.person, {}).values()]
    weights = iter(matching.weigh(pairs, shares, people))
    whom = {look.id: c for each in found.values() for look, c in each.values()}
    verdicts = []
    for a in asked:
        each = [look for look, _ in found.get(a.person, {}).values()]
        weighed = [next(weights) for _ in each]
        verdicts.append(verdict(looks[a.person], [look for look in each if equal(looks[a.person], look)], weighed))
    done.persons += len(asked)
    done.weighed += len(pairs)
    _write(conn, region, asked, looks, verdicts, whom, at, done)


def _plausible(
    conn: Connection, region: int, asked: Sequence[Left], looks: dict[int, Look]
) -> dict[int, dict[str, tuple[Look, Candidate]]]:
    """left person → candidate → its look: those of the blocks whose names or numbers are worth weighing."""
    found: dict[int, dict[str, tuple[Look, Candidate]]] = {}
    for c in likeness.candidates(conn, region, asked):
        id = f"r{c.resident}" if c.resident else f"p{c.person}"
        look = Look.of(id, c.names, c.born, c.sex, c.snils, c.enp, c.phones, c.address)
        if _near(looks[c.left], look):
            found.setdefault(c.left, {})[id] = look, c
    older = likeness.former_names(conn, region, sorted({c.person for each in found.values() for _, c in each.values()}))
    for each in found.values():
        for id, (_, c) in each.items():
            if c.person in older:
                each[id] = Look.of(id, c.names + older[c.person], c.born, c.sex, c.snils, c.enp, c.phones, c.address), c
    return found


def _near(a: Look, b: Look) -> bool:
    """Worth weighing: a common number, or two of three name parts that begin alike."""
    if (a.snils and a.snils == b.snils) or (a.enp and a.enp == b.enp):
        return True
    return any(
        sum(bool(x and y and x[:3] == y[:3]) for x, y in zip(n, m, strict=True)) >= 2 for n in a.names for m in b.names
    )


def _write(
    conn: Connection, region: int, asked: Sequence[Left], looks: dict[int, Look], verdicts: Sequence[Verdict],
    whom: dict[str, Candidate], at: datetime, done: Matched,
) -> None:  # fmt: skip
    named = [w.look.id for v in verdicts for w in (*v.review, *((v.linked,) if v.linked else ()))]
    residents.of_persons(conn, region, sorted({whom[id].person for id in named if whom[id].resident}))
    others = likeness.first_records(conn, region, sorted({whom[id].person for id in named}))
    records = [r for a in asked for r in a.records]
    before = likeness.answered(conn, region, records)
    rows, keep, links_made, fell = [], [], [], []
    for a, v in zip(asked, verdicts, strict=True):
        for w, state in [(w, "review") for w in v.review] + ([(v.linked, "linked")] if v.linked else []):
            other = others.get(whom[w.look.id].person)
            if other is None or other in a.records:
                continue
            mark = _mark(looks[a.person], w.look)
            told = _detail(a, whom[w.look.id], w, len(v.review) or 1)
            for record in a.records if state == "linked" else a.records[:1]:
                kept = before.get((record, other)) or before.get((other, record))
                if kept and kept[0] in ("different", "same", "asked") and kept[1] == mark:
                    continue
                if state == "review" and (other, record) in before:
                    continue  # the same pair, asked from the other side
                rows.append(likeness.Pair(record, other, a.org, v.method or "scored", state, w.weight, mark, told))
                keep.append((record, other))
                if state == "linked":
                    links_made += [record, other]
                if kept and kept[0] == state:
                    continue  # found before
                if kept and kept[0] == "linked":
                    fell += [record, other]
                done.equal += state == "linked" and v.method == "equal" and record == a.records[0]
                done.scored += state == "linked" and v.method == "scored" and record == a.records[0]
                done.review += state == "review"
    ended = sorted({*fell, *likeness.forget(conn, region, records, keep)})
    likeness.write(conn, region, rows)
    done.ended += len(ended) // 2
    if links_made or ended:
        touched = links.connect(conn, region, sorted({*links_made, *ended}), at, reason="likeness")
        persons.refresh(conn, region, touched)
        done.changed |= touched


def _mark(a: Look, b: Look) -> bytes:
    """Of the values of both: an answer holds for them only."""

    def told(x: Look) -> str:
        return repr((sorted(x.names), x.born, x.sex, x.snils, x.enp, x.phones, x.address))

    return hashlib.sha256("|".join(sorted((told(a), told(b)))).encode()).digest()


def _detail(a: Left, c: Candidate, w: Weighed, rivals: int) -> dict[str, object]:
    """What the reviewer compares: both records as written and the weight of each field; `rivals`: among how many."""

    def side(x: Left | Candidate) -> dict[str, object]:
        return {
            "family": x.names[0][0], "given": x.names[0][1], "patronymic": x.names[0][2],
            "born": x.born.isoformat() if x.born else "", "sex": x.sex, "snils": x.snils, "enp": x.enp,
            "phone": x.phones[0] if x.phones else "", "address": x.address,
        }  # fmt: skip

    return {
        "left": side(a),
        "right": side(c),
        "fields": [list(f) for f in w.fields],
        "insured": bool(c.resident),
        "rivals": rivals,
    }


# --- answers of people -----------------------------------------------------------------------------------------------


def same(conn: Connection, region: int, pair: int, *, by: str, reason: str, at: datetime | None = None) -> frozenset[int]:
    """They are one person: everything of both is pinned to the one who stays. Returns whom a sweep should look at.

    Raises NotFound, Conflict (already answered), UserError (no reason)."""
    held = _held(conn, region, pair, reason, ("review", "asked", "different"))
    likeness.decide(conn, region, pair, "same", by, reason.strip(), at)
    likeness.question_answered(conn, region, pair, by)
    if held.person == held.other_person:
        return frozenset({held.person})
    return identity.link(conn, region, held.person, held.other_person, reason=reason, by=by, at=at).changed


def different(
    conn: Connection, region: int, pair: int, *, by: str, reason: str = "", at: datetime | None = None
) -> frozenset[int]:
    """They are two: not asked again while their values stay. A link that was made by itself, or by an answer, ends.

    Raises NotFound, Conflict."""
    held = _held(conn, region, pair, reason or "-", ("review", "asked", "linked", "same"))
    likeness.decide(conn, region, pair, "different", by, reason.strip(), at)
    likeness.question_answered(conn, region, pair, by)
    audit.note(conn, region, "likeness_different", author=by, person=held.person, detail={"pair": pair, "reason": reason})
    if held.state in ("review", "asked"):
        return frozenset()
    records = persons.records_of(conn, region, [held.person])
    if held.state == "same":
        made = joins.into(conn, region, [held.person])
        links.repin(conn, region, _sides(made, held, records) or dict.fromkeys(records))
    touched = links.connect(conn, region, records, at or raw.now(conn), reason=reason.strip() or "different", author=by)
    persons.refresh(conn, region, touched | {held.person})
    return frozenset(touched | {held.person})


def _sides(made: Sequence[Join], held: likeness.Held, records: Sequence[int]) -> Mapping[int, int | None] | None:
    """What was decided before the answer about all that it made one person."""
    for join in sorted(made, key=lambda j: -j.id):
        other = join.pins.keys() - join.records
        if (held.subject in join.records and held.other in other) or (held.other in join.records and held.subject in other):
            return separated(made, [r for r in records if r in join.records], [r for r in records if r not in join.records])
    return None


def ask_clinic(conn: Connection, region: int, pair: int, *, by: str, at: datetime | None = None) -> None:
    """The registrar of the clinic that wrote the record is asked who it is. Raises NotFound, Conflict."""
    held = _held(conn, region, pair, "-", ("review",))
    likeness.decide(conn, region, pair, "asked", by, "", at)
    likeness.question(conn, region, held.person, held.org, pair)
    audit.note(conn, region, "likeness_asked", author=by, person=held.person, detail={"pair": pair, "org": held.org})


def _held(conn: Connection, region: int, pair: int, reason: str, states: Sequence[str]) -> likeness.Held:
    if not reason.strip():
        raise UserError("Укажите, как установлено")
    documents.lock(conn, region)
    held = likeness.held(conn, region, pair)
    if held is None:
        raise NotFound("Такого совпадения нет")
    if held.state not in states:
        raise Conflict("На этот вопрос уже ответили: обновите страницу")
    return held
