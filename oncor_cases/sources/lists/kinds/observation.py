"""Dispensary observation as the fund and the insurers keep it: who is observed, who came, the plan, who was informed.

Layouts differ by territory and none is federal (Karelia DN_IN, DN_OUT, DISPPLAN; Perm; ISZL): their headers are among the
names of the columns, and anything else goes by a saved mapping."""

from collections.abc import Iterable

from oncor_cases.kernel.codes import CANCER
from oncor_cases.sources.lists import cells
from oncor_cases.sources.lists.schema import PERSON, Column, Kind, Values, column, fact
from oncor_cases.sources.reading import ReadFact
from oncor_cases.sources.seeds import tables

DS = "icd10, ds, ds_disp, мкб, мкб-10, диагноз, код мкб, ds1, код диагноза"
LPU = "org, lpu, code_mo, мо, медицинская организация, код мо, mo, наименование мо"
DATE_IN = "date_in, datebegin, дата взятия на учет, дата постановки, дата начала наблюдения, дата взятия"
# Reasons of removal. Codes of the layouts mean different things, so only words are read here; a bare number stays
# unread (C11) until a mapping of that layout says its words.
REASON = cells.coded(
    {
        "выздоровление": "recovered",
        "выехал": "left_region",
        "выезд": "left_region",
        "смена места жительства": "left_region",
        "диагноз не подтвержден": "not_confirmed",
        "диагноз не подтверждён": "not_confirmed",
        "не подтвержден": "not_confirmed",
        "базалиома": "basal_cell",
        "умер": "died_cause_unknown",
        "смерть": "died_cause_unknown",
        "смерть от основного заболевания": "died_of_disease",
        "смерть от осложнений": "died_of_complication",
        "смерть от другого заболевания": "died_of_other",
        "прочее": "other",
        "другое": "other",
        "отказ": "other",
    },
    "Причина снятия",
)


def register_of(code: str) -> str:
    """Which register a diagnosis belongs to: oncology, precancer or none."""
    if code in CANCER:
        return "oncology"
    return "precancer" if any(code in condition.icd for condition in tables().conditions) else ""


def ours(values: Values) -> bool:
    """A list of observation holds every disease; cancer and its forerunners are ours."""
    return bool(register_of(str(values.get("icd10") or "")))


def _person_and(*columns: Column) -> tuple[Column, ...]:
    return (
        *PERSON,
        column("icd10", "Диагноз", cells.icd10, DS, required=True),
        column("org", "Наблюдает", cells.org, LPU + ", наблюдающая мо, мо наблюдения"),
        *columns,
    )


MONTHS = tuple(
    column(f"month{n}", f"План: месяц {n}", cells.flag, f"dn_month{n}, month{n}, m{n}, месяц {n}") for n in range(1, 13)
)


def planned(values: Values, register: str) -> Iterable[ReadFact]:
    """A planned month is a date of month precision: it starts and stops nothing, and is shown as written."""
    year = values.get("plan_year")
    months = [n for n in range(1, 13) if values.get(f"month{n}")]
    months += [values["plan_month"]] if values.get("plan_month") and values["plan_month"] not in months else []
    told = {"register": register, "icd10": values["icd10"], "org": values.get("org")}
    for month in sorted(months):
        yield fact("list", "visit_planned", f"{year:04}-{month:02}", told, certainty="planned", path=f"Месяц {month}")
    if values.get("plan_on"):
        yield fact("list", "visit_planned", values["plan_on"], told, certainty="planned", path="Дата явки по плану")


def _observed(values: Values) -> Iterable[ReadFact]:
    register = register_of(values["icd10"])
    told = {"register": register, "icd10": values["icd10"], "org": values.get("org")}
    yield fact("list", "register_entry", values["date_in"], told, path="Дата взятия на учёт")
    if values.get("date_out"):
        reason = {"reason": values.get("reason")}
        yield fact("list", "register_exit", values["date_out"], told | reason, path="Дата снятия с учёта")
    else:
        yield from planned(values, register)
    if values.get("fact_on"):
        yield fact("list", "visit", values["fact_on"], told, path="Дата явки")
    yield from _informed(values)


