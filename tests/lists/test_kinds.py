"""What each kind of list says: one good row of each, and rows that must not pass."""

import io
import zipfile
from datetime import date

import pytest

from oncor_cases.facts.vocabulary import check
from oncor_cases.sources.lists import KINDS, claims, lay, oncor, open_table
from oncor_cases.sources.lists.cells import Surroundings
from oncor_cases.sources.lists.rows import Good, Reject, read
from tests.lists.tables import csv_bytes

ORG = "1.2.643.5.1.13.13.12.2.99.1"
AROUND = Surroundings(date(2026, 3, 1), {"990001": ORG}, {"105": "IIA"})
WHO = {"СНИЛС": "112-233-445 95", "Фамилия": "Рябова", "Имя": "Анна", "Дата рождения": "12.04.1960"}


def said(kind, row, as_of="2026-02-01"):
    """[(kind, on, attributes)] of one row, and its rejects as (column, code, row taken)."""
    head = list(WHO) + list(row)
    sheet = lay(open_table(io.BytesIO(csv_bytes(head, [[*WHO.values(), *row.values()]]))), (), kind=KINDS[kind])
    facts, rejects = [], []
    for item in read(sheet, AROUND):
        if isinstance(item, Reject):
            rejects.append((item.field, item.code, item.accepted))
        elif KINDS[kind].concerns(item.values):
            for values in KINDS[kind].records(KINDS[kind].fill(item.values, as_of)):
                facts += [(f.kind, f.on, dict(f.attributes), f.evidence) for f in KINDS[kind].facts(values)]
    for name, _, attributes, _ in facts:
        check(name, attributes)
    return facts, rejects


def names(kind, row):
    return [(name, on) for name, on, _, _ in said(kind, row)[0]]


def test_observation_with_planned_months():
    row = {
        "DATE_IN": "05.02.2020",
        "DS_DISP": "C50.9",
        "LPU": "990001",
        "DN_MONTH3": "1",
        "DN_MONTH4": "0",
        "DN_MONTH9": "1",
    }
    code = {"register": "oncology", "icd10": "C50.9", "org": ORG}
    assert said("observed", row)[0] == [
        ("register_entry", "2020-02-05", code, "list"),
        ("visit_planned", "2026-03", code, "list"),
        ("visit_planned", "2026-09", code, "list"),
    ]
    assert said("observed", row | {"DS_DISP": "I11.9"}) == ([], [])  # not ours
    assert said("observed", row | {"DS_DISP": "K22.7"})[0][0][2]["register"] == "precancer"
    assert said("observed", row | {"DATE_OUT": "31.02.2024"}) == ([], [("Дата снятия с учёта", "date_impossible", False)])
    assert said("observed", row | {"DATE_IN": "31.02.2020"})[1] == [("Дата взятия на учёт", "date_impossible", False)]


def test_the_layout_of_iszl():
    row = {
        "DS": "C61",
        "DateBegin": "05.02.2020",
        "PlanMonth": "май",
        "PlanYear": "2026",
        "DateInfo": "10.01.2026",
        "WayInfo": "СМС",
        "ResInfo": "доставлено",
        "FactDN": "20.01.2026",
    }
    assert names("observed", row) == [
        ("register_entry", "2020-02-05"),
        ("visit_planned", "2026-05"),
        ("visit", "2026-01-20"),
        ("contact", "2026-01-10"),
    ]


def test_removal_with_a_reason_in_words_only():
    row = {"DS": "C61", "DATE_OUT": "05.02.2026", "Причина снятия": "выехал"}
    assert said("observation_ended", row)[0][0][2]["reason"] == "left_region"
    facts, rejects = said("observation_ended", row | {"Причина снятия": "3"})  # a bare code means different things (C11)
    assert rejects == [("Причина снятия", "code", True)]
    assert "reason" not in facts[0][2]


def test_visits_plan_and_informing():
    assert said("observation_visits", {"DS": "C61", "Дата посещения": "01.02.2026"})[0][0][3] == "claim"
    assert names("observation_plan", {"DS": "C61", "Год": "2026", "Месяц": "5"}) == [("visit_planned", "2026-05")]
    assert said("observation_plan", {"DS": "C61", "Год": "26", "Месяц": "13"})[1][0][1] == "month"
    contact = lambda way, res: said("informing", {"DateInfo": "01.02.2026", "WayInfo": way, "ResInfo": res})[0][0][2]  # noqa: E731
    assert contact("Телефонный звонок", "проинформирован") == {"outcome": "reached", "channel": "phone"}
    assert contact("звонок", "НЕ дозвонились") == {"outcome": "no_answer", "channel": "phone"}
    assert contact("письмо", "не проинформирован") == {"outcome": "no_answer", "channel": "letter"}
    assert contact("письмо", "возврат") == {"outcome": "letter_returned", "channel": "letter"}
    assert contact("письмо", "вручено")["outcome"] == "reached"
    assert contact("СМС", "доставлено")["outcome"] == "no_answer"  # delivered is not read: no sign of life
    assert contact("СМС", "ответил, придёт")["outcome"] == "reached"
    assert contact("звонок", "не извещён")["outcome"] == "no_answer"
    assert contact("звонок", "неверный номер")["outcome"] == "wrong_number"
    assert contact("СМС", "") == {"outcome": "no_answer", "channel": "message"}


