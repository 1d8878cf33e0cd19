"""Records of ONCOR's own interface as JSON: an array, `{"result": [...]}` or a record per line.

A record is `{"type": "RcDz", "id": …, "patient": {...}, …}`. Numbers mean what the dictionary of that field says, and
no other (C11): ClinicalGroupType, RegInClause, RegOutReason, DrDzSt are closed and kept apart."""

import json
from collections.abc import Iterator
from typing import IO, Any

from oncor_cases.facts.vocabulary import check
from oncor_cases.kernel.errors import BadAttribute
from oncor_cases.sources.lists import cells
from oncor_cases.sources.lists.cells import Bad, Surroundings
from oncor_cases.sources.lists.oncor_shape import Wrong, checked, single
from oncor_cases.sources.lists.rows import Good, Reject
from oncor_cases.sources.lists.schema import PERSON, Kind, Values, column, fact, too_long
from oncor_cases.sources.lists.table import NotATable
from oncor_cases.sources.reading import ReadFact
from oncor_cases.sources.semd import labels

GROUP = {
    "1": "I",
    "2": "IIa",
    "3": "II",
    "4": "III",
    "5": "IV",
    "6": "Ia",
    "7": "Ib",
}  # ClinicalGroupType; I is no group of ours
OUT = {
    "1": "left_region",
    "2": "not_confirmed",
    "3": "basal_cell",
    "4": "died_of_disease",
    "5": "died_of_complication",
    "6": "died_of_other",
}  # RegOutReason
STATUS = {"1": "preliminary", "9": "final"}  # DrDzSt
CODES = {"RcRegOut": {"reason": OUT}, "RcClinicalGroup": {"group": GROUP}}  # closed dictionaries by the type of a record
DISEASES = frozenset(("RcDz", "RcChem", "RcOper", "RcRay", "RcHorm"))
LARGEST = 256 << 20


def _facts(values: Values) -> Iterator[ReadFact]:
    record: dict[str, Any] = values["record"]
    if values.get("attached"):
        yield fact("register", "attached", _day_of(record), {"org": values["attached"]}, path="contingent_of_mo")
    say = _FACTS.get(values["type"])
    if say:
        yield from say(record, {"org": values.get("org"), "icd10": values.get("icd10")})


RECORDS = Kind(
    name="oncor_records",
    title="Записи интерфейса ОНКОР (JSON)",
    about="RcReferral, RcDz, RcChem, RcOper, RcRay, RcHorm, RcRegIn, RcRegOut, RcClinicalGroup, RcDeath, RcAppointment",
    columns=(*PERSON, column("type", "Вид записи"), column("org", "Организация", cells.org), column("record", "Запись")),
    facts=_facts,
    evidence="register",
    key=("type", "record_id"),
    files=r"\.json$|\.jsonl$",
    by_number=True,
)


def read(file: IO[bytes], around: Surroundings) -> Iterator[Good | Reject]:
    """Records one by one. Raises NotATable for bytes that are no JSON."""
    for number, record in enumerate(_records(file), 1):
        text = json.dumps(record, ensure_ascii=False)
        raw = (text[:300].encode("utf-8", "replace").decode(),)
        if _unpaired(text):
            yield Reject(number, "", "encoding", "В записи недопустимые знаки: половина знака Юникода", raw)
            continue
        kind = record.get("type") if isinstance(record, dict) else None
        if not isinstance(kind, str) or kind not in _FACTS:
            yield Reject(number, "type", "type", "Вид записи не указан или неизвестен", raw)
            continue
        patient = record.get("patient") if isinstance(record.get("patient"), dict) else {}
        if not _number(record.get("id")) or not patient:
            yield Reject(number, "id", "empty", "У записи нет номера (id) или пациента (patient)", raw)
            continue
        yield from _record(number, record, patient, raw, around)


