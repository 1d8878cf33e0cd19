"""Claims of the order 79 family and records of ONCOR's interface, as the invented region's programs write them."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from xml.sax.saxutils import escape

from oncor_cases.region.clinics import with_role
from oncor_cases.region.lists.known import Known, Told
from oncor_cases.region.lists.tables import World, code
from oncor_cases.sources.lists.claim_facts import regimens

# Codes of stages in the region's copy of N002: its own numbers, handed over beside the lists as stages.csv.
STAGES = {
    name: str(100 + at)
    for at, name in enumerate(("0", "I", "IA", "IB", "II", "IIA", "IIB", "III", "IIIA", "IIIB", "IIIC", "IV", "IVA", "IVB"))
}
BILLER = "999199"


FILES = ("H", "C", "T", "DP")  # general care, oncology, high technology, examinations of the healthy


def claims(w: World, since: date, day: date, number: int, of: str) -> tuple[str, str, bytes, bytes]:
    """(name, name of the L file, the file, the L file) of the cases of a kind (FILES) paid in a month."""
    name = f"{of}M999199T99_{day:%y%m}{number}"
    second_name = f"L{name[1:] if of[0] in 'HD' else name}"
    cases = [case for k in w.known(day) for case in _cases(w, k, since, day) if case[1]["file"] == of]
    persons = {k.resident.number: k for k, _ in cases}
    zaps = "\n".join(_zap(at, k, told) for at, (k, told) in enumerate(cases, 1))
    main = (
        f"<ZL_LIST><ZGLV><VERSION>5.1</VERSION><DATA>{day}</DATA><FILENAME>{name}</FILENAME><SD_Z>{len(cases)}</SD_Z></ZGLV>"
        f"<SCHET><CODE>{number}</CODE><CODE_MO>{BILLER}</CODE_MO><YEAR>{since.year}</YEAR><MONTH>{since.month}</MONTH>"
        f"<NSCHET>{number}</NSCHET><DSCHET>{day}</DSCHET><PLAT>99001</PLAT></SCHET>\n{zaps}\n</ZL_LIST>"
    )
    pers = "\n".join(_pers(k) for k in persons.values())
    second = (
        f"<PERS_LIST><ZGLV><VERSION>5.1</VERSION><DATA>{day}</DATA><FILENAME>{second_name}</FILENAME></ZGLV>\n"
        f"{pers}\n</PERS_LIST>"
    )
    return name, second_name, _xml(main), _xml(second)


def packed(name: str, second_name: str, main: bytes, persons: bytes) -> bytes:
    """Both files in one archive, as they are sent."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in ((f"{name}.xml", main), (f"{second_name}.xml", persons)):
            archive.writestr(zipfile.ZipInfo(member, (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _cases(w: World, k: Known, since: date, day: date) -> Iterator[tuple[Known, dict[str, Any]]]:
    """Cycles, operations, courses of rays, referrals, suspicions and meetings the documents tell of, and a planted cycle."""
    if not k.tumour:
        return
    codes = {regimen: sh for sh, regimen in regimens().items()}
    first = k.tumour.diagnosed_on
    for t in k.of("chemo_cycle", "operation", "consilium", "referral", "radiotherapy", "suspicion"):
        if not since <= t.on < day or t.on < first - timedelta(days=200):
            continue
        if t.kind == "chemo_cycle":
            yield k, _hospital(t, {"USL_TIP": "2", "scheme": codes.get(str(t.said["regimen"]), "")})
        elif t.kind == "operation":
            yield k, _hospital(t, {"USL_TIP": "1", "HIR_TIP": "1"})
        elif t.kind == "radiotherapy" and t.said["phase"] == "start":
            yield k, _hospital(t, {"USL_TIP": "3", "LUCH_TIP": "1"}) | {"file": "T"}
        elif t.kind == "consilium":
            yield k, {"file": "C", "on": t.on, "by": t.by, "conditions": "3", "consilium": t.on}
        elif t.kind == "suspicion" and t.said["icd10"]:
            yield k, {"file": "DP", "on": t.on, "by": t.by, "conditions": "3", "suspected": t.said["icd10"]}
        elif t.kind == "referral" and t.said["to"] in ("oncologist", "biopsy"):
            yield (
                k,
                {
                    "file": "H",
                    "on": t.on,
                    "by": t.by,
                    "conditions": "3",
                    "referral": {"oncologist": "1", "biopsy": "2"}[t.said["to"]],
                },
            )
    planted = w.differences.chemo.get(k.resident.number)
    if planted and since <= planted < day:
        cycle = {"USL_TIP": "2", "scheme": next(iter(regimens()))}
        yield k, {"file": "C", "on": planted, "by": "", "conditions": "1", "usl": cycle}


def _hospital(t: Told, usl: dict[str, str]) -> dict[str, Any]:
    return {"file": "C", "on": t.on, "by": t.by, "conditions": "1", "usl": usl}


def _zap(number: int, k: Known, case: dict[str, Any]) -> str:
    assert k.tumour
    r, on = k.resident, case["on"]
    lpu = code(case["by"] or with_role("dispensary")[0].oid)
    stage = STAGES.get(str(k.tumour.said["stage"]), "")
    usl, extra = case.get("usl"), ""
    if case.get("referral"):
        extra += f"<NAPR><NAPR_DATE>{on}</NAPR_DATE><NAPR_MO>{lpu}</NAPR_MO><NAPR_V>{case['referral']}</NAPR_V></NAPR>"
    held = case.get("consilium")
    extra += f"<CONS><PR_CONS>{2 if held else 0}</PR_CONS>{f'<DT_CONS>{held}</DT_CONS>' if held else ''}</CONS>"
    stad = f"<STAD>{stage}</STAD>" if stage else ""
    extra += f"<ONK_SL><DS1_T>0</DS1_T>{stad}{_usl(usl, on) if usl else ''}</ONK_SL>"
    suspected = case.get("suspected")
    if suspected:
        extra = ""  # a suspicion has no stage and no meeting
    return (
        f"<ZAP><N_ZAP>{number}</N_ZAP><PR_NOV>0</PR_NOV><PACIENT><ID_PAC>P{r.number}</ID_PAC><VPOLIS>3</VPOLIS>"
        f"<NPOLIS>{r.enp}</NPOLIS><ENP>{r.enp}</ENP><NOVOR>0</NOVOR></PACIENT><Z_SL><IDCASE>{number}</IDCASE>"
        f"<USL_OK>{case['conditions']}</USL_OK><LPU>{lpu}</LPU><DATE_Z_1>{on}</DATE_Z_1><DATE_Z_2>{on}</DATE_Z_2>"
        f"<SL><SL_ID>{number}</SL_ID><PROFIL>60</PROFIL><DET>0</DET><NHISTORY>{r.number}-{on:%m%d}-{_tail(case)}</NHISTORY>"
        f"<DATE_1>{on}</DATE_1><DATE_2>{on}</DATE_2><DS1>{suspected or k.tumour.icd10}</DS1>"
        f"<DS_ONK>{1 if suspected else 0}</DS_ONK>{extra}</SL>"
        "<OPLATA>1</OPLATA></Z_SL></ZAP>"
    )


def _tail(case: dict[str, Any]) -> str:
    return (
        case["usl"]["USL_TIP"]
        if case.get("usl")
        else "C"
        if case.get("consilium")
        else "S"
        if case.get("suspected")
        else f"N{case.get('referral')}"
    )


def _usl(usl: dict[str, str], on: date) -> str:
    more = "".join(f"<{tag}>{usl[tag]}</{tag}>" for tag in ("HIR_TIP", "LUCH_TIP") if tag in usl)
    if usl["USL_TIP"] == "2":
        scheme = usl["scheme"] or "sh9999"
        days = "".join(f"<INJ><DATE_INJ>{on + timedelta(days=n)}</DATE_INJ><KV_INJ>1</KV_INJ></INJ>" for n in (0, 1))
        more += "<LEK_TIP_L>1</LEK_TIP_L><LEK_TIP_V>2</LEK_TIP_V>"
        more += f"<LEK_PR><REGNUM>000764</REGNUM><CODE_SH>{scheme}</CODE_SH>{days}</LEK_PR>"
    return f"<ONK_USL><USL_TIP>{usl['USL_TIP']}</USL_TIP>{more}</ONK_USL>"


def _pers(k: Known) -> str:
    r = k.resident
    return (
        f"<PERS><ID_PAC>P{r.number}</ID_PAC><FAM>{escape(r.family)}</FAM><IM>{escape(r.given)}</IM><OT>{escape(r.patronymic)}</OT>"
        f"<W>{1 if r.sex == 'male' else 2}</W><DR>{r.born}</DR><SNILS>{r.snils}</SNILS></PERS>"
    )


def _xml(text: str) -> bytes:
    return b'<?xml version="1.0" encoding="windows-1251"?>\n' + text.encode("cp1251", "xmlcharrefreplace")


def records(w: World, day: date) -> list[dict[str, Any]]:
    """Records of the last months, from clinics that speak the interface: diagnoses and registrations."""
    found: list[dict[str, Any]] = []
    for k in w.known(day):
        if not k.registered or not k.tumour or k.resident.number in w.differences.not_in_register or k.resident.number % 4:
            continue
        r, changed = k.resident, w.differences
        if r.number in changed.stage or r.number in changed.date or r.number in changed.site:
            continue
        patient = {
            "snils": r.snils,
            "enp": r.enp,
            "surname": r.family,
            "name": r.given,
            "patronymic": r.patronymic,
            "birth_day": f"{r.born}",
            "gender": 1 if r.sex == "male" else 2,
        }
        stage = str(k.tumour.said["stage"])
        found.append(
            {
                "type": "RcDz",
                "id": r.number * 10,
                "date": f"{k.tumour.diagnosed_on}",
                "patient": patient,
                "diagnosis": {
                    "icd10": k.tumour.icd10,
                    "status": 9,
                    "morph_class": str(k.tumour.said["morphology"]),
                    "stage": stage,
                },
            }
        )
        found.append(
            {
                "type": "RcRegIn",
                "id": r.number * 10 + 1,
                "date": f"{k.registered_on}",
                "clause": 1,
                "icd10": k.tumour.icd10,
                "patient": patient,
            }
        )
    return found


def as_json(rows: list[dict[str, Any]]) -> bytes:
    """An array, as the interface answers."""
    return json.dumps({"result": rows}, ensure_ascii=False, indent=1).encode()


def as_lines(rows: list[dict[str, Any]]) -> bytes:
    """A record a line."""
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()
