"""The cancer register as exported tables: persons, tumours, treatments, observation; this region's or another's.

The register's own number names the person within its sender, so that its tables join each other. Dictionaries of the
register programs differ; words and Roman numerals are read, bare numbers only where a dictionary of the order 135 forms
is closed by ONCOR's API (reasons of removal, clinical groups) and the column says so by its name."""

from collections.abc import Iterable

from oncor_cases.sources.lists import cells
from oncor_cases.sources.lists.cells import Bad, Cell, Surroundings
from oncor_cases.sources.lists.kinds.observation import REASON
from oncor_cases.sources.lists.schema import PERSON, Column, Kind, Values, column, fact
from oncor_cases.sources.lists.senders import OWN_REGISTER
from oncor_cases.sources.reading import ReadFact
from oncor_cases.sources.semd import labels

GROUPS = ("Ia", "Ib", "IIa", "II", "III", "IV")


def group(cell: Cell, around: Surroundings) -> str | None:
    """A clinical group by its name; bare Arabic numbers mean different groups in different programs and are refused."""
    said = labels.latin((cells.text(cell, around) or "").replace(" ", "")).lower().replace("б", "b").replace("а", "a")
    if not said:
        return None
    found = next((g for g in GROUPS if g.lower() == said), None)
    if found is None:
        raise Bad("group", "Клиническая группа не читается: нужно Ia, Ib, II, IIa, III или IV")
    return found


def stage(cell: Cell, around: Surroundings) -> str | None:
    """`IIIA` from what a person wrote; a bare code of N002 through the region's own copy of that dictionary."""
    said = cells.text(cell, around)
    if said is None:
        return None
    found = around.stages.get(said) or labels.stage(said)
    if not found:
        raise Bad("stage", "Стадия не читается: это код, а справочника этих кодов в регионе нет")
    return found


def tnm(kind: str):  # type: ignore[no-untyped-def]
    """A category of TNM with its letter, as documents have it: `T1`, `N0`, `M1a`."""

    def convert(cell: Cell, around: Surroundings) -> str | None:
        said = cells.text(cell, around)
        if said is None:
            return None
        found = labels.category(kind, said if said[:1].upper() in "TNMТМcpyra" else f"{kind.upper()}{said}")
        return found or None

    return convert


SIDE = cells.coded(
    {
        "слева": "left",
        "левая": "left",
        "лев": "left",
        "left": "left",
        "справа": "right",
        "правая": "right",
        "прав": "right",
        "right": "right",
        "двусторонняя": "both",
        "с двух сторон": "both",
        "both": "both",
    },
    "Сторона",
)
PRIMACY = cells.coded(
    {
        "впервые": "first",
        "впервые в жизни": "first",
        "впервые в жизни установленный": "first",
        "first": "first",
        "известен ранее": "known_before",
        "ранее": "known_before",
        "known_before": "known_before",
        "повторно": "known_before",
    },
    "Первичность",
)
NUMBER = column(
    "local_id", "Номер в регистре", cells.text, "local_id, регистрационный номер, reg_number, register_number, номер карты"
)


def _numbered(*columns: Column) -> tuple[Column, ...]:
    return (*PERSON, NUMBER, *columns)


def _person(values: Values) -> Iterable[ReadFact]:
    if values.get("attached"):
        yield fact("register", "attached", values.get("reg_on"), {"org": values["attached"]}, path="Прикрепление")
    if values.get("died_on"):
        yield fact("register", "death", values["died_on"], {"icd10": values.get("death_cause")}, path="Дата смерти")


PERSONS = Kind(
    name="register_persons",
    title="Канцер-регистр: пациенты",
    about="Номер в регистре и кто это; дата и причина смерти",
    columns=_numbered(
        column(
            "reg_on", "Дата регистрации", cells.past_period, "reg_on, reg_date, дата учета, дата внесения", required=True
        ),
        column("attached", "Прикрепление", cells.org, "attached, мо прикрепления"),
        column("died_on", "Дата смерти", cells.past_day, "died_on, death_date"),
        column("death_cause", "Причина смерти", cells.icd10, "death_cause"),
    ),
    facts=_person,
    evidence="register",
    snapshot=True,
    keeper=OWN_REGISTER,
    files=r"reg.*(person|patient)|регистр.*пациент",
)


