"""The registrar's list: documents that are missing, contradict each other or name nobody."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from oncor_cases.store import fixing
from oncor_cases.web import words
from oncor_cases.web.access import PartsNeeded, ReaderNeeded, looked
from oncor_cases.web.duties import duty
from oncor_cases.web.findings import finding
from oncor_cases.web.inbox_page import full_name
from oncor_cases.web.pages import render

routes = APIRouter()


@dataclass(frozen=True, slots=True)
class CodeTab:
    """One kind of trouble with its count."""

    title: str
    href: str
    count: str
    current: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to put right."""

    href: str
    who: str
    born: str
    what: str
    note: str
    icd10: str
    since: str


@dataclass(frozen=True, slots=True)
class FixPage:
    """What is to be put right, patient by patient."""

    title: str
    summary: str
    tabs: tuple[CodeTab, ...]
    rows: tuple[Line, ...]
    more_href: str


@routes.get("/fix")
def show(request: Request, found: ReaderNeeded, p: PartsNeeded, code: str = "", after: int = 0) -> Response:
    """Findings of the rules and of the intake about patients in scope."""
    code = code[:40]
    with p.db.web(found.scope) as conn:
        rows = fixing.page(conn, found.scope, code, after)
        counts = fixing.counts(conn, found.scope)
        looked(conn, found, "fix", None, code)
    total = sum(n for _, n in counts)
    tabs = [CodeTab("Все", "/fix", words.number(total), not code)]
    tabs += [CodeTab(finding(c).split(":")[0], f"/fix?code={c}", words.number(n), c == code) for c, n in counts]
    lines = tuple(
        Line(
            href=f"/case/{r.person}",
            who=full_name(r.family, r.given, r.patronymic),
            born=words.day(r.birth_date) if r.birth_date else "",
            what=finding(r.code, r.rule),
            note=words.joined(
                [duty(r.rule).title if r.rule and r.code == "document_missing" else "", str(r.detail.get("note", ""))]
            ),
            icd10=r.icd10,
            since=words.day(r.since, found.today),
        )
        for r in rows
    )
    tail = f"&code={code}" if code else ""
    more = f"/fix?after={rows[-1].id}{tail}" if len(rows) >= fixing.PAGE else ""
    summary = words.count(total, "замечание", "замечания", "замечаний")
    return render(
        request, "fix.html", FixPage("Исправить документы", summary, tuple(tabs) if len(tabs) > 2 else (), lines, more)
    )
