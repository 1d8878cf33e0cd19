"""The page of one patient. Every look is audited; a patient of another clinic does not exist here."""

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from oncor_cases.actions.gone import gone
from oncor_cases.actions.late_stage import SIGN
from oncor_cases.kernel.errors import NotFound
from oncor_cases.store import case, late_stage, traces, views
from oncor_cases.store.session import Connection
from oncor_cases.web import case_page
from oncor_cases.web.access import PartsNeeded, Reader, ReaderNeeded, looked, public
from oncor_cases.web.case_page import Material
from oncor_cases.web.decision_forms import DONE
from oncor_cases.web.pages import render
from oncor_cases.web.rules import rules
from oncor_cases.workflows.trace import SEARCHED

routes = APIRouter()
FACTS, ALL_FACTS = 200, 5000


@routes.get("/case/{public_id}")
def show(
    request: Request, found: ReaderNeeded, p: PartsNeeded, public_id: str,
    task: str = "", done: str = "", numbers: bool = False, everything: Annotated[bool, Query(alias="all")] = False,
) -> Response:  # fmt: skip
    """Who, where on the pathway, why each date, what happened, what to decide."""
    judged = rules(p, found)
    with p.db.web(found.scope) as conn:
        m = material(conn, found, public_id, judged, ALL_FACTS if everything else FACTS + 1)
        looked(conn, found, "case_numbers" if numbers else "case", m.person.id)
    limit = ALL_FACTS if everything else FACTS
    page = case_page.page(m, chosen=task, said=DONE.get(done, ""), unmasked=numbers, key=secrets.token_hex(8), limit=limit)
    return render(request, "case.html", page, block="case")


def material(conn: Connection, found: Reader, public_id: str, judged: Any, facts: int = FACTS + 1) -> Material:
    """Everything the page needs, in the reader's own transaction. Raises NotFound outside the scope."""
    person = case.person(conn, found.scope, public(public_id))
    if person is None:
        raise NotFound("Такого пациента нет.")
    seen, tasks = views.read(conn, found.scope.region, person.id), case.tasks(conn, found.scope, person.id)
    searched = any(t.rule in SEARCHED for t in tasks)
    late = any(c.rule in ("DX-32", "DX-33") for v in seen for c in v.clocks) or any(
        f.code == "late_stage_after_death" for v in seen for f in v.findings
    )
    return Material(
        person=person,
        views=seen,
        facts=case.facts(conn, found.scope, person.id, facts),
        tasks=tasks,
        history=case.history(conn, found.scope, person.id),
        colleagues=case.colleagues(conn, found.scope),
        organisations=case.organisations(conn, found.scope),
        rules=judged,
        today=found.today,
        user=found.account.login,
        speaks=found.speaks,
        trace=traces.read(conn, found.scope.region, person.id) if searched else (),
        drafts=late_stage.of_person(conn, found.scope, person.id) if late else (),
        signs=found.account.role in SIGN,
        gone=gone(conn, found.scope.region, person.id, found.today),
    )
