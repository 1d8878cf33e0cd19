"""«Сверка»: what differs between the sources, who mends it, and the two answers: a task, or «так и есть»."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from oncor_cases.actions import comparing
from oncor_cases.kernel.errors import Conflict, NotFound, UserError
from oncor_cases.kernel.numbers import LARGEST, whole, whole_or
from oncor_cases.store import case, difference_pages
from oncor_cases.store.inbox import WIDE
from oncor_cases.web import background
from oncor_cases.web.access import Parts, PartsNeeded, Reader, ReaderNeeded, WriterNeeded, looked, need_role, public
from oncor_cases.web.after import sweep_persons
from oncor_cases.web.comparison_page import TABS, WORK, Asked, comparisons_page, differences_page
from oncor_cases.web.pages import go, render

routes = APIRouter()
RUNS, TREND = 14, 60  # days of runs: in the table beside, and in the pictures
DONE = {
    "started": "Сверка запущена. Обновите страницу через минуту.",
    "confirmed": "Подтверждено: расхождение не вернётся, пока его значения не изменятся.",
    "undone": "Подтверждение снято: расхождение снова открыто.",
}


@routes.get("/comparisons")
def show(request: Request, found: ReaderNeeded, p: PartsNeeded, clinic: str = "", done: str = "") -> Response:
    """Every comparison with the reader's counts."""
    need_role(found, *comparing.ROLES)
    comparing.orgs_of(found.scope, clinic)
    wide = found.account.role in WIDE
    with p.db.web(found.scope) as conn:
        counts = difference_pages.by_comparison(conn, found.scope, found.today, clinic)
        clinics = difference_pages.by_clinic(conn, found.scope, found.today)
        runs = difference_pages.runs(conn, found.scope, TREND)
        looked(conn, found, "comparisons", None)
    page = comparisons_page(found, counts, clinics, runs, clinic, RUNS, wide=wide, said=DONE.get(done, ""))
    return render(request, "comparisons.html", page)


@routes.post("/comparisons/run")
def start(request: Request, found: WriterNeeded, p: PartsNeeded) -> Response:
    """Compares now, in a thread of this process."""
    need_role(found, *WIDE)
    region, today, author = found.scope.region, found.today, found.account.login

    def work() -> None:
        done = comparing.run(p.db, region, today, author=author)
        sweep_persons(p.db, region, sorted(done.touched), today)

    background.start("reconcile", work)
    return go("/comparisons?done=started")


@routes.get("/comparisons/{name}")
def differences(
    request: Request, found: ReaderNeeded, p: PartsNeeded, name: str, tab: str = "open", clinic: str = "", work: str = "",
    after: int = 0, done: str = "",
) -> Response:  # fmt: skip
    """The differences of one comparison, both sides beside each other."""
    asked = Asked(tab if tab in TABS else "open", clinic, work if work in WORK and tab == "open" else "")
    said = DONE.get(done, f"Поставлено задач: {given}." if (given := whole_or(done, 0, LARGEST, -1)) >= 0 else "")
    return _page(request, found, p, name, asked, after, said=said)


def _page(
    request: Request, found: Reader, p: Parts, name: str, asked: Asked, after: int = 0, *, said: str = "",
    complaint: str = "", status: int = 200,
) -> Response:  # fmt: skip
    need_role(found, *comparing.ROLES)
    comparison, scope = comparing.known(name), found.scope
    comparing.orgs_of(scope, asked.clinic)
    with p.db.web(scope) as conn:
        rows = difference_pages.page(
            conn, scope, name, TABS[asked.tab], clinic=asked.clinic, work=asked.work, after=max(after, 0)
        )
        counts = difference_pages.by_comparison(conn, scope, found.today, asked.clinic)
        clinics = difference_pages.by_clinic(conn, scope, found.today, name)
        wide = found.account.role in WIDE and not asked.clinic  # runs are counted over the region
        runs = difference_pages.runs(conn, scope, TREND) if wide else []
        histories = difference_pages.histories(conn, scope, [r.id for r in rows])
        orgs = {str(v["org"]) for r in rows for v in (r.left_values, r.right_values) if v.get("org")}
        names = dict(case.names(conn, scope, sorted(orgs)))
        for r in rows:
            looked(conn, found, "differences", r.person_id, name)
    free = comparing.preview(p.db, scope, name, asked.clinic) if asked.tab == "open" else []
    page = differences_page(
        found, comparison, asked, counts.get(name, difference_pages.NONE), rows, histories, clinics, free, names,
        runs, full=len(rows) >= difference_pages.PAGE, most=comparing.LARGEST, said=said, complaint=complaint,
    )  # fmt: skip
    return render(request, "differences.html", page, status=status)


@routes.post("/comparisons/{name}/give")
def give(
    request: Request, found: WriterNeeded, p: PartsNeeded, name: str, clinic: Annotated[str, Form()] = "",
    number: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """The oldest differences without work become tasks."""
    need_role(found, *comparing.ROLES)
    asked = Asked(clinic=clinic)
    try:
        n = whole(number, 1, comparing.LARGEST, "Сколько")
        persons = comparing.give(p.db, found.scope, name, clinic=clinic, number=n, today=found.today)
    except UserError as error:
        return _page(request, found, p, name, asked, complaint=error.message, status=422)
    sweep_persons(p.db, found.scope.region, sorted(set(persons)), found.today)
    return go(asked.address(comparing.known(name).name, done=str(len(persons))))


@routes.post("/differences/{address}/{answer}")
def answer(
    request: Request, found: WriterNeeded, p: PartsNeeded, address: str, answer: str,
    reason: Annotated[str, Form()] = "", note: Annotated[str, Form(max_length=2000)] = "",
    comparison: Annotated[str, Form()] = "", clinic: Annotated[str, Form()] = "", work: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """`confirm` or `undo`."""
    need_role(found, *comparing.ROLES)
    if answer not in ("confirm", "undo"):
        raise NotFound("Такой страницы нет.")
    known, asked = comparing.known(comparison), Asked("open" if answer == "confirm" else "confirmed", clinic, work)
    try:
        if answer == "confirm":
            person = comparing.confirm(p.db, found.scope, public(address), reason=reason, note=note, today=found.today)
        else:
            person = comparing.unconfirm(p.db, found.scope, public(address), today=found.today)
    except (UserError, Conflict) as error:
        return _page(request, found, p, known.name, asked, complaint=error.message, status=422)
    sweep_persons(p.db, found.scope.region, [person], found.today)
    return go(asked.address(known.name, done="confirmed" if answer == "confirm" else "undone"))
