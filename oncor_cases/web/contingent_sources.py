"""Lists that do not come from other lists: by conditions over facts and cases, and from a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, UploadFile
from fastapi.responses import Response

from oncor_cases.actions import contingent_files
from oncor_cases.actions import contingents as lists
from oncor_cases.contingents import query as queries
from oncor_cases.kernel.errors import UserError
from oncor_cases.store import contingent_query, inbox, population
from oncor_cases.store.session import become_batch
from oncor_cases.web import attribute_words, words
from oncor_cases.web.access import Parts, PartsNeeded, Reader, ReaderNeeded, WriterNeeded, looked, need_role
from oncor_cases.web.case_page import PATHWAY_TITLES
from oncor_cases.web.contingent_builder import READERS, Choices
from oncor_cases.web.contingent_words import LOST, REGISTERS, people, query_words
from oncor_cases.web.decision import Given, form_of
from oncor_cases.web.duties import DUTIES
from oncor_cases.web.fact_words import TITLES
from oncor_cases.web.pages import Option, go, render
from oncor_cases.workflows.catalogue import PATHWAYS

routes = APIRouter()


@dataclass(frozen=True, slots=True)
class QueryField:
    """One condition. `kind`: select, number, date or text; a select with groups has `choices`."""

    name: str
    title: str
    kind: str
    value: str = ""
    choices: tuple[Choices, ...] = ()


@dataclass(frozen=True, slots=True)
class QueryPage:
    """Conditions, what they say together, and how many people they give."""

    title: str
    groups: tuple[tuple[str, tuple[QueryField, ...]], ...]
    complaint: str
    said: str
    count: str
    asked: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FilePage:
    """The form of a file."""

    title: str
    complaint: str
    name: str
    as_of: str


async def address_of(request: Request) -> Given:
    """The fields of the address, trimmed."""
    return {name: value.strip() for name, value in request.query_params.items()}


@routes.get("/contingents/query")
def ask(request: Request, found: ReaderNeeded, p: PartsNeeded, given: Annotated[Given, Depends(address_of)]) -> Response:
    """The conditions with a count that follows them."""
    need_role(found, *READERS)
    return render(request, "list_query.html", _page(found, p, given), block="query")


@routes.post("/contingents/query")
def keep(request: Request, found: WriterNeeded, p: PartsNeeded, given: Annotated[Given, Depends(form_of)]) -> Response:
    """Saves the conditions under a name; a register alone is kept as one."""
    need_role(found, *READERS)
    try:
        told = queries.plain(queries.parsed(_told(given)))
        register = told.get("registered") if set(told) == {"registered"} else None
        address = lists.save(
            p.db, found.scope, name=given.get("name", ""), kind="register" if register else "query",
            definition={"register": register} if register else {"query": told}, today=found.today,
            shared=bool(given.get("shared")),
        )  # fmt: skip
    except UserError as error:
        return render(request, "list_query.html", _page(found, p, given, error.message), block="query", status=422)
    return go(f"/contingents/{address}")


@routes.get("/contingents/file")
def file_form(request: Request, found: ReaderNeeded, p: PartsNeeded) -> Response:
    """Choose a file."""
    need_role(found, *READERS)
    return render(request, "list_file.html", FilePage("Список из файла", "", "", found.today.isoformat()))


@routes.post("/contingents/file")
def load(
    request: Request, found: WriterNeeded, p: PartsNeeded, file: UploadFile, name: Annotated[str, Form()] = "",
    as_of: Annotated[str, Form()] = "", shared: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """Reads and matches the file; what was not found is shown on the list's page."""
    need_role(found, *READERS)
    try:
        loaded = contingent_files.load(
            p.db, found.scope, name=name, file=file.filename or "", data=file.file.read(), as_of=_day(as_of, found.today),
            today=found.today, shared=bool(shared),
        )  # fmt: skip
    except UserError as error:
        page = FilePage("Список из файла", error.message, name, as_of)
        return render(request, "list_file.html", page, status=422)
    return go(f"/contingents/{loaded.address}" + ("?tab=rejects" if loaded.rejected else ""))


def _day(text: str, today: date) -> date:
    try:
        return date.fromisoformat(text) if text else today
    except ValueError as error:
        raise UserError("День списка не читается") from error


def _page(found: Reader, p: Parts, given: Given, complaint: str = "") -> QueryPage:
    said, count = "", ""
    with p.db.web(found.scope) as conn:
        clinics = inbox.clinics(conn, found.scope)
        looked(conn, found, "contingent_query", None)
        try:
            query = queries.parsed(_told(given))
            if query != queries.Query():
                become_batch(conn)
                seen = population.readable(conn, found.scope)
                count = people(
                    len(population.cut(contingent_query.found(conn, found.scope.region, query, found.today), seen))
                )
                said = "; ".join(query_words(query, dict(clinics)))
        except UserError as error:
            complaint = complaint or error.message
    return QueryPage("Список по условиям", _groups(given, clinics), complaint, said, count, given)