def _record(
    number: int, record: dict[str, Any], patient: dict[str, Any], raw: tuple[str, ...], around: Surroundings
) -> Iterator[Good | Reject]:
    try:
        checked(record, {"diagnosis.status": STATUS, **CODES.get(record["type"], {})}, around)
    except Wrong as bad:
        yield Reject(number, bad.field, bad.code, bad.message, raw)
        return
    diagnosis = record.get("diagnosis") or {}
    insurance = patient.get("insurance") if isinstance(patient.get("insurance"), dict) else {}
    values: dict[str, Any] = {"type": record["type"], "record_id": str(record["id"]), "record": _plain(record)}
    told = (
        ("snils", patient.get("snils"), cells.snils),
        ("enp", patient.get("enp") or insurance.get("number"), cells.enp),
        ("family", patient.get("surname") or patient.get("family"), cells.text),
        ("given", patient.get("name") or patient.get("given"), cells.text),
        ("patronymic", patient.get("patronymic"), cells.text),
        ("born", patient.get("birth_day"), cells.past_day),
        ("sex", patient.get("gender"), cells.sex),
        ("phone", patient.get("phone"), cells.phone),
        ("address", patient.get("address"), cells.text),
        ("org", record.get("org_unit_id") or record.get("referral_org_unit_id"), cells.org),
        ("attached", patient.get("contingent_of_mo"), cells.org),
        ("icd10", record.get("icd10") or diagnosis.get("icd10"), cells.icd10),
    )
    for name, cell, convert in told:
        try:
            values[name] = single(convert)(cell, around)
        except Bad as bad:
            if name == "icd10" and record["type"] in DISEASES:  # without its code the record says nothing of a disease
                yield Reject(number, name, bad.code, bad.message, raw)
                return
            yield Reject(number, name, bad.code, bad.message, raw, accepted=True)
    if not (values.get("snils") or values.get("enp") or (values.get("family") and values.get("born"))):
        yield Reject(
            number, "patient", "nobody", "Неясно, о ком запись: нет верного СНИЛС, полиса или имени с датой рождения", raw
        )
        return
    values = {k: v for k, v in values.items() if v not in (None, "")}
    if wrong := too_long(values) or _silent(values):
        yield Reject(number, *wrong, raw)
        return
    yield Good(number, values)


def _silent(values: Values) -> tuple[str, str, str] | None:
    """(field, code, words) where the record would give no fact, or one without its day or what it cannot do without."""
    if not _day_of(values["record"]):
        return "date", "empty", "У записи нет даты"
    if values["type"] == "RcDz" and not values.get("icd10"):
        return "icd10", "empty", "Нет кода диагноза (icd10)"
    try:
        own = [fact for fact in _facts(values) if fact.kind != "attached"]
        for one in own:
            check(one.kind, one.attributes)
    except BadAttribute:
        return "", "attribute", "Значение не из словаря, или нет того, без чего запись ничего не сообщает"
    if any(not one.on for one in own):
        return "date", "empty", "У события записи нет даты"
    if not own and not (values["type"] == "RcClinicalGroup" and str(values["record"].get("group")) in GROUP):
        return "", "nothing", "Запись ничего не сообщает: нет ни одного заполненного события"
    return None