def _tumour(values: Values) -> Iterable[ReadFact]:
    code = {"icd10": values["icd10"]}
    told = {
        name: values.get(name)
        for name in ("icd10", "side", "primacy", "stage", "t", "n", "m", "morphology", "topography", "grade", "basis")
    }
    on = values["diagnosed_on"]
    yield fact("register", "diagnosis", on, told | {"status": "final", "first_on": on}, path="Диагноз")
    if values.get("reg_on"):
        entry = code | {"register": "oncology", "org": values.get("org")}
        yield fact("register", "register_entry", values["reg_on"], entry, path="Взят на учёт")
    if values.get("unreg_on"):
        gone = code | {"register": "oncology", "reason": values.get("unreg_reason")}
        yield fact("register", "register_exit", values["unreg_on"], gone, path="Снят с учёта")
    if values.get("group"):
        on = values.get("group_on") or values.get("reg_on") or on
        yield fact("register", "clinical_group", on, code | {"group": values["group"]}, path="Клиническая группа")


TUMOURS = Kind(
    name="register_tumours",
    title="Канцер-регистр: опухоли",
    about="Диагноз, стадия, морфология, взятие на учёт и снятие; по строке на опухоль",
    columns=_numbered(
        column(
            "icd10", "Диагноз", cells.icd10, "icd10, топография мкб-10, мкб, мкб-10, код мкб, ds, top_icd", required=True
        ),
        column(
            "diagnosed_on",
            "Дата установления диагноза",
            cells.past_period,
            "diagnosed_on, ds_date, дата диагноза, дата уст диагноза",
            required=True,
        ),
        column("tumour", "Номер опухоли", cells.number, "tumour, number, порядковый номер опухоли"),
        column("stage", "Стадия", stage, "stage, стадия опухолевого процесса, stad"),
        column("t", "T", tnm("t"), "tnm_t, t, т"),
        column("n", "N", tnm("n"), "tnm_n, n"),
        column("m", "M", tnm("m"), "tnm_m, m, м"),
        column(
            "morphology",
            "Морфология",
            lambda c, a: labels.morphology(cells.text(c, a) or "") or None,
            "morph, morphology, морфологический тип опухоли",
        ),
        column(
            "topography",
            "Топография",
            lambda c, a: labels.topography(cells.text(c, a) or "") or None,
            "top, topography, топография мкб-о",
        ),
        column("side", "Сторона", SIDE, "side, сторона поражения"),
        column("grade", "Степень злокачественности", cells.text, "grade, g"),
        column("basis", "Метод подтверждения", cells.text, "basis, method, метод подтверждения диагноза"),
        column("primacy", "Первичность", PRIMACY, "primacy, впервые"),
        column("reg_on", "Дата взятия на учёт", cells.past_period, "reg_on, reg_date, взят на учет"),
        column("unreg_on", "Дата снятия с учёта", cells.past_period, "unreg_on, unreg_date, снят с учета"),
        column("unreg_reason", "Причина снятия", REASON, "unreg_reason, unreg_tp, причина снятия с учета"),
        column("group", "Клиническая группа", group, "group, clinical_group, кл группа, клин группа"),
        column("group_on", "Дата клинической группы", cells.past_day, "group_on"),
        column("org", "Наблюдает", cells.org, "org, мо наблюдения, lpu, наблюдающая мо"),
    ),
    facts=_tumour,
    evidence="register",
    snapshot=True,
    keeper=OWN_REGISTER,
    key=("icd10", "diagnosed_on"),
    files=r"reg.*(tumou?r|diag)|регистр.*опухол|канцер",
)

TREATMENT = cells.coded(
    {
        "хирургическое": "oper",
        "операция": "oper",
        "oper": "oper",
        "surgery": "oper",
        "лучевое": "ray",
        "лучевая": "ray",
        "ray": "ray",
        "химиотерапия": "chem",
        "лекарственное": "chem",
        "химиотерапевтическое": "chem",
        "chem": "chem",
        "гормонотерапия": "horm",
        "гормональное": "horm",
        "horm": "horm",
    },
    "Вид лечения",
)
AIM = cells.coded(
    {
        "радикальная": "radical",
        "радикальное": "radical",
        "radical": "radical",
        "паллиативная": "palliative",
        "паллиативное": "palliative",
        "palliative": "palliative",
        "диагностическая": "diagnostic",
        "diagnostic": "diagnostic",
        "экстренная": "emergency",
        "emergency": "emergency",
    },
    "Характер лечения",
)