def test_the_register():
    row = {
        "Топография МКБ-10": "С50.4",
        "Дата диагноза": "01.02.2025",
        "Стадия": "IIА",
        "T": "2",
        "N": "N0",
        "M": "0",
        "Морфология": "M8140/3",
        "Сторона поражения": "слева",
        "Взят на учет": "15.02.2025",
        "Клиническая группа": "II",
    }
    facts, rejects = said("register_tumours", row)
    assert rejects == []
    assert [f[0] for f in facts] == ["diagnosis", "register_entry", "clinical_group"]
    told = facts[0][2]
    assert (told["icd10"], told["stage"], told["t"], told["n"], told["m"]) == ("C50.4", "IIA", "T2", "N0", "M0")
    assert (told["morphology"], told["side"], told["first_on"], facts[0][3]) == ("8140/3", "left", "2025-02-01", "register")
    assert said("register_tumours", row | {"Стадия": "105"})[0][0][2]["stage"] == "IIA"  # the region's own N002
    assert said("register_tumours", row | {"Стадия": "777"})[1] == [("Стадия", "stage", True)]
    assert said("register_tumours", row | {"Клиническая группа": "3"})[1] == [("Клиническая группа", "group", True)]

    def treatment(kind):
        row = {"Вид лечения": kind, "Дата начала": "01.03.2025", "Дата окончания": "20.03.2025"}
        return names("register_treatments", row)

    assert treatment("Хирургическое") == [("operation", "2025-03-01")]
    assert treatment("лучевое") == [("radiotherapy", "2025-03-01"), ("radiotherapy", "2025-03-20")]
    assert treatment("химиотерапия") == [("chemo_cycle", "2025-03-01")]
    assert names("register_visits", {"obs_date": "01.03.2025", "Состояние процесса": "рецидив"}) == [
        ("visit", "2025-03-01"),
        ("relapse", "2025-03-01"),
    ]
    assert names("register_persons", {"Дата учета": "01.03.2025", "Дата смерти": "02.03.2025"}) == [("death", "2025-03-02")]


def test_deaths_departures_and_names():
    assert said("deaths", {"Дата смерти": "01.02.1950"})[1] == [("Дата рождения", "before_birth", False)]
    assert said("civil_deaths", {"Дата смерти": "01.02.2026", "Номер записи акта": "7"})[0][0][0] == "death"
    assert said("departures", {"Дата выбытия": "01.02.2026", "Куда выбыл": "Татарстан"})[0][0][2] == {"region": "Татарстан"}
    head = [*WHO, "Прежняя фамилия", "Дата перемены", "Номер записи акта"]
    sheet = lay(
        open_table(io.BytesIO(csv_bytes(head, [[*WHO.values(), "Петрова", "01.02.2026", "17"]]))),
        (),
        kind=KINDS["name_changes"],
    )
    (good,) = read(sheet, AROUND)
    both = list(KINDS["name_changes"].records(good.values))
    assert [v["family"] for v in both] == ["Петрова", "Рябова"]
    assert both[0]["local_id"] == both[1]["local_id"]


def test_screening_and_appointments():
    row = {"Программа": "RU-BREAST", "Событие": "исследование", "Дата исследования": "01.02.2026", "Результат": "отклонение"}
    assert said("screening", row)[0][0][:3] == (
        "screening_test",
        "2026-02-01",
        {"programme": "RU-BREAST", "result": "abnormal"},
    )
    assert said("screening", row | {"Программа": "RU-NONE"})[1][0][1] == "programme"
    assert said("screening", row | {"Результат": ""})[1] == [("Результат", "empty", False)]
    assert said("screening", row | {"Результат": "предрак"})[1] == [("Результат", "result", False)]
    assert names("screening", row | {"Событие": "дообследование", "Результат": "предрак"}) == [
        ("screening_assessment", "2026-02-01")
    ]
    facts, _ = said("appointments", {"Дата записи на прием": "20.03.2026", "Цель записи": "явка", "МО": "990001"})
    assert facts[0][:3] == ("appointment", "2026-03-20", {"for": "visit", "at": "2026-03-20", "org": ORG})


# --- claims ---------------------------------------------------------------------------------------------------------

