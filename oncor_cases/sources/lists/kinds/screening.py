"""Screening as lists: who was invited, tested, assessed; and schedules of appointments."""

from collections.abc import Iterable

from oncor_cases.sources.lists import cells
from oncor_cases.sources.lists.cells import Bad, Cell, Surroundings
from oncor_cases.sources.lists.schema import PERSON, Kind, Values, column, fact
from oncor_cases.sources.reading import ReadFact
from oncor_cases.sources.seeds import tables

EVENT = cells.coded(
    {"приглашён": "invited", "приглашен": "invited", "приглашение": "invited", "invited": "invited", "тест": "test",
     "исследование": "test", "скрининг": "test", "test": "test", "дообследование": "assessment", "assessment": "assessment",
     "отказ": "refused", "refused": "refused", "пройден ранее": "done_earlier", "пройдено ранее": "done_earlier",
     "done_earlier": "done_earlier"},
    "Событие скрининга",
)  # fmt: skip
RESULTS = {
    "норма": "normal", "без патологии": "normal", "отрицательный": "normal", "normal": "normal", "отклонение": "abnormal",
    "патология": "abnormal", "положительный": "abnormal", "abnormal": "abnormal", "подозрение на зно": "suspicious",
    "подозрение": "suspicious", "suspicious": "suspicious", "неинформативно": "inadequate", "неинформативный": "inadequate",
    "inadequate": "inadequate", "доброкачественное": "benign", "benign": "benign", "предрак": "precancer",
    "precancer": "precancer",
}  # fmt: skip


def programme(cell: Cell, around: Surroundings) -> str | None:
    """A programme by its identifier of the rule data."""
    said = (cells.text(cell, around) or "").upper()
    if not said:
        return None
    if said not in tables().programmes:
        raise Bad("programme", "Такой программы скрининга нет в правилах региона")
    return said


def _facts(values: Values) -> Iterable[ReadFact]:
    told = {"programme": values["programme"], "org": values.get("org")}
    with_result = told | {"result": values.get("result")}
    match values.get("event") or "test":
        case "invited":
            yield fact("list", "screening_invited", values["on"], told)
        case "test":
            yield fact("list", "screening_test", values["on"], with_result)
        case "assessment":
            yield fact("list", "screening_assessment", values["on"], with_result)
        case "refused":
            yield fact("list", "screening_refused", values["on"], told)
        case "done_earlier":
            yield fact("list", "screening_done_earlier", values["on"], told)


def _fitting(values: Values) -> tuple[str, str, str] | None:
    """A result that this event cannot have; an event without its result."""
    allowed = {
        "test": ("normal", "abnormal", "suspicious", "inadequate"),
        "assessment": ("normal", "benign", "precancer", "suspicious"),
    }
    wanted = allowed.get(values.get("event") or "test")
    if wanted and not values.get("result"):
        return "Результат", "empty", "Исследование без результата"
    if wanted and values["result"] not in wanted:
        return "Результат", "result", "У этого события скрининга такого результата не бывает"
    return None


SCREENING = Kind(
    name="screening",
    title="Скрининг: приглашения и результаты",
    about="Кто приглашён, обследован, дообследован или отказался, по программам",
    columns=(
        *PERSON,
        column("programme", "Программа", programme, "programme, программа скрининга, program", required=True),
        column("event", "Событие", EVENT, "event, событие, этап"),
        column(
            "on", "Дата события", cells.past_day, "on, date_test, дата, дата исследования, дата проведения", required=True
        ),
        column("result", "Результат", cells.coded(RESULTS, "Результат"), "result, результат скрининга, заключение"),
        column("org", "Где проведено", cells.org, "org, мо, lpu"),
    ),
    facts=_facts,
    key=("programme", "event", "on"),
    files=r"screen|скрин",
    check=_fitting,
)

FOR = cells.coded(
    {"онколог": "oncologist", "приём онколога": "oncologist", "прием онколога": "oncologist", "oncologist": "oncologist",
     "исследование": "study", "study": "study", "биопсия": "biopsy", "biopsy": "biopsy", "консилиум": "consilium",
     "consilium": "consilium", "госпитализация": "admission", "admission": "admission", "курс": "cycle",
     "курс химиотерапии": "cycle", "cycle": "cycle", "явка": "visit", "диспансерная явка": "visit", "visit": "visit"},
    "На что записан",
)  # fmt: skip

APPOINTMENTS = Kind(
    name="appointments",
    title="Запись на приём (расписание)",
    about="Кто, куда и на какой день записан",
    columns=(
        *PERSON,
        column("at", "Дата приёма", cells.day, "at, дата записи на прием, дата визита, дата и время приема, consulting_date",
               required=True),
        column("time", "Время приёма", cells.text, "time, время"),
        column("for_", "На что записан", FOR, "for, цель записи, вид приема, услуга", required=True),
        column("icd10", "Диагноз", cells.icd10, "icd10, мкб, мкб-10"),
        column("org", "Куда записан", cells.org, "org, мо, lpu"),
    ),
    facts=lambda values: (
        fact("list", "appointment", values["at"], {"for": values["for_"], "at": values["at"], "org": values.get("org"),
             "icd10": values.get("icd10")}, certainty="planned"),
    ),
    snapshot=False,
    key=("at", "for_"),
    files=r"appoint|запис|распис",
)  # fmt: skip
