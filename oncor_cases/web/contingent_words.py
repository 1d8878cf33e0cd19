"""Lists, expressions and queries in words."""

from collections.abc import Iterable, Mapping, Sequence

from oncor_cases.actions.contingents import name_of
from oncor_cases.contingents.expression import Expression, Named
from oncor_cases.contingents.query import FactWanted, Query
from oncor_cases.store.contingents import ContingentRow
from oncor_cases.web import words
from oncor_cases.web.attribute_words import attribute_words
from oncor_cases.web.case_page import PATHWAY_TITLES
from oncor_cases.web.duties import duty
from oncor_cases.web.fact_words import TITLES
from oncor_cases.workflows.catalogue import PATHWAYS

LOST = "выпал из наблюдения"
KINDS = {
    "file": "из файла", "query": "по условиям", "register": "регистр", "expression": "из списков", "snapshot": "копия",
}  # fmt: skip
REGISTERS = {"oncology": "онкологический регистр", "precancer": "учёт предопухолевых"}
COMMON = {
    "alive": "живы", "everybody": "все, кто есть в базе", "insured": "застрахованы в регионе",
    "observed": "под наблюдением по списку ТФОМС",
    "sex:female": "женщины", "sex:male": "мужчины",
    "register:oncology": "онкологический регистр", "register:precancer": "учёт предопухолевых",
    "clinic:": "ни к кому не прикреплены",
}  # fmt: skip
OPERATIONS = {
    "any": "есть хотя бы в одном", "all": "есть во всех сразу", "minus": "есть в первом и нет в остальных",
    "odd": "есть только в одном из двух", "least": "есть не меньше чем в…",
}  # fmt: skip


def titles(rows: Iterable[ContingentRow], clinics: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What every name of an expression is called for people."""
    return (
        COMMON
        | {f"clinic:{oid}": f"прикреплены: {name}" for oid, name in clinics}
        | {name_of(row.public_id): f"«{row.name}»" for row in rows}
    )


def expression_words(expression: Expression, called: Mapping[str, str], inside: bool = False) -> str:
    """`«ТФОМС, март» без онкологический регистр, живы`: read from left to right."""
    if isinstance(expression, Named):
        return called.get(expression.name, "закрытый список")
    parts = [expression_words(part, called, True) for part in expression.of]
    if len(parts) == 1:
        return parts[0]
    match expression.op:
        case "any":
            text = " или ".join(parts)
        case "all":
            text = ", ".join(parts)
        case "minus":
            first = expression_words(expression.of[0], called)  # read first, it needs no brackets
            text = f"{first}; кроме: {'; '.join(parts[1:])}"
        case "odd":
            text = f"только в одном: {'; '.join(parts)}"
        case _:
            text = f"не меньше чем в {expression.k} из: {'; '.join(parts)}"
    return f"({text})" if inside else text


def query_words(query: Query, clinics: Mapping[str, str]) -> list[str]:
    """Each condition of a query as a phrase."""
    said: list[str] = []
    if query.alive is not None:
        said.append("живы" if query.alive else "умерли")
    if query.insured is not None:
        said.append("застрахованы в регионе" if query.insured else "нет в списке застрахованных")
    if query.observed is not None:
        said.append(("" if query.observed else "не ") + "под наблюдением по списку ТФОМС")
    if query.sex:
        said.append("женщины" if query.sex == "female" else "мужчины")
    if query.age_from is not None or query.age_to is not None:
        ages = [f"от {query.age_from}" if query.age_from is not None else "", f"до {query.age_to}" if query.age_to else ""]
        said.append(f"возраст {words.joined(ages, ' ')} лет")
    if query.attached:
        said.append("прикреплены: " + ", ".join(clinics.get(oid, oid) or "нигде" for oid in query.attached))
    if query.pathway or query.states or query.icd10:
        said.append("случай: " + words.joined(case_words(query)))
    if query.overdue:
        said.append(
            "просрочено: " + ("что угодно" if query.overdue == "*" else words.lower_first(duty(query.overdue).title))
        )
    if query.registered:
        said.append("состоит: " + REGISTERS[query.registered])
    if query.unregistered:
        said.append("не состоит: " + REGISTERS[query.unregistered])
    said += ["есть " + _fact(fact) for fact in query.has]
    said += ["нет " + _fact(fact) for fact in query.lacks]
    return said


def case_words(query: Query) -> list[str]:
    """The pathway, its state and the codes of a case: a state says which pathway it is of by itself."""
    known = PATHWAYS.get(query.pathway)
    titles = known.MACHINE.states if known else {}
    states = [LOST if state == "lost" else words.lower_first(str(titles.get(state, state))) for state in query.states]
    path = words.lower_first(PATHWAY_TITLES.get(query.pathway, query.pathway))
    return [path, *states, query.icd10]


def _fact(fact: FactWanted) -> str:
    about = [attribute_words(fact.kind, name, value) for name, value in fact.attributes]
    days = [f"с {words.day(fact.since)}" if fact.since else "", f"по {words.day(fact.until)}" if fact.until else ""]
    said = f"«{words.lower_first(TITLES.get(fact.kind, fact.kind))}»"
    return words.joined([said, words.joined([fact.icd10, *about]), words.joined(days, " ")], " ")


def people(n: int) -> str:
    """`1 240 человек`."""
    return words.count(n, "человек", "человека", "человек")


def change(entered: int, gone: int) -> str:
    """`+12 −3`, or that nothing changed."""
    return words.joined([f"+{words.number(entered)}" if entered else "", f"−{words.number(gone)}" if gone else ""], " ")


def definition(row: ContingentRow, told: Sequence[str]) -> str:
    """How a list is made, in one line."""
    return row.provenance or "; ".join(told)