SL = (
    "<SL><SL_ID>1</SL_ID><NHISTORY>7</NHISTORY><DATE_1>2026-02-02</DATE_1><DATE_2>2026-02-05</DATE_2><DS1>C50.4</DS1>"
    "<DS1_PR>1</DS1_PR><DS_ONK>0</DS_ONK><P_CEL>1.3</P_CEL><DN>2</DN>"
    "<NAPR><NAPR_DATE>2026-02-02</NAPR_DATE><NAPR_V>3</NAPR_V><MET_ISSL>4</MET_ISSL><NAPR_USL>A06.20.004</NAPR_USL></NAPR>"
    "<CONS><PR_CONS>2</PR_CONS><DT_CONS>2026-02-03</DT_CONS></CONS><CONS><PR_CONS>4</PR_CONS></CONS>"
    "<ONK_SL><DS1_T>0</DS1_T><STAD>105</STAD><B_DIAG><DIAG_DATE>2026-01-20</DIAG_DATE><DIAG_TIP>1</DIAG_TIP></B_DIAG>"
    "<B_PROT><PROT>5</PROT><D_PROT>2026-02-04</D_PROT></B_PROT>"
    "<ONK_USL><USL_TIP>2</USL_TIP><LEK_TIP_V>4</LEK_TIP_V><LEK_PR><CODE_SH>sh0058</CODE_SH><INJ><DATE_INJ>2026-02-03</DATE_INJ></INJ>"
    "<INJ><DATE_INJ>2026-02-04</DATE_INJ></INJ></LEK_PR></ONK_USL></ONK_SL></SL>"
)


def bill(sl=SL, pacient="<ID_PAC>P1</ID_PAC>", case="<OPLATA>1</OPLATA>"):
    return (
        '<?xml version="1.0" encoding="windows-1251"?><ZL_LIST><ZGLV><DATA>2026-02-28</DATA>'
        "<FILENAME>CM1T1_2602</FILENAME></ZGLV>"
        "<SCHET><CODE_MO>990001</CODE_MO><YEAR>2026</YEAR><MONTH>2</MONTH><NSCHET>5</NSCHET></SCHET>"
        f"<ZAP><N_ZAP>1</N_ZAP><PACIENT>{pacient}</PACIENT><Z_SL><IDCASE>1</IDCASE><USL_OK>1</USL_OK><LPU>990001</LPU>"
        f"<DATE_Z_1>2026-02-02</DATE_Z_1><DATE_Z_2>2026-02-05</DATE_Z_2>{sl}{case}</Z_SL></ZAP></ZL_LIST>"
    ).encode("cp1251")


PERS = (
    '<?xml version="1.0" encoding="windows-1251"?><PERS_LIST><PERS><ID_PAC>P1</ID_PAC><FAM>Рябова</FAM><IM>Анна</IM><W>2</W>'
    "<DR>1960-04-12</DR><SNILS>112-233-445 95</SNILS></PERS></PERS_LIST>"
).encode("cp1251")


def archive(main, persons=PERS):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("CM990001T99_2602.xml", main)
        if persons:
            made.writestr("LCM990001T99_2602.xml", persons)
    return out.getvalue()


def test_a_case_with_everything():
    items = list(claims.read(io.BytesIO(archive(bill())), AROUND))
    assert [type(i) for i in items] == [Good]
    assert (items[0].values["family"], items[0].values["snils"]) == ("Рябова", "11223344595")
    facts = list(claims.CLAIMS.facts(items[0].values))
    for f in facts:
        check(f.kind, f.attributes)
    assert {f.evidence for f in facts} == {"claim"}
    assert [(f.kind, f.on) for f in facts] == [
        ("diagnosis", "2026-02-05"),
        ("referral", "2026-02-02"),
        ("study_ordered", "2026-02-02"),
        ("consilium", "2026-02-03"),
        ("biopsy_taken", "2026-01-20"),
        ("refusal", "2026-02-04"),
        ("chemo_cycle", "2026-02-03"),
        ("chemo_stopped", "2026-02-05"),
        ("admission", "2026-02-02"),
        ("discharge", "2026-02-05"),
        ("visit", "2026-02-02"),
        ("register_entry", "2026-02-05"),
    ]
    by = {f.kind: f.attributes for f in facts}
    assert (by["diagnosis"]["stage"], by["diagnosis"]["primacy"]) == ("IIA", "first")
    assert (by["study_ordered"]["study"], by["chemo_cycle"]["regimen"]) == ("A06.20.004", "AC")
    assert (by["refusal"]["of"], by["chemo_stopped"]["reason"]) == ("treatment", "completed")
    assert claims.head(io.BytesIO(archive(bill())))["NSCHET"] == "5"


