"""What a person may decide: each verb is a fact with its author, or an event of the task, and always both audited.

The same rules that opened a task then close it: no verb here closes anything. All of them work on a clock that is no
task yet. Raises NotFound outside the scope, Conflict where somebody was quicker, UserError for what cannot be."""

from datetime import date
from uuid import UUID

from oncor_cases.actions import identity
from oncor_cases.actions.deciding import About, Desk, deciding
from oncor_cases.actions.gone import AWAY, DEATH, gone
from oncor_cases.actions.region_rules import region_rules
from oncor_cases.actions.sweep_batch import sweep_persons
from oncor_cases.kernel.errors import Conflict, NotFound, UserError
from oncor_cases.store import absences, audit, decisions, documents, facts, papers, persons
from oncor_cases.store.decisions import Target
from oncor_cases.store.session import Database, Scope, become_batch
from oncor_cases.tasks.absences import stood_for

__all__ = ["About"]


def took(db: Database, about: About, *, by: Scope, today: date) -> None:
    """Takes the task; taking it again is nothing, taking a colleague's is a Conflict unless one stands in for them."""
    with deciding(db, about, "took", by=by, today=today) as desk:
        if desk.target.assignee == by.user or desk.repeated:
            return
        if desk.target.assignee and desk.target.assignee not in stood_for(
            absences.records(desk.conn, by.region), by.user, today
        ):
            raise Conflict("Задачу уже взял другой сотрудник")
        desk.act("took", assignee=by.user, state="waiting" if desk.target.state == "waiting" else "taken")


def called(
    db: Database, about: About, *, outcome: str, channel: str, next_on: date | None = None, note: str = "", by: Scope,
    today: date,
) -> None:  # fmt: skip
    """An attempt to reach the patient. `next_on`: the task waits until that day."""
    if next_on is not None and next_on < today:
        raise UserError("Следующая попытка не может быть в прошлом")
    with deciding(db, about, "called", by=by, today=today, on_task=False) as desk:
        if desk.repeated:
            return
        _still_here(desk, today)
        said = {"outcome": outcome, "channel": channel, "next_on": next_on.isoformat() if next_on else ""}
        desk.fact("contact", today, said, of_episode=False)
        desk.act("called", said | {"note": note})


def appointment(
    db: Database, about: About, *, for_: str, at: date, time: str = "", org: str = "", note: str = "", by: Scope, today: date
) -> None:
    """The patient has an appointment: the task waits for it, the clock goes on."""
    if at < today:
        raise UserError("Запись на прошедший день невозможна")
    with deciding(db, about, "appointment", by=by, today=today, on_task=False) as desk:
        if desk.repeated:
            return
        _still_here(desk, at)
        said = {"for": for_, "at": at.isoformat() + (f"T{time}" if time else ""), "org": org}
        desk.fact("appointment", today, said, of_episode=False)
        desk.act("appointment", said | {"note": note})


def told_result(db: Database, about: About, *, on: date, what: str = "", by: Scope, today: date) -> None:
    """The patient knows the result."""
    with deciding(db, about, "told_result", by=by, today=today) as desk:
        _say(desk, "result_told", "told_result", on, {"what": what})


def refused(
    db: Database, about: About, *, of: str, documented: str, on: date, note: str = "", by: Scope, today: date
) -> None:
    """A refusal: a verbal one pauses the duty and asks for a written one, a written one closes what it names."""
    with deciding(db, about, "refused", by=by, today=today) as desk:
        _say(desk, "refusal", "refused", on, {"of": of, "documented": documented}, note)


def moved_away(db: Database, about: About, *, on: date, region: str = "", note: str = "", by: Scope, today: date) -> None:
    """The patient left the region: clocks of care end, calls stop."""
    with deciding(db, about, "moved_away", by=by, today=today, on_task=False) as desk:
        _say(desk, "moved_away", "moved_away", on, {"region": region}, note, of_episode=False)


def died_reported(db: Database, about: About, *, on: date, note: str = "", by: Scope, today: date) -> None:
    """Somebody says the patient died: calls stop at once, the certificate is awaited."""
    with deciding(db, about, "died_reported", by=by, today=today, on_task=False) as desk:
        _say(desk, "death", "died_reported", on, {"kind": "preliminary"}, note, of_episode=False)
        persons.refresh_death(desk.conn, by.region, desk.target.person)


