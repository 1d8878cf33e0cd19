"""Changing the rule book: one person proposes, the what-if shows what it would do, another person decides.

A proposal takes effect by a dated record; nothing shipped is rewritten, and what was known on an earlier day stays so."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from oncor_cases.actions import story
from oncor_cases.actions.region_rules import RegionRules, region_rules
from oncor_cases.actions.rule_marks import mark_changed
from oncor_cases.kernel.errors import Conflict, NotFound, OncorError, UserError
from oncor_cases.regulations.rulebook import Rulebook
from oncor_cases.sources.seeds import amended_rulebook, default_rulebook
from oncor_cases.sources.stories import read_stories
from oncor_cases.store import audit, decisions, rule_runs, rulebook
from oncor_cases.store.rulebook import Proposal
from oncor_cases.store.session import Connection, Database, Scope, become_batch

PROPOSES = ("methodologist",)
DECIDES = ("methodologist", "coordinator")
KINDS = ("edition", "change", "confirm", "escalation", "note", "switch", "retire")
LARGEST = 100_000  # characters of stories


def propose(
    db: Database,
    kind: str,
    rule: str,
    content: Sequence[dict[str, Any]],
    reason: str,
    *,
    by: Scope,
    today: date,
    stories: str = "",
    retires: int | None = None,
) -> int:
    """Writes a draft with its stories checked and asks for its what-if; the id of the proposal.

    Raises UserError without a reason or with stories that cannot be read, BadRuleRecord where the change does not fit,
    NotFound for a role that may not propose."""
    _may(by, PROPOSES)
    reason = _reason(reason)
    if kind not in KINDS:
        raise UserError("Такого изменения нет")
    with db.web(by) as conn:
        mine = region_rules(conn, by.region, told=today)
        if retires is not None:
            _in_force(conn, by.region, retires)
        elif not content:
            raise UserError("Изменение пустое: поменяйте хотя бы одно поле")
        book = book_with(mine, content, retires)
        checked = check_stories(stories, book, mine)
        become_batch(conn)
        at = decisions.moment(conn, by.region, today)
        id = rulebook.propose(
            conn, by.region, kind=kind, rule=rule, content=content, retires=retires, stories=stories, checked=checked,
            reason=reason, author=by.user, at=at,
        )  # fmt: skip
        rule_runs.ask(conn, by.region, today, content, retires, by.user, id)
        audit.note(conn, by.region, "rules.propose", author=by.user, object=f"{rule} #{id}")
    return id


def book_with(mine: RegionRules, content: Sequence[dict[str, Any]], retires: int | None = None) -> Rulebook:
    """The region's book as it would be. Raises BadRuleRecord."""
    kept = tuple(c for c in mine.recipe.changes if c[0] != retires)
    if not content:
        return default_rulebook(mine.recipe.code, None, kept)
    change = (mine.recipe.version + 1, rulebook.as_json(content))
    return amended_rulebook(mine.recipe.code, kept, change)


def check_stories(text: str, book: Rulebook, mine: RegionRules) -> list[dict[str, Any]]:
    """`[{story, ok, differences}]` of stories in the format of the contract, by the changed book and our calendar."""
    if not text.strip():
        return []
    if len(text) > LARGEST:
        raise UserError("Историй слишком много: проверьте их командой oncor story check")
    told = []
    for one in read_stories(text):
        try:
            told.append(story.check(one, book, mine.rules.calendar))
        except OncorError:
            raise
        except Exception as error:  # a story nobody foresaw: said by name, never a page that breaks
            raise UserError(f"История «{one.title}» не рассчитывается: {type(error).__name__}") from error
    return told


