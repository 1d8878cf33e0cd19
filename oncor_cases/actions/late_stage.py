"""The protocol of late detection (form 027-2/u): composed from the case, worded and signed by a doctor or registrar.

Each step is a fact of the case (`late_stage_protocol` drafted, published, reviewed), so the same rules that owe it
(DX-32, DX-33) see it done. Published and reviewed count as a document: the paper is kept here, with its author."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from oncor_cases.actions.deciding import About, Desk, deciding
from oncor_cases.actions.evaluation import EVERYTHING_KNOWN, look
from oncor_cases.actions.region_rules import region_rules
from oncor_cases.kernel.errors import Conflict, NotFound, UserError
from oncor_cases.store import episodes, facts, late_stage
from oncor_cases.store.late_stage import Draft
from oncor_cases.store.session import Database, Scope
from oncor_cases.workflows import catalogue
from oncor_cases.workflows.late_stage import compose

SIGN = ("registrar", "head")  # whose signature a protocol may carry
TEXTS = ("first_signs_on", "first_signs", "reason", "reason_words", "review", "conclusion")
LONGEST = 2000


def draft(db: Database, person: UUID, episode: str, *, by: Scope, today: date) -> UUID:
    """Composes the protocol of a case; a draft composed before takes the newer dates and keeps its words.

    Returns its address. Raises NotFound outside the scope or for a case that is none, UserError for a role that may not."""
    _may(by)
    with deciding(db, About(person), "late_stage_draft", by=by, today=today, on_task=False) as desk:
        composed = _composed(desk, episode, today)
        address, fresh = late_stage.write(desk.conn, by.region, desk.target.person, episode, composed, by.user)
        if fresh:
            _fact(desk, "drafted", today, composed["tumour"], evidence="person")
    return address


def save(db: Database, address: UUID, texts: Mapping[str, str], *, by: Scope, today: date) -> None:
    """Keeps the words of the protocol. Raises NotFound, UserError, Conflict once it is published."""
    found = _found(db, address, by)
    if found.state != "drafted":
        raise Conflict("Протокол уже отправлен, изменить его нельзя")
    with deciding(db, About(found.person), "late_stage_text", by=by, today=today, on_task=False) as desk:
        late_stage.change(desk.conn, by.region, found.id, by.user, texts=_texts(texts))


def publish(db: Database, address: UUID, texts: Mapping[str, str], *, on: date, by: Scope, today: date) -> None:
    """The protocol is signed and sent on a day: DX-32 ends, its review is owed. Raises NotFound, UserError, Conflict."""
    found, given = _found(db, address, by), _texts(texts)
    if found.state != "drafted":
        raise Conflict("Протокол уже отправлен")
    if not given.get("reason"):
        raise UserError("Укажите причину поздней диагностики: без неё протокол не отправляют")
    with deciding(db, About(found.person), "late_stage_published", by=by, today=today, on_task=False) as desk:
        _fact(desk, "published", _day(on, today), found.milestones["tumour"])
        late_stage.change(desk.conn, by.region, found.id, by.user, texts=given, state="published", published_on=on)


def review(db: Database, address: UUID, *, on: date, words: str, by: Scope, today: date) -> None:
    """The case was discussed on a day: DX-33 ends. Raises NotFound, UserError, Conflict if it was not sent yet."""
    found = _found(db, address, by)
    if found.state != "published":
        raise Conflict("Разбор отмечают у отправленного протокола")
    if found.published_on is not None and on < found.published_on:
        raise UserError("Разбор не может быть раньше отправки протокола")
    with deciding(db, About(found.person), "late_stage_reviewed", by=by, today=today, on_task=False) as desk:
        _fact(desk, "reviewed", _day(on, today), found.milestones["tumour"])
        told = dict(found.texts) | {"conclusion": words.strip()[:LONGEST]}
        late_stage.change(desk.conn, by.region, found.id, by.user, texts=told, state="reviewed", reviewed_on=on)


def _may(by: Scope) -> None:
    if by.role not in SIGN:
        raise UserError("Протокол составляет врач (заведующий) или регистратор клиники")


def _found(db: Database, address: UUID, by: Scope) -> Draft:
    _may(by)
    with db.web(by) as conn:
        found = late_stage.find(conn, by, address)
    if found is None:
        raise NotFound("Такого протокола нет")
    return found


def _day(on: date, today: date) -> date:
    if on > today:
        raise UserError("Этот день ещё не наступил")
    return on


def _texts(given: Mapping[str, str]) -> dict[str, str]:
    return {name: given[name].strip()[:LONGEST] for name in TEXTS if given.get(name, "").strip()}


def _composed(desk: Desk, episode: str, today: date) -> dict[str, object]:
    """The protocol of one case, the case found again by its permanent id."""
    region, person = desk.by.region, desk.target.person
    mine = region_rules(desk.conn, region)
    known = today if mine.demo else EVERYTHING_KNOWN
    ((_, timeline),) = facts.timelines(desk.conn, region, [person], EVERYTHING_KNOWN if mine.demo else None)
    stored = episodes.stored(desk.conn, region, [person]).get(person, ())
    found = look(timeline, today, mine.rules, stored, known).found
    rounds, who = catalogue.rounds(timeline, today, known)
    for one in rounds:
        if str(found.get(one.key, "")) == episode:
            return compose(one, who)
    raise NotFound("Такого случая нет")


def _fact(desk: Desk, phase: str, on: date, tumour: Mapping[str, str], *, evidence: str = "document") -> None:
    said = {"phase": phase, "icd10": tumour.get("icd10", ""), "side": tumour.get("side", "")}
    facts.state(
        desk.conn, desk.by.region, desk.target.person, "late_stage_protocol", on,
        {name: value for name, value in said.items() if value}, author=desk.by.user, at=desk.at, evidence=evidence,
    )  # fmt: skip