def _treatment(values: Values) -> Iterable[ReadFact]:
    told = {"icd10": values.get("icd10"), "org": values.get("org")}
    on, end = values["begin_on"], values.get("end_on")
    match values["treatment"]:
        case "oper":
            yield fact("register", "operation", on, told | {"aim": values.get("aim")}, path="Операция")
        case "ray":
            yield fact("register", "radiotherapy", on, told | {"phase": "start"}, path="Лучевая терапия, начало")
            if end:
                yield fact("register", "radiotherapy", end, told | {"phase": "end"}, path="Лучевая терапия, окончание")
        case "chem":
            yield fact("register", "chemo_cycle", on, told | {"regimen": values.get("regimen")}, path="Химиотерапия")
        case "horm":
            yield fact("register", "hormone_therapy", on, told | {"drug": values.get("regimen")}, path="Гормонотерапия")


TREATMENTS = Kind(
    name="register_treatments",
    title="Канцер-регистр: лечение",
    about="Операции, лучевая, химио- и гормонотерапия с датами",
    columns=_numbered(
        column("treatment", "Вид лечения", TREATMENT, "treatment, вид спецлечения, тип лечения", required=True),
        column(
            "begin_on",
            "Дата начала лечения",
            cells.past_period,
            "begin_on, дата начала, beg_spec_date, дата операции, time_rc_in",
            required=True,
        ),
        column("end_on", "Дата окончания лечения", cells.past_period, "end_on, дата окончания, end_spec_date, time_rc_out"),
        column("icd10", "Диагноз", cells.icd10, "icd10, мкб, мкб-10, ds"),
        column("aim", "Характер лечения", AIM, "aim, характер"),
        column("regimen", "Схема или препарат", cells.text, "regimen, схема, препарат, drugs, prep, srv"),
        column("org", "Где лечили", cells.org, "org, lpu, мо"),
    ),
    facts=_treatment,
    evidence="register",
    snapshot=True,
    keeper=OWN_REGISTER,
    key=("treatment", "begin_on", "icd10"),
    files=r"reg.*treat|лечени",
)

PROCESS = cells.coded(
    {
        "ремиссия": "remission",
        "стабилизация": "stable",
        "прогрессирование": "progression",
        "рецидив": "relapse",
        "remission": "remission",
        "stable": "stable",
        "progression": "progression",
        "relapse": "relapse",
    },
    "Состояние опухолевого процесса",
)


def _visit(values: Values) -> Iterable[ReadFact]:
    code = {"icd10": values.get("icd10"), "org": values.get("org")}
    yield fact("register", "visit", values["on"], code | {"register": "oncology"}, path="Дата осмотра")
    if values.get("group"):
        yield fact("register", "clinical_group", values["on"], code | {"group": values["group"]}, path="Клиническая группа")
    if values.get("process") in ("relapse", "progression"):
        yield fact("register", values["process"], values["on"], code, path="Состояние опухолевого процесса")


REGISTER_VISITS = Kind(
    name="register_visits",
    title="Канцер-регистр: наблюдение",
    about="Осмотры и сведения о пациенте (030-6/ТД)",
    columns=_numbered(
        column(
            "on", "Дата осмотра", cells.past_day, "on, obs_date, дата последних сведений, дата наблюдения", required=True
        ),
        column("icd10", "Диагноз", cells.icd10, "icd10, мкб, мкб-10, ds"),
        column("process", "Состояние опухолевого процесса", PROCESS, "process, состояние процесса"),
        column("group", "Клиническая группа", group, "group, clinical_group"),
        column("org", "Где осмотрен", cells.org, "org, lpu, мо"),
    ),
    facts=_visit,
    evidence="register",
    snapshot=True,
    keeper=OWN_REGISTER,
    key=("on", "icd10"),
    files=r"reg.*(visit|obs)|наблюдени",
)