def compute_again(db: Database, id: int, *, by: Scope, today: date) -> int:
    """Asks for the what-if anew: the book or the day has changed since. Raises Conflict for a decided proposal."""
    _may(by, DECIDES)
    with db.web(by) as conn:
        rulebook.proposal(conn, by.region, id)
        become_batch(conn)
        found = _open(conn, by.region, id)
        last = rule_runs.of_proposal(conn, by.region, id)
        if last is not None and last.finished_at is None:
            return last.id
        return rule_runs.ask(conn, by.region, today, found.content, found.retires, by.user, id)


def approve(db: Database, id: int, reason: str, *, by: Scope, today: date) -> int:
    """Puts a proposal into effect from now on; the number of its record. The persons it touches are marked.

    Raises Conflict for the author, for a decided proposal, and where no what-if was computed on today's book."""
    _may(by, DECIDES)
    with db.web(by) as conn:
        rulebook.proposal(conn, by.region, id)
        become_batch(conn)
        rulebook.numbering(conn, by.region)
        found = _open(conn, by.region, id)
        _another(found, by)
        run = rule_runs.of_proposal(conn, by.region, id)
        if found.state != "computed" or run is None or run.state != "done":
            raise Conflict("Сначала должен быть посчитан результат: что изменится у пациентов")
        if run.base != rulebook.last_number(conn, by.region):
            raise Conflict("Книга правил изменилась после расчёта: посчитайте ещё раз")
        mine = region_rules(conn, by.region, told=today)
        if found.retires is not None:
            _in_force(conn, by.region, found.retires)
        book_with(mine, found.content, found.retires)
        at = decisions.moment(conn, by.region, today)
        number = rulebook.approve(conn, by.region, found, by.user, reason.strip(), at)
        rulebook.decide(conn, by.region, id, "approved", by.user, reason.strip(), at)
        audit.note(conn, by.region, "rules.approve", author=by.user, object=f"{found.rule} #{id}")
    mark_changed(db, by.region, today)
    return number


def decline(db: Database, id: int, reason: str, *, by: Scope, today: date) -> None:
    """Refuses a proposal with a reason; never one's own (that is withdrawn)."""
    _may(by, DECIDES)
    reason = _reason(reason)
    with db.web(by) as conn:
        rulebook.proposal(conn, by.region, id)
        become_batch(conn)
        _another(_open(conn, by.region, id), by)
        _end(conn, id, "declined", reason, by, today)


def withdraw(db: Database, id: int, *, by: Scope, today: date) -> None:
    """The author takes the proposal back."""
    _may(by, PROPOSES)
    with db.web(by) as conn:
        rulebook.proposal(conn, by.region, id)
        become_batch(conn)
        if _open(conn, by.region, id).author != by.user:
            raise Conflict("Отозвать предложение может только его автор")
        _end(conn, id, "withdrawn", "", by, today)


def _end(conn: Connection, id: int, state: str, reason: str, by: Scope, today: date) -> None:
    rulebook.decide(conn, by.region, id, state, by.user, reason, decisions.moment(conn, by.region, today))
    audit.note(conn, by.region, f"rules.{state}", author=by.user, object=f"#{id}")


def _open(conn: Connection, region: int, id: int) -> Proposal:
    found = rulebook.proposal(conn, region, id, lock=True)
    if found.state not in rulebook.OPEN:
        raise Conflict("По этому предложению уже решено: обновите страницу")
    return found


def _another(found: Proposal, by: Scope) -> None:
    if found.author == by.user:
        raise Conflict("Своё предложение решает другой человек: методолог или координатор")


def _in_force(conn: Connection, region: int, number: int) -> None:
    if not any(r.number == number and r.retired_by is None for r in rulebook.records(conn, region)):
        raise Conflict("Эта правка уже не действует")


def _may(by: Scope, roles: tuple[str, ...]) -> None:
    if by.role not in roles:
        raise NotFound("Этот раздел вашей роли не открыт")


def _reason(text: str) -> str:
    if len(text.strip()) < 3:
        raise UserError("Напишите причину: её увидит тот, кто решает, и все после него")
    return text.strip()[:2000]