def here_after_all(db: Database, about: About, *, note: str, by: Scope, today: date) -> bool:
    """The patient is alive, or did not leave: what people here said of it is taken back. A death that papers or lists
    tell of stands until its sender corrects it: the registrar is told, and the answer is False.

    Raises UserError (no word of how it is known; nothing to take back)."""
    if not note.strip():
        raise UserError("Напишите, откуда это известно")
    with deciding(db, about, "here_after_all", by=by, today=today, on_task=False) as desk:
        conn, person = desk.conn, desk.target.person
        was = gone(conn, by.region, person, today)
        if desk.repeated:
            return was is None
        if was is None:
            raise UserError("Записи о смерти или выезде уже нет: обновите страницу")
        if was.kind == AWAY and not was.said:
            raise UserError(was.refusal())
        for fact in was.said:
            facts.take_back(conn, by.region, fact, at=desk.at)
        persons.refresh_death(conn, by.region, person)
        audit.note(conn, by.region, "taken_back", author=by.user, person=person, detail={"kind": was.kind, "reason": note})
        left = gone(conn, by.region, person, today)
        if left is None or left.kind != was.kind:
            return True
        detail = {"note": note.strip(), "author": by.user}
        decisions.find(conn, by.region, "death_disputed", Target(person), detail)
        return False


def done_elsewhere(
    db: Database, about: About, *, on: date, org: str = "", step: str = "", note: str = "", by: Scope, today: date
) -> None:
    """The step was done in another place: the clock ends, the document is asked for. `step`: default, what is owed."""
    with deciding(db, about, "done_elsewhere", by=by, today=today) as desk:
        _say(desk, "done_elsewhere", "done_elsewhere", on, {"step": step or _owed(desk), "org": org}, note)


def document_missing(db: Database, about: About, *, note: str, by: Scope, today: date) -> None:
    """The step was probably done, its document did not come: over to the registrar of the clinic that owes it."""
    with deciding(db, about, "document_missing", by=by, today=today) as desk:
        if desk.repeated:
            return
        login = decisions.registrar(desk.conn, by.region, desk.target.owner)
        given = {"assignee": login} if login else {}
        if login and desk.target.state == "taken":
            given["state"] = "open"  # the registrar has not taken it yet
        if desk.target.task is None:
            given = {}
        desk.act("document_missing", {"note": note, "user": login}, **given)
        key = desk.target.key
        assert key is not None
        detail = {"rule": key.rule, "note": note, "org": desk.target.owner, "author": by.user}
        decisions.find(desk.conn, by.region, "document_missing", desk.target, detail)


def no_document(db: Database, about: About, *, on: date, note: str = "", by: Scope, today: date) -> None:
    """The registrar looked: there is no document because the patient did not come on that day. The step is missing, so
    the search begins (DOC-01, workflows/lost.py)."""
    with deciding(db, about, "no_document", by=by, today=today) as desk:
        _say(desk, "no_show", "no_document", on, {}, note, of_episode=False)


def snooze(db: Database, about: About, *, until: date, note: str = "", by: Scope, today: date) -> None:
    """The task waits until a day and is back on the next working day; its clock is not moved."""
    if until <= today:
        raise UserError("Отложить можно только на будущий день")
    with deciding(db, about, "snooze", by=by, today=today) as desk:
        if desk.repeated:
            return
        waiting = max(until, desk.target.waiting_until or until)
        fields = {"snoozed_until": until, "waiting_until": waiting, "state": "waiting"} if desk.target.task else {}
        desk.act("snoozed", {"until": until.isoformat(), "note": note}, **fields)


def comment(db: Database, about: About, *, text: str, by: Scope, today: date) -> None:
    """Words for colleagues."""
    if not text.strip():
        raise UserError("Комментарий пуст")
    with deciding(db, about, "comment", by=by, today=today) as desk:
        if not desk.repeated:
            desk.act("commented", {"text": text.strip()})