def _told(given: Given) -> dict[str, Any]:
    """The query as JSON values out of the fields of the form."""
    pathway, _, state = given.get("case", "").partition(":")
    told: dict[str, Any] = {
        **{name: {"yes": True, "no": False}.get(given.get(name, "")) for name in ("alive", "insured", "observed")},
        "attached": [given["attached"].removeprefix("=")] if given.get("attached") else [],
        "pathway": pathway,
        "states": [state] if state else [],
    }
    told |= {n: given.get(n, "") for n in ("sex", "age_from", "age_to", "icd10", "overdue", "registered", "unregistered")}
    for name in ("has", "lacks"):
        if given.get(f"{name}_kind"):
            kind, mark = given[f"{name}_kind"], f"{name}_a_"
            about = {field.removeprefix(mark): value for field, value in given.items() if field.startswith(mark)}
            fields = {part: given.get(f"{name}_{part}", "") for part in ("since", "until", "icd10")}
            told[name] = [{"kind": kind, "attributes": attribute_words.chosen(kind, about), **fields}]
    return told


def _groups(given: Given, clinics: list[tuple[str, str]]) -> tuple[tuple[str, tuple[QueryField, ...]], ...]:
    def select(name: str, title: str, *choices: Choices) -> QueryField:
        value = given.get(name, "")
        marked = tuple(
            Choices(c.title, tuple(Option(o.value, o.title, o.value == value) for o in c.options)) for c in choices
        )
        return QueryField(name, title, "select", value, marked)

    def plain(name: str, title: str, kind: str) -> QueryField:
        return QueryField(name, title, kind, given.get(name, ""))

    def about(mark: str, kind: str) -> list[QueryField]:
        """What may be said of facts of this kind: chosen where the vocabulary knows the values, written elsewhere."""
        fields = []
        for attribute in attribute_words.offered(kind):
            name, title = mark + attribute, words.upper_first(attribute_words.TITLES[attribute])
            known = attribute_words.options(kind, attribute)
            fields.append(select(name, title, Choices("", known)) if known else plain(name, title, "text"))
        return fields

    cases = [
        Choices(PATHWAY_TITLES[name], (Option(name, f"{PATHWAY_TITLES[name]}: любое состояние"),
                *(Option(f"{name}:{state}", title) for state, title in path.MACHINE.states.items()),
                Option(f"{name}:lost", LOST)))
        for name, path in PATHWAYS.items()
    ]  # fmt: skip
    duties = Choices("", (Option("*", "что угодно"), *(Option(r, d.title) for r, d in DUTIES.items() if "-" in r)))
    registers = Choices("", tuple(Option(r, t) for r, t in REGISTERS.items()))
    kinds = Choices("", tuple(Option(k, t) for k, t in TITLES.items()))
    facts = [
        (head, (
            select(f"{name}_kind", "Что", kinds), plain(f"{name}_since", "С", "date"), plain(f"{name}_until", "По", "date"),
            plain(f"{name}_icd10", "МКБ-10", "text"), *about(f"{name}_a_", given.get(f"{name}_kind", "")),
        ))
        for name, head in (("has", "Есть в документах или списках"), ("lacks", "Нет ни в документах, ни в списках"))
    ]  # fmt: skip
    places = (*(Option(f"={oid}", title) for oid, title in clinics), Option("=", "нигде"))
    return (
        ("Человек", (
            select("alive", "Жив", Choices("", (Option("yes", "живы"), Option("no", "умерли")))),
            select("insured", "Застрахован", Choices("", (Option("yes", "в регионе"), Option("no", "нет в списке")))),
            select("sex", "Пол", Choices("", (Option("female", "женщины"), Option("male", "мужчины")))),
            plain("age_from", "Возраст от", "number"), plain("age_to", "до", "number"),
            select("attached", "Прикрепление", Choices("", places)),
        )),
        ("Случай", (
            select("case", "Путь и состояние", *cases), plain("icd10", "МКБ-10", "text"),
            select("overdue", "Просрочено", duties), select("registered", "Состоит в регистре", registers),
            select("unregistered", "Не состоит в регистре", registers),
            select("observed", "По списку ТФОМС", Choices(
                "", (Option("yes", "под наблюдением"), Option("no", "не под наблюдением")))),
        )),
        *facts,
    )  # fmt: skip
