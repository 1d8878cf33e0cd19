"""The registrar's pages: documents in quarantine, reading them again, withdrawing a voided one."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from oncor_cases.actions import quarantine as quarantine_actions
from oncor_cases.actions import withdraw as withdraw_actions
from oncor_cases.kernel.errors import Conflict, NotFound, UserError
from oncor_cases.store import decisions, papers
from oncor_cases.store.papers import KEEPERS, PAGE, PaperRow
from oncor_cases.web import words
from oncor_cases.web.access import Parts, PartsNeeded, Reader, ReaderNeeded, WriterNeeded, looked, need_role
from oncor_cases.web.after import sweep_documents, sweep_persons
from oncor_cases.web.document import digest_of
from oncor_cases.web.form_page import FormField, FormPage
from oncor_cases.web.pages import go, render

routes = APIRouter()
MAY_WITHDRAW = ("registrar", "coordinator", "methodologist")


@dataclass(frozen=True, slots=True)
class Line:
    """One document that waits."""

    title: str
    file: str
    href: str
    retry_href: str
    reason: str
    sender: str
    known: str


@dataclass(frozen=True, slots=True)
class ReasonTab:
    """A reason with its count."""

    title: str
    href: str
    count: str
    current: bool


@dataclass(frozen=True, slots=True)
class QuarantinePage:
    """Documents that wait for a person."""

    title: str
    summary: str
    said: str
    reasons: tuple[ReasonTab, ...]
    rows: tuple[Line, ...]
    more_href: str


RETRIED = {"read": "Документ прочитан, его факты учтены.", "still": "Документ снова не прочитан, причина та же или новая."}


@routes.get("/quarantine")
def listed(
    request: Request, found: ReaderNeeded, p: PartsNeeded, reason: str = "", after: int | None = None, done: str = ""
) -> Response:
    """What could not be read or contradicts itself, the newest first."""
    need_role(found, *KEEPERS)
    with p.db.web(found.scope) as conn:
        rows = papers.quarantine(conn, found.scope, after, reason[:60])
        reasons = papers.quarantine_reasons(conn, found.scope)
        looked(conn, found, "quarantine", None)
    tail = f"&reason={reason}" if reason else ""
    total = sum(n for _, _, n in reasons)
    tabs = [ReasonTab("Все", "/quarantine", words.number(total), not reason)]
    tabs += [
        ReasonTab((text or code).split(" (")[0].split(":")[0], f"/quarantine?reason={code}", words.number(n), code == reason)
        for code, text, n in reasons
    ]
    page = QuarantinePage(
        title="Карантин документов",
        summary=words.count(total, "документ", "документа", "документов"),
        said=RETRIED.get(done, ""),
        reasons=tuple(tabs) if len(reasons) > 1 else (),
        rows=tuple(_line(r, found) for r in rows),
        more_href=f"/quarantine?after={rows[-1].id}{tail}" if len(rows) >= PAGE else "",
    )
    return render(request, "quarantine.html", page)


def _line(r: PaperRow, found: Reader) -> Line:
    return Line(
        title=r.title or "Документ без названия",
        file=r.origin.rsplit("/", 1)[-1],
        href=f"/document/{r.sha256}",
        retry_href=f"/quarantine/{r.sha256}/retry",
        reason=r.reason or words.joined([str(x.get("message", "")) for x in r.problems], "; "),
        sender=r.sender or "не указан",
        known=words.moment(found.local(r.known_at), found.today),
    )


@routes.post("/quarantine/{sha256}/retry")
def retry(found: WriterNeeded, p: PartsNeeded, sha256: str) -> Response:
    """Reads the document once more, after the reader or the sender was put right."""
    need_role(found, *KEEPERS)
    row = _mine(p, found, sha256)
    if row.status != "quarantined":
        raise Conflict("Документа уже нет в карантине")
    result = quarantine_actions.retry(p.db, found.scope.region, [digest_of(sha256)], by=found.account.login)
    if not result["read"]:
        return go("/quarantine?done=still")
    sweep_documents(p.db, found.scope.region, [digest_of(sha256)], found.today)
    return go("/quarantine?done=read")


@routes.get("/withdraw")
def ask(request: Request, found: ReaderNeeded, sha256: str = "") -> Response:
    """The form: which document and why."""
    need_role(found, *MAY_WITHDRAW)
    return render(request, "form.html", _form(sha256, "", ""))


@routes.post("/withdraw")
def withdraw(
    request: Request, found: WriterNeeded, p: PartsNeeded,
    sha256: Annotated[str, Form()] = "", reason: Annotated[str, Form()] = "", whole: Annotated[bool, Form()] = False,
) -> Response:  # fmt: skip
    """The document's facts cease, its bytes stay; the highest remaining version is in force."""
    need_role(found, *MAY_WITHDRAW)
    try:
        row = _mine(p, found, sha256.strip().lower())
        with p.db.batch() as conn:
            at = decisions.moment(conn, found.scope.region, found.today)
        withdraw_actions.withdraw(
            p.db, digest_of(row.sha256), reason, by=found.account.login, region=found.scope.region, whole_set=whole, at=at
        )
    except (NotFound, Conflict, UserError) as error:
        status = {NotFound: 404, Conflict: 409}.get(type(error), 422)
        return render(request, "form.html", _form(sha256, reason, error.message), status=status)
    sweep_persons(p.db, found.scope.region, [row.person_id] if row.person_id else [], found.today)
    return go(f"/document/{row.sha256}")


def _mine(p: Parts, found: Reader, sha256: str) -> PaperRow:
    """The document as this reader may see it. Raises NotFound."""
    with p.db.web(found.scope) as conn:
        row = papers.paper(conn, found.scope, digest_of(sha256))
    if row is None:
        raise NotFound("Такого документа нет.")
    return row


def _form(sha256: str, reason: str, complaint: str) -> FormPage:
    return FormPage(
        title="Отзыв документа",
        lead=(
            "Отзывают документ, который отправитель признал ошибочным. Сведения из него перестанут действовать,"
            " сам документ останется в архиве. Если были более ранние версии, начнёт действовать последняя из них.",
        ),
        action="/withdraw",
        button="Отозвать",
        back=f"/document/{sha256}" if sha256 else "/",
        complaint=complaint,
        fields=(
            FormField("sha256", "Код документа (есть на его странице)", "text", "w-sha", sha256, required=True),
            FormField("reason", "Причина, как её назвал отправитель", "textarea", "w-reason", reason, required=True),
            FormField("whole", "Отозвать все версии этого документа", "checkbox", "w-whole"),
        ),
    )