def hand_over(
    db: Database, about: About, *, to_user: str = "", to_org: str = "", note: str = "", by: Scope, today: date
) -> None:
    """Gives the task to a colleague, or to another organisation: it owns the task from now on and may see the patient."""
    if not to_user and not to_org:
        raise UserError("Не указано, кому передать")
    with deciding(db, about, "hand_over", by=by, today=today) as desk:
        if desk.repeated:
            return
        org = _new_owner(desk, to_user, to_org)
        fields = {"assignee": to_user} | ({"handed_to": org, "owner_org": org} if org else {})
        if desk.target.state == "taken":
            fields["state"] = "open"  # whoever gets it takes it
        desk.act("handed_over", {"user": to_user, "org": org, "note": note}, **(fields if desk.target.task else {}))
        if org:
            decisions.let_see(desk.conn, by.region, desk.target.person, org)


def wrong_patient(db: Database, person: UUID, document: bytes, *, reason: str, by: Scope, today: date) -> None:
    """The document (by its SHA-256) is about somebody else: links, audit and the sweep of everybody it touches are one
    transaction. The intake's lock comes before those of persons, as everywhere else.

    Raises NotFound outside the scope, Conflict (moved meanwhile, nothing would stay), UserError (no reason)."""
    with db.web(by) as conn:
        id = decisions.person(conn, by, person)
        row = papers.paper(conn, by, document)
        if id is None or row is None or row.person_id != id:
            raise NotFound("Такого документа нет")
        become_batch(conn)
        documents.lock(conn, by.region)
        if persons.of_subjects(conn, by.region, documents.subjects_of(conn, by.region, [row.id])) != {id}:
            raise Conflict("Документ только что отделил другой сотрудник: обновите страницу")
        at = decisions.moment(conn, by.region, today)
        moved = identity.wrong_patient(conn, by.region, row.id, reason=reason, by=by.user, at=at)
        decisions.record(conn, by, "decision.wrong_patient", Target(id), "")
        mine = region_rules(conn, by.region, told=today)
        sweep_persons(conn, today, by.region, mine.rules, sorted(moved.changed), demo=mine.demo, wait=True)


def _say(
    desk: Desk, kind: str, event: str, on: date, said: dict[str, str], note: str = "", *, of_episode: bool = True
) -> None:
    if desk.repeated:
        return
    if on > desk.today:
        raise UserError("Этот день ещё не наступил")
    if kind == DEATH:  # told once; of somebody who left it may be told, too
        _still_here(desk, date.max, but=AWAY)
    else:  # something is done elsewhere after a departure, nothing after a death
        _still_here(desk, on, but="" if kind == AWAY else AWAY)
    desk.fact(kind, on, said, of_episode=of_episode)
    desk.act(event, said | {"on": on.isoformat(), "note": note})


def _still_here(desk: Desk, on: date, *, but: str = "") -> None:
    """Raises UserError for what would be after the death or the departure; a day before it may still be recorded."""
    was = gone(desk.conn, desk.by.region, desk.target.person, desk.today)
    if was is not None and was.kind != but and on > was.on:
        raise UserError(was.refusal())


def _owed(desk: Desk) -> str:
    """The word that ends exactly this clock: the study of an order, else the duty itself."""
    key = desk.target.key
    assert key is not None
    return key.subject.partition("@")[0] if key.rule == "DX-02" and key.subject else key.rule


def _new_owner(desk: Desk, to_user: str, to_org: str) -> str:
    """The organisation that owns the task next, empty if it stays where it is."""
    if to_org and not decisions.is_organisation(desk.conn, desk.by.region, to_org):
        raise UserError("Такой организации нет")
    if not to_user:
        return to_org
    orgs = decisions.organisations(desk.conn, desk.by.region, to_user)
    if orgs is None:
        raise UserError("Такого сотрудника нет")
    owner = to_org or desk.target.owner
    if not orgs or owner in orgs:
        return to_org
    return orgs[0]


def version_of(db: Database, task: UUID, person: UUID, *, by: Scope) -> int:
    """What a form about a task carries as `About.version`."""
    with db.web(by) as conn:
        id = decisions.person(conn, by, person)
        found = decisions.task(conn, by.region, id, task) if id is not None else None
        return decisions.version(conn, by.region, found.task) if found and found.task else 0
