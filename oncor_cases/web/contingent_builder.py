"""The builder: an expression over lists with live counts, a picture of the overlap, and what to do with the result."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from oncor_cases.actions import contingents as lists
from oncor_cases.actions.assigning import GIVERS
from oncor_cases.contingents.algebra import evaluated
from oncor_cases.contingents.expression import DEEPEST, WIDEST, Expression, Group, Named, holds, names, plain, within
from oncor_cases.contingents.overlap import MOST, cells
from oncor_cases.kernel.errors import UserError
from oncor_cases.store import contingents, inbox, members
from oncor_cases.web import expression_form, overlap_picture, words
from oncor_cases.web.access import PartsNeeded, Reader, ReaderNeeded, WriterNeeded, looked, need_role
from oncor_cases.web.contingent_words import COMMON, OPERATIONS, expression_words, people, titles
from oncor_cases.web.expression_form import Node
from oncor_cases.web.overlap_picture import Picture
from oncor_cases.web.pages import Option, go, is_htmx, render

routes = APIRouter()
READERS = ("navigator", "head", "registrar", "coordinator", "methodologist")
CLINICS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Choices:
    """A group of options of a select."""

    title: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class EditNode:
    """One line of the tree being edited; `count` is empty while the line says nothing yet."""

    path: str
    group: bool
    label: str
    count: str
    operations: tuple[Option, ...] = ()
    least: str = ""
    choices: tuple[Choices, ...] = ()
    parts: tuple["EditNode", ...] = ()
    can_add: bool = False
    can_group: bool = False
    can_drop: bool = False


@dataclass(frozen=True, slots=True)
class ClinicLine:
    """How many of the result one clinic has, and where to give it work."""

    name: str
    count: str
    href: str


@dataclass(frozen=True, slots=True)
class BuildPage:
    """The builder with what its expression gives now."""

    title: str
    tree: EditNode
    complaint: str
    said: str
    count: str
    nobody: bool
    picture: Picture | None
    clinics: tuple[ClinicLine, ...]
    work_href: str
    may_give: bool  # work over what came out; without it no page is offered that would be refused
    expression: str
    name: str
    can_share: bool


async def query_of(request: Request) -> list[tuple[str, str]]:
    """The fields of the address as they came, repeated ones too."""
    return list(request.query_params.multi_items())


def work_address(expression: Expression) -> str:
    """Where work over a set is previewed."""
    return "/contingents/work?" + urlencode({"e": json.dumps(plain(expression), separators=(",", ":"))})


def build_address(expression: Expression) -> str:
    """Where a set is looked at."""
    return "/contingents/build?" + urlencode({"e": json.dumps(plain(expression), separators=(",", ":"))})


def called(found: Reader, rows: list[contingents.ContingentRow], clinics: list[tuple[str, str]]) -> Mapping[str, str]:
    """The words for every name an expression of this reader may use."""
    return titles(rows, clinics)


@routes.get("/contingents/build")
def build(
    request: Request, found: ReaderNeeded, p: PartsNeeded, given: Annotated[list[tuple[str, str]], Depends(query_of)]
) -> Response:
    """The builder, or its block while somebody edits: the counts follow every change."""
    need_role(found, *READERS)
    complaint = ""
    try:
        text = dict(given).get("e", "")
        tree = expression_form.of_text(text) if text else expression_form.of_fields(given)
    except UserError as error:
        tree, complaint = expression_form.empty(), error.message
    page = _page(found, p, tree, complaint)
    headers = {"HX-Push-Url": build_address(whole)} if is_htmx(request) and (whole := expression_form.complete(tree)) else {}
    return render(request, "build.html", page, block="builder", headers=headers)


@routes.post("/contingents/save")
def save(
    found: WriterNeeded, p: PartsNeeded, e: Annotated[str, Form()], name: Annotated[str, Form()] = "",
    shared: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """Saves the expression under a name and shows the list."""
    need_role(found, *READERS)
    address = lists.save(
        p.db, found.scope, name=name, kind="expression", definition={"expression": expression_form.read(e)},
        today=found.today, shared=bool(shared),
    )  # fmt: skip
    return go(f"/contingents/{address}")


def _page(found: Reader, p: PartsNeeded, tree: Node, complaint: str) -> BuildPage:
    whole = expression_form.complete(tree)
    with p.db.web(found.scope) as conn:
        rows = contingents.listed(conn, found.scope)
        clinics = inbox.clinics(conn, found.scope)
        words_of = called(found, rows, clinics)
        choices = _choices(rows, clinics)
        wanted = names(whole) if whole is not None else []
        sets = lists.sets(conn, found.scope, wanted, found.today)
        count = _counter(sets)
        result = sets.shown(evaluated(whole, sets.by_name)) if whole is not None else None
        by_clinic = members.clinics(conn, found.scope.region, result) if result else []
        picture = _picture(whole, sets, words_of)
        looked(conn, found, "contingent_build", None)
    return BuildPage(
        title="Собрать список",
        tree=_edit(tree, expression_form.ROOT, 1, words_of, choices, count, top=True),
        complaint=complaint,
        said=expression_words(whole, words_of) if whole is not None else "",
        count=people(len(result)) if result is not None else "",
        nobody=result is not None and not len(result),
        picture=picture,
        clinics=_clinic_lines(whole, by_clinic) if whole is not None and len(by_clinic) > 1 else (),
        work_href=work_address(_alive(whole)) if whole is not None and result else "",
        may_give=found.account.role in GIVERS,
        expression=json.dumps(plain(whole)) if whole is not None else "",
        name="",
        can_share=True,
    )


def _counter(sets: lists.Sets):  # type: ignore[no-untyped-def]
    def count(node: Node) -> str:
        expression = expression_form.complete(node)
        if expression is None:
            return ""
        return words.number(len(sets.shown(evaluated(expression, sets.by_name))))

    return count


def _picture(whole: Expression | None, sets: lists.Sets, words_of: Mapping[str, str]) -> Picture | None:
    """Of the parts of the root, when there are two to four."""
    if not isinstance(whole, Group) or not 2 <= len(whole.of) <= MOST:
        return None
    parts = [sets.shown(evaluated(part, sets.by_name)) for part in whole.of]
    return overlap_picture.draw(
        cells(parts), [expression_words(part, words_of) for part in whole.of], [len(s) for s in parts],
        lambda among: holds(whole.op, among, whole.k),
    )  # fmt: skip


def _clinic_lines(whole: Expression, rows: list[members.ClinicCount]) -> tuple[ClinicLine, ...]:
    return tuple(
        ClinicLine(
            row.name or "не прикреплены", words.number(row.count),
            work_address(_alive(whole, Named(f"clinic:{row.org}"))),
        )
        for row in rows[:CLINICS_SHOWN]
    )  # fmt: skip


def _alive(whole: Expression, *more: Named) -> Expression:
    """The set with further conditions; nobody is given work about the dead."""
    parts = whole.of if isinstance(whole, Group) and whole.op == "all" else (whole,)
    further = tuple(e for e in (Named("alive"), *more) if not within(whole, e.name))
    return Group("all", (*parts, *further)) if further else whole


def _choices(rows: list[contingents.ContingentRow], clinics: list[tuple[str, str]]) -> tuple[Choices, ...]:
    own = tuple(Option(lists.name_of(r.public_id), f"{r.name} · {words.day(r.as_of)}") for r in rows)
    common = tuple(Option(name, title) for name, title in COMMON.items())
    places = tuple(Option(f"clinic:{oid}", name) for oid, name in clinics)
    return tuple(c for c in (Choices("Списки", own), Choices("Общие", common), Choices("Прикреплены", places)) if c.options)


def _edit(
    node: Node, path: str, depth: int, words_of: Mapping[str, str], choices: tuple[Choices, ...], count, *, top: bool = False
) -> EditNode:  # type: ignore[no-untyped-def]
    if not node.op:
        chosen = tuple(
            Choices(c.title, tuple(Option(o.value, o.title, o.value == node.name) for o in c.options)) for c in choices
        )
        return EditNode(path, False, words_of.get(node.name, "список"), count(node), choices=chosen, can_drop=True)
    parts = tuple(_edit(part, f"{path}.{n}", depth + 1, words_of, choices, count) for n, part in enumerate(node.parts))
    return EditNode(
        path=path,
        group=True,
        label="Кто нужен" if top else "группа",
        count=count(node),
        operations=tuple(Option(op, title, op == node.op) for op, title in OPERATIONS.items()),
        least=str(node.k) if node.op == "least" else "",
        parts=parts,
        can_add=len(parts) < WIDEST,
        can_group=len(parts) < WIDEST and depth + 1 < DEEPEST,
        can_drop=not top,
    )
