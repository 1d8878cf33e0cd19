"""«Правила»: the rule book of the region as it is today, and one rule with its editions and history. Nobody's data."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from oncor_cases.kernel.errors import NotFound
from oncor_cases.sources.seeds import base_version
from oncor_cases.store import accounts, rulebook
from oncor_cases.web import rule_page, rulebook_page
from oncor_cases.web.access import PartsNeeded, ReaderNeeded, need_role
from oncor_cases.web.pages import render
from oncor_cases.web.rules import rules

routes = APIRouter()
ROLES = ("methodologist", "coordinator")


@routes.get("/rules")
def show(request: Request, found: ReaderNeeded, p: PartsNeeded, pathway: str = "", norm: str = "", q: str = "") -> Response:
    """Every duty with its act, status and who vouches for it; notes; what waits for a second person."""
    need_role(found, *ROLES)
    book = rules(p, found).book
    with p.db.web(found.scope) as conn:
        records = rulebook.records(conn, found.scope.region)
        waiting = rulebook.proposals(conn, found.scope.region, only_open=True)
        names = accounts.names(conn, found.scope.region)
    page = rulebook_page.rules_page(
        book, records, waiting, names, found.today, base_version(), pathway=pathway[:20], norm=norm[:20], q=q[:100]
    )
    return render(request, "rules.html", page, block="list")


@routes.get("/rules/{rule}")
def one(request: Request, found: ReaderNeeded, p: PartsNeeded, rule: str) -> Response:
    """One rule."""
    need_role(found, *ROLES)
    book = rules(p, found).book
    duty = book.duties.get(rule) or book.notes.get(rule)
    if duty is None:
        raise NotFound("Такого правила нет")
    with p.db.web(found.scope) as conn:
        records = rulebook.records(conn, found.scope.region)
        proposals = rulebook.proposals(conn, found.scope.region, rule=rule)
        names = accounts.names(conn, found.scope.region)
    may = found.account.role == "methodologist"
    page = rule_page.rule_page(book, duty, records, proposals, names, found.today, may_propose=may)
    return render(request, "rule.html", page)