def _number(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and bool(value)


def _unpaired(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _records(file: IO[bytes]) -> Iterator[Any]:
    data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise NotATable("too_large", f"Файл записей больше {LARGEST >> 20} МБ: пришлите частями")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotATable("encoding", "Записи JSON должны быть в UTF-8") from error
    try:
        whole = json.loads(text)
    except ValueError:
        lines = [line for line in text.splitlines() if line.strip()]
        try:
            whole = [json.loads(line) for line in lines]
        except (ValueError, RecursionError) as error:
            raise NotATable("broken", "JSON не читается: файл повреждён или обрезан") from error
    except RecursionError as error:
        raise NotATable("broken", "JSON не читается: скобки вложены слишком глубоко") from error
    if isinstance(whole, dict):
        whole = whole["result"] if isinstance(whole.get("result"), list) else [whole]
    if not isinstance(whole, list):
        raise NotATable("no_records", "Ждём массив записей")
    yield from whole


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    """The record without its patient: who it is about is said beside it."""
    return {k: v for k, v in sorted(record.items()) if k not in ("patient", "html", "attachment") and v not in (None, "")}


def _day_of(record: dict[str, Any]) -> str:
    route = record.get("routing_list") if isinstance(record.get("routing_list"), dict) else {}
    names = ("date", "on", "consulting_date", "time_rc_in", "begin_date", "death_date")
    return next(
        (str(record[n])[:10] for n in names if record.get(n)),
        str(route.get("request_date") or route.get("apply_first_date") or "")[:10],
    )


def _on(record: dict[str, Any], *names: str) -> str | None:
    return next((str(record[n])[:10] for n in names if record.get(n)), None)


def _diagnosis(record: dict[str, Any], told: Values) -> Iterator[ReadFact]:
    d = record.get("diagnosis") or {}
    tnm = d.get("tnm") or {}
    yield fact(
        "register",
        "diagnosis",
        _on(record, "date", "on"),
        {
            "icd10": told["icd10"],
            "org": told["org"],
            "status": STATUS.get(str(d.get("status")), ""),
            "morphology": labels.morphology(str(d.get("morph_class") or "")),
            "stage": labels.stage(str(d.get("stage") or "")),
            **{
                k: labels.category(k, f"{k.upper()}{str(tnm[k]).upper().lstrip(k.upper())}")
                for k in ("t", "n", "m")
                if tnm.get(k) not in (None, "")
            },
            "grade": f"G{tnm['g']}" if str(tnm.get("g", "")).isdigit() else "",
        },
        path="RcDz",
    )


def _referral(record: dict[str, Any], told: Values) -> Iterator[ReadFact]:
    """The routing list: first visit, referral to the dispensary, seen there, end of examination, first treatment."""
    route = record.get("routing_list") or {}
    code = {"icd10": told["icd10"]}
    if first := _on(route, "apply_first_date"):
        yield fact("register", "suspicion", first, code, certainty="suspected", path="apply_first_date")
    if asked := _on(route, "request_date") or _on(record, "date"):
        yield fact("register", "referral", asked, code | {"to": "oncologist", "org": told["org"]}, path="request_date")
    if seen := _on(route, "admission_date"):
        yield fact("register", "consultation", seen, code | {"specialty": "oncologist"}, path="admission_date")
    for study in route.get("diagnostics") or ():
        if isinstance(study, dict) and study.get("date"):
            name = str(study.get("type") or "other")
            yield fact("register", "study_performed", str(study["date"])[:10], code | {"study": name}, path="diagnostics")


def _chemo(record: dict[str, Any], told: Values) -> Iterator[ReadFact]:
    from oncor_cases.sources.lists.claim_facts import regimens

    scheme = str(record.get("srv") or "")
    regimen = regimens().get(scheme) or scheme
    yield fact(
        "register", "chemo_cycle", _on(record, "time_rc_in", "date"), dict(told) | {"regimen": regimen}, path="RcChem"
    )


def _ray(record: dict[str, Any], told: Values) -> Iterator[ReadFact]:
    yield fact(
        "register",
        "radiotherapy",
        _on(record, "time_rc_in", "begin_date", "date"),
        dict(told) | {"phase": "start"},
        path="RcRay",
    )
    if end := _on(record, "time_rc_out", "end_date"):
        yield fact("register", "radiotherapy", end, dict(told) | {"phase": "end"}, path="RcRay")


def _one(kind: str, *days: str, **more: str):  # type: ignore[no-untyped-def]
    def say(record: dict[str, Any], told: Values) -> Iterator[ReadFact]:
        yield fact("register", kind, _on(record, *(days or ("date", "on"))), dict(told) | more, path=kind)

    return say


def _out(record: dict[str, Any], told: Values) -> Iterator[ReadFact]:
    yield fact(
        "register",
        "register_exit",
        _on(record, "date", "on"),
        dict(told) | {"register": "oncology", "reason": OUT.get(str(record.get("reason")), "")},
        path="RcRegOut",
    )


def _group(record: dict[str, Any], told: Values) -> Iterator[ReadFact]:
    found = GROUP.get(str(record.get("group")), "")
    if found not in ("", "I"):
        yield fact(
            "register", "clinical_group", _on(record, "date", "on"), dict(told) | {"group": found}, path="RcClinicalGroup"
        )


def _death(record: dict[str, Any], told: Values) -> Iterator[ReadFact]:
    yield fact("register", "death", _on(record, "death_date", "date"), {"icd10": record.get("reason")}, path="RcDeath")


def _appointment(record: dict[str, Any], told: Values) -> Iterator[ReadFact]:
    on = _on(record, "consulting_date")
    yield fact(
        "register",
        "appointment",
        on,
        dict(told) | {"for": "oncologist", "at": on},
        certainty="planned",
        path="RcAppointment",
    )


def _late(record: dict[str, Any], told: Values) -> Iterator[ReadFact]:
    """Drafted by a machine, published by a doctor, reviewed by a conference."""
    phase = "reviewed" if record.get("conference_date") else "published" if record.get("published") else "drafted"
    yield fact("register", "late_stage_protocol", _on(record, "date"), dict(told) | {"phase": phase}, path="RcNeglectedCase")


_FACTS = {
    "RcReferral": _referral,
    "RcAppointment": _appointment,
    "RcDz": _diagnosis,
    "RcChem": _chemo,
    "RcRay": _ray,
    "RcOper": _one("operation", "time_rc_in", "date"),
    "RcHorm": _one("hormone_therapy", "time_rc_in", "date"),
    "RcRegIn": _one("register_entry", register="oncology"),
    "RcRegOut": _out,
    "RcClinicalGroup": _group,
    "RcDeath": _death,
    "RcNeglectedCase": _late,
}