@pytest.mark.parametrize(
    ("main", "code"),
    [
        (bill(case="<OPLATA>2</OPLATA>"), "refused"),
        (bill(pacient="<ID_PAC>P9</ID_PAC><NPOLIS>1</NPOLIS>"), "nobody"),
        (bill().replace(b"<DATE_Z_1>2026-02-02", b"<DATE_Z_1>2026-02-31"), "date_impossible"),
    ],
)
def test_cases_that_are_no_evidence(main, code):
    items = list(claims.read(io.BytesIO(archive(main)), AROUND))
    assert [i.code for i in items if isinstance(i, Reject) and not i.accepted] == [code]
    assert not any(isinstance(i, Good) for i in items)


def test_a_suspicion_and_another_disease():
    suspected = SL.replace("<DS1>C50.4", "<DS1>D24").replace("<DS_ONK>0", "<DS_ONK>1")
    facts = list(claims.CLAIMS.facts(next(iter(claims.read(io.BytesIO(archive(bill(suspected))), AROUND))).values))
    assert facts[0].kind == "suspicion"
    assert not {"diagnosis", "visit", "register_entry"} & {f.kind for f in facts}
    other = next(iter(claims.read(io.BytesIO(archive(bill(SL.replace("C50.4", "I11.9")))), AROUND)))
    assert not claims.CLAIMS.concerns(other.values)


def test_a_cut_archive_is_refused_whole():
    from oncor_cases.sources.lists import NotATable

    for data in (archive(bill())[:-30], archive(bill()[:-40]), archive(b"", None)):
        with pytest.raises(NotATable):
            list(claims.read(io.BytesIO(data), AROUND))


# --- records of the interface ---------------------------------------------------------------------------------------


def record(type_, **more):
    return {
        "type": type_,
        "id": 1,
        "date": "2026-02-01",
        "icd10": "C50.4",
        "patient": {"snils": "11223344595", "surname": "Рябова", "birth_day": "1960-04-12"},
    } | more


@pytest.mark.parametrize(
    ("told", "facts"),
    [
        (record("RcClinicalGroup", group=2), [("clinical_group", "2026-02-01")]),
        (record("RcClinicalGroup", group=1), []),
        (record("RcRegOut", reason=1), [("register_exit", "2026-02-01")]),
        (record("RcDeath", death_date="2026-02-02"), [("death", "2026-02-02")]),
        (record("RcOper"), [("operation", "2026-02-01")]),
        (record("RcChem", srv="sh0058"), [("chemo_cycle", "2026-02-01")]),
        (
            record("RcRay", time_rc_in="2026-02-01", time_rc_out="2026-02-20"),
            [("radiotherapy", "2026-02-01"), ("radiotherapy", "2026-02-20")],
        ),
        (record("RcAppointment", consulting_date="2026-03-20 10:00:00"), [("appointment", "2026-03-20")]),
        (
            record(
                "RcReferral",
                routing_list={
                    "apply_first_date": "2026-01-10",
                    "request_date": "2026-01-12",
                    "admission_date": "2026-01-20",
                },
            ),
            [("suspicion", "2026-01-10"), ("referral", "2026-01-12"), ("consultation", "2026-01-20")],
        ),
        (record("RcNeglectedCase", published=True), [("late_stage_protocol", "2026-02-01")]),
    ],
)
def test_records(told, facts):
    import json

    (item,) = oncor.read(io.BytesIO(json.dumps([told]).encode()), AROUND)
    found = list(oncor.RECORDS.facts(item.values))
    for f in found:
        check(f.kind, f.attributes)
    assert [(f.kind, f.on) for f in found] == facts


@pytest.mark.parametrize(
    ("novor", "want"),
    [
        ("10102261", {"sex": "male", "born": "2026-02-01"}),
        ("23112252", {"sex": "female", "born": "2025-12-31"}),
        ("13102261", {}),  # no such day
        ("1", {}),
    ],
)
def test_a_case_of_a_newborn_is_never_its_mothers(novor, want):
    """With its mother's policy, with or without a file of persons, which may hold the mother."""
    pacient = f"<ID_PAC>P1</ID_PAC><ENP>7777777777777777</ENP><NOVOR>{novor}</NOVOR>"
    for persons in (None, PERS):
        good = [i for i in claims.read(io.BytesIO(archive(bill(pacient=pacient), persons)), AROUND) if isinstance(i, Good)]
        told = good[0].values
        who = {name: told[name] for name in ("snils", "enp", "family", "phone", "sex", "born") if told.get(name)}
        assert who == want
        assert told["local_id"] == f"novor:7777777777777777:{novor}"
    assert list(claims.CLAIMS.facts(told))
    own = PERS.replace(b"1960-04-12", (want.get("born") or "2026-01-01").encode())
    good = next(i for i in claims.read(io.BytesIO(archive(bill(pacient=pacient), own)), AROUND) if isinstance(i, Good))
    assert (good.values.get("family"), good.values.get("snils")) == ("Рябова" if want else None, None)