def _year(values: Values, as_of: str) -> Values:
    """The layout of Karelia names months without a year: the year of the list."""
    months = any(values.get(f"month{n}") for n in range(1, 13)) or values.get("plan_month")
    return values if values.get("plan_year") or not months else {**values, "plan_year": int(as_of[:4])}


OBSERVED = Kind(
    name="observed",
    title="Состоят под диспансерным наблюдением (ТФОМС)",
    about="Списки ДН: DN_IN (Карелия), DISP, PERSCANCER (Пермь), ИСЗЛ",
    columns=_person_and(
        column("date_in", "Дата взятия на учёт", cells.past_period, DATE_IN, required=True),
        column(
            "date_out",
            "Дата снятия с учёта",
            cells.past_period,
            "date_out, dateend, дата снятия, дата окончания наблюдения",
            turns=True,
        ),
        column("reason", "Причина снятия", REASON, "reason, namereason, причина снятия с учета"),
        column("doctor", "СНИЛС врача", cells.snils, "doctor, snils_vr, ss_d"),
        column("times", "Явок в год", cells.number, "krat, кратность, явок в год"),
        *MONTHS,
        column("plan_month", "Месяц явки по плану", cells.month, "planmonth, plan_month, плановый месяц"),
        column("plan_year", "Год плана", cells.number, "planyear, plan_year, год"),
        column("plan_on", "Дата явки по плану", cells.day, "plan_date, plan_on, дата планового посещения"),
        column("fact_on", "Дата явки", cells.past_day, "factdn, fact_on, дата факта, dates"),
        column("informed_on", "Дата информирования", cells.past_day, "dateinfo, informed_on"),
        column("way", "Способ информирования", cells.text, "wayinfo, way"),
        column("outcome", "Результат информирования", cells.text, "resinfo, outcome"),
    ),
    facts=_observed,
    snapshot=True,
    key=("icd10",),
    files=r"dn_in|observ|диспансерн|perscancer|iszl|исзл|\bdn\b|_dn",
    concerns=ours,
    fill=_year,
    xml_rows=("DN_IN", "DISP", "PERSCANCER"),
)


ENDED = Kind(
    name="observation_ended",
    title="Сняты с диспансерного наблюдения (ТФОМС)",
    about="Списки снятых: DN_OUT (Карелия)",
    columns=_person_and(
        column(
            "date_out",
            "Дата снятия с учёта",
            cells.past_period,
            "date_out, dateend, дата снятия, дата окончания наблюдения",
            required=True,
        ),
        column("date_in", "Дата взятия на учёт", cells.past_period, DATE_IN),
        column("reason", "Причина снятия", REASON, "reason, namereason, причина снятия с учета"),
        column("doctor", "СНИЛС врача", cells.snils, "doctor, snils_vr, ss_d"),
    ),
    facts=lambda values: _ended(values),
    key=("icd10", "date_out"),
    files=r"dn_out|снят",
    concerns=ours,
    xml_rows=("DN_OUT",),
)


def _ended(values: Values) -> Iterable[ReadFact]:
    told = {"register": register_of(values["icd10"]), "icd10": values["icd10"], "org": values.get("org")}
    if values.get("date_in"):
        yield fact("list", "register_entry", values["date_in"], told, path="Дата взятия на учёт")
    yield fact(
        "list", "register_exit", values["date_out"], told | {"reason": values.get("reason")}, path="Дата снятия с учёта"
    )


def _visit(values: Values) -> Iterable[ReadFact]:
    told = {"register": register_of(values["icd10"]), "icd10": values["icd10"], "org": values.get("org")}
    yield fact("claim", "visit", values["visited_on"], told, path="Дата явки")


