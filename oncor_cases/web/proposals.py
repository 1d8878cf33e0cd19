"""Proposing a change of a rule, seeing what it would do, and deciding on somebody else's."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from oncor_cases.actions import rulebook as action
from oncor_cases.actions.region_rules import region_rules
from oncor_cases.kernel.errors import BadRuleRecord, Conflict, UserError
from oncor_cases.store import accounts, rule_runs, rulebook
from oncor_cases.web import background, proposal_forms, proposal_page
from oncor_cases.web import rules as kept
from oncor_cases.web.access import PartsNeeded, Reader, ReaderNeeded, WriterNeeded, looked, need_role
from oncor_cases.web.decision import form_of
from oncor_cases.web.pages import go, render
from oncor_cases.web.rulebook import ROLES
from oncor_cases.web.rules import rules

routes = APIRouter(prefix="/rules")
Given = Mapping[str, str]
AUTHORS = ("methodologist",)


@routes.get("/{rule}/propose")
def ask(
    request: Request, found: ReaderNeeded, p: PartsNeeded, rule: str, kind: str = "edition", edition: str = "",
    record: str = "",
) -> Response:  # fmt: skip
    """The form of one kind of change."""
    need_role(found, *AUTHORS)
    book = rules(p, found).book
    duty = book.duties.get(rule) or book.notes.get(rule)
    asked = proposal_forms.form(kind, book, duty, rule, edition, record, found.today)
    return render(request, "propose.html", proposal_page.form_page(asked, kind, rule))


@routes.post("/{rule}/propose")
def propose(
    request: Request, found: WriterNeeded, p: PartsNeeded, rule: str, given: Annotated[Given, Depends(form_of)]
) -> Response:
    """Writes the draft, checks its stories, starts the what-if; a form that does not fit comes back with the words."""
    need_role(found, *AUTHORS)
    kept.forget()
    book, kind = rules(p, found).book, given.get("kind", "")
    duty = book.duties.get(rule) or book.notes.get(rule)
    try:
        content, retires = proposal_forms.content(kind, given, book, duty, rule)
        id = action.propose(
            p.db, kind, rule, content, given.get("reason", ""), by=found.scope, today=found.today,
            stories=given.get("stories", ""), retires=retires,
        )  # fmt: skip
    except (UserError, BadRuleRecord, Conflict) as error:
        form = proposal_forms.form(kind, book, duty, rule, given.get("edition", ""), given.get("record", ""), found.today)
        page = proposal_page.form_page(form.with_values(given), kind, rule, given, error.message)
        return render(request, "propose.html", page, status=422)
    background.compute_waiting(p.db, found.scope.region)
    return go(f"/rules/proposals/{id}")


@routes.get("/proposals/{id}")
def show(request: Request, found: ReaderNeeded, p: PartsNeeded, id: int) -> Response:
    """A proposal: what changes in the book, its stories, what changes for the patients, who decides."""
    need_role(found, *ROLES)
    return render(request, "proposal.html", _page(p, found, id), block="run")


@routes.get("/proposals/{id}/people")
def people(
    request: Request, found: ReaderNeeded, p: PartsNeeded, id: int, change: str = "", org: str = "", after: int = 0
) -> Response:
    """The patients behind the numbers; every one shown is in the audit."""
    need_role(found, *ROLES)
    with p.db.web(found.scope) as conn:
        proposal = rulebook.proposal(conn, found.scope.region, id)
        run = rule_runs.of_proposal(conn, found.scope.region, id)
        rows = rule_runs.people(conn, found.scope, run.id, change[:20], org[:80], after) if run else []
        for person in dict.fromkeys(r.person for r in rows):
            looked(conn, found, "whatif", person, f"proposal {id}")
    page = proposal_page.people_page(proposal, rows, change[:20], org[:80], found.today)
    return render(request, "proposal_people.html", page)


@routes.post("/proposals/{id}/decide")
def decide(
    request: Request, found: WriterNeeded, p: PartsNeeded, id: int, given: Annotated[Given, Depends(form_of)]
) -> Response:
    """Approves, declines, withdraws, or asks for the what-if anew."""
    need_role(found, *ROLES)
    by, today, reason = found.scope, found.today, given.get("reason", "")
    try:
        match given.get("verb", ""):
            case "approve":
                action.approve(p.db, id, reason, by=by, today=today)
                kept.forget()
            case "decline":
                action.decline(p.db, id, reason, by=by, today=today)
            case "withdraw":
                action.withdraw(p.db, id, by=by, today=today)
            case "compute":
                action.compute_again(p.db, id, by=by, today=today)
                background.compute_waiting(p.db, by.region)
            case _:
                raise UserError("Такого решения нет")
    except (UserError, BadRuleRecord, Conflict) as error:
        status = 409 if isinstance(error, Conflict) else 422
        return render(request, "proposal.html", _page(p, found, id, error.message), status=status)
    return go(f"/rules/proposals/{id}")


def _page(p: PartsNeeded, found: Reader, id: int, complaint: str = "") -> proposal_page.ProposalPage:
    with p.db.web(found.scope) as conn:
        proposal = rulebook.proposal(conn, found.scope.region, id)
        run = rule_runs.of_proposal(conn, found.scope.region, id)
        clinics = rule_runs.by_clinic(conn, found.scope, run.id) if run and run.finished_at else []
        records = rulebook.records(conn, found.scope.region)
        mine = region_rules(conn, found.scope.region, told=found.today)
        names = accounts.names(conn, found.scope.region)
    return proposal_page.page(proposal, run, clinics, records, mine.recipe, names, found, complaint)