VISITS = Kind(
    name="observation_visits",
    title="Состоявшиеся явки диспансерного наблюдения (ТФОМС)",
    about="Оплаченные явки с целью 1.3",
    columns=_person_and(
        column(
            "visited_on",
            "Дата явки",
            cells.past_day,
            "visited_on, дата посещения, date_visit, visit_date, дата приема, date_z_2, дата явки факт",
            required=True,
        ),
        column("doctor", "СНИЛС врача", cells.snils, "doctor, snils_vr, iddokt"),
    ),
    facts=_visit,
    evidence="claim",
    key=("icd10", "visited_on"),
    files=r"visit|явк|посещ",
    concerns=ours,
    xml_rows=("VISIT", "VISITS"),
)

PLAN = Kind(
    name="observation_plan",
    title="План диспансерного наблюдения по месяцам",
    about="DISPPLAN: в какие месяцы года человек должен прийти",
    columns=_person_and(
        column("plan_year", "Год плана", cells.number, "planyear, plan_year, год, year", required=True),
        column("plan_month", "Месяц явки по плану", cells.month, "planmonth, plan_month, месяц, disp_month"),
        *MONTHS,
    ),
    facts=lambda values: planned(values, register_of(values["icd10"])),
    key=("icd10", "plan_year"),
    files=r"plan|план",
    concerns=ours,
    check=lambda values: (
        None if 2000 <= values["plan_year"] <= 2100 else ("Год плана", "year", "Год плана вне разумных пределов")
    ),
    xml_rows=("DISPPLAN", "PLAN"),
)

WAYS = (
    ("phone", ("тел", "звон", "phone", "call")),
    ("message", ("смс", "sms", "сообщ", "мессендж", "email", "почта эл", "e-mail", "госуслуг", "еп")),
    ("letter", ("письм", "почт", "letter")),
    ("home_visit", ("визит", "на дом", "подвор", "visit")),
)
OUTCOMES = (
    ("wrong_number", ("неверн", "не тот", "ошибочн", "wrong")),
    ("letter_returned", ("вернул", "возврат", "returned")),
    ("no_answer", ("не дозвон", "недозвон", "не отвеч", "нет ответа", "не проинформ", "недоступ", "no answer", "no_answer")),
    ("reached", ("проинформ", "дозвон", "извещ", "вручен", "доставл", "успеш", "уведомлен", "reached", "придет", "придёт")),
)


def _word(said: object, table: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    lowered = str(said or "").lower()
    return next((word for word, starts in table if any(start in lowered for start in starts)), "")


def _outcome(said: object, channel: str) -> str:
    """A message delivered or a letter sent is not a person reached, and being reached is a sign of life: only an answer,
    or a letter handed over, counts where nobody spoke. Without a told outcome the contact counts as unanswered."""
    lowered = str(said or "").lower().strip()
    found = _word(lowered, OUTCOMES)
    if found != "reached" or (lowered.startswith("не") and not lowered.startswith("нет")):
        return found if found != "reached" else "no_answer"
    spoke = channel in ("phone", "home_visit") or any(word in lowered for word in ("ответ", "подтвер", "прид", "вруч"))
    return "reached" if spoke else "no_answer"


def _informed(values: Values) -> Iterable[ReadFact]:
    if values.get("informed_on"):
        channel = _word(values.get("way"), WAYS) or "phone"
        told = {"outcome": _outcome(values.get("outcome"), channel) or "no_answer", "channel": channel}
        yield fact("list", "contact", values["informed_on"], told, path="Информирование")


INFORMING = Kind(
    name="informing",
    title="Информирование застрахованных (страховые организации)",
    about="Кому, когда и как сообщили о явке и чем кончилось",
    columns=(
        *PERSON,
        column(
            "informed_on", "Дата информирования", cells.past_day, "dateinfo, informed_on, дата оповещения", required=True
        ),
        column("way", "Способ информирования", cells.text, "wayinfo, way, способ, способ оповещения", required=True),
        column("outcome", "Результат информирования", cells.text, "resinfo, outcome, результат, итог"),
        column("insurer", "Страховая организация", cells.text, "insurer, smo, смо"),
    ),
    facts=_informed,
    key=("informed_on", "way"),
    files=r"inform|информир|опове",
)
