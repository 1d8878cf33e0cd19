"""The standing comparisons of sources: what stands on either side, who has to put a difference right, by which rule.

Here are the names, the words and the tolerances; how a difference is found over a whole region is SQL (store/compared.py
and store/compared_found.py). Reasons of the numbers: docs/adr/0017."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

ONE_DIAGNOSIS = 30  # days: the date of a biopsy, of its report and of the consultation are one diagnosis
ONE_CYCLE = 10  # days: a bill dates a course by its first injection, the document by admission or discharge
DOCUMENT_COMES = 14  # days after a paid course in which its document may still be on the way
NOTICE_COMES = 10  # days: the term of the notice (DX-11) and the post; the register cannot have the tumour earlier
DEATH_COMES = 14  # days: a certificate reaches the keepers of lists with their next exchange
PLAN_COMES = 14  # days after a planned month in which the document or the bill of a visit may still be on the way
A_YEAR = 365  # days: somebody under observation is seen at least once a year, and a document tells of it


class Comparison(NamedTuple):
    """One comparison. `left` and `right` name the sides; `needs`: kinds of lists without which it says nothing;
    `rule`: the duty of the task; `todo`: what the task asks for; `fixer`: who mends it, in words."""

    name: str
    title: str
    left: str
    right: str
    needs: tuple[str, ...]
    rule: str
    todo: str
    fixer: str
    about: str


REGISTER, OBSERVED = "register_tumours", "observed"

COMPARISONS: dict[str, Comparison] = {
    c.name: c
    for c in (
        Comparison(
            "dead_on_list", "Умер, но под наблюдением у ТФОМС", "Смерть", "Список наблюдения", (OBSERVED,), "REC-01",
            "Снять умершего с диспансерного наблюдения с причиной", "клиника, которая наблюдает",
            f"Человек умер больше {DEATH_COMES} дней назад, а в списке наблюдения он остаётся.",
        ),
        Comparison(
            "dead_on_register", "Умер, но состоит в регистре", "Смерть", "Канцер-регистр", (REGISTER,), "REC-02",
            "Снять умершего с учёта в канцер-регистре с причиной", "канцер-регистр диспансера",
            f"Человек умер больше {DEATH_COMES} дней назад, а в регистре нет даты снятия.",
        ),
        Comparison(
            "moved_away", "Выехал, но под наблюдением", "Выезд", "Наблюдение", (), "REC-03",
            "Снять выехавшего с учёта или выяснить, где он", "клиника, которая наблюдает",
            "Человек выехал из региона, но состоит под наблюдением или в регистре.",
        ),
        Comparison(
            "two_registers", "Состоит в двух регистрах", "Один регистр", "Другой регистр", (REGISTER,), "REC-04",
            "Договориться с другим регистром, кто снимает с учёта", "канцер-регистр диспансера",
            "Человек состоит на учёте в регистрах двух отправителей, например двух регионов.",
        ),
        Comparison(
            "documents_not_registered", "Есть в документах, нет в регистре", "Документы", "Канцер-регистр", (REGISTER,),
            "REC-05", "Направить извещение 090/у или исправить диагноз", "кто поставил диагноз; при извещении — регистр",
            f"Диагноз ЗНО установлен документом больше {NOTICE_COMES} дней назад, опухоли в регистре нет.",
        ),
        Comparison(
            "observed_not_registered", "В списке ТФОМС, но не в регистре", "Список наблюдения", "Канцер-регистр",
            (OBSERVED, REGISTER), "REC-06", "Проверить диагноз: направить извещение или исправить список",
            "клиника, которая наблюдает", "Человек под диспансерным наблюдением с ЗНО, но в регистре его нет.",
        ),
        Comparison(
            "registered_not_observed", "В регистре, но не в списке ТФОМС", "Канцер-регистр", "Список наблюдения",
            (OBSERVED, REGISTER), "REC-07", "Взять под диспансерное наблюдение или снять с учёта в регистре",
            "клиника прикрепления", "Человек состоит в регистре, но под диспансерным наблюдением не значится.",
        ),
        Comparison(
            "registered_without_document", "В регистре, но ни одного документа", "Канцер-регистр", "Документы",
            (REGISTER,), "REC-08", "Найти пациента и его документы", "клиника прикрепления",
            "За всё время приёма о человеке не пришло ни одного документа.",
        ),
        Comparison(
            "paid_chemo_without_document", "Химиотерапия оплачена, документа нет", "Счёт", "Документы", ("claims",),
            "REC-09", "Прислать документ о курсе или исправить счёт", "кто выставил счёт",
            f"Курс оплачен, а документа о курсе в пределах {ONE_CYCLE} дней нет.",
        ),
        Comparison(
            "stage_differs", "Стадия расходится", "Канцер-регистр", "Документы", (REGISTER,), "REC-10",
            "Сверить стадию с документами и исправить регистр", "канцер-регистр диспансера",
            "Ни один документ не называет той стадии или TNM, что стоит в регистре.",
        ),
        Comparison(
            "date_differs", "Дата диагноза расходится", "Канцер-регистр", "Документы", (REGISTER,), "REC-11",
            "Сверить дату диагноза с документами и исправить регистр", "канцер-регистр диспансера",
            f"Даты установления диагноза расходятся больше чем на {ONE_DIAGNOSIS} дней.",
        ),
        Comparison(
            "site_differs", "Локализация расходится", "Канцер-регистр", "Документы", (REGISTER,), "REC-12",
            "Сверить локализацию с документами и исправить регистр", "канцер-регистр диспансера",
            "Регистр и документы называют опухоли разных органов (по рубрике МКБ-10).",
        ),
        Comparison(
            "attachment_differs", "Наблюдает не клиника прикрепления", "Прикрепление", "Наблюдение", (), "REC-13",
            "Передать наблюдение клинике прикрепления или подтвердить своё", "клиника, которая наблюдает",
            "Прикреплён к одной клинике, под наблюдением значится у другой.",
        ),
        Comparison(
            "plan_not_kept", "Явки по плану не было", "План наблюдения", "Явки", ("observation_plan",), "REC-14",
            "Вызвать на плановую явку, прислать документ о явке или исправить план", "клиника, которая наблюдает",
            f"После планового месяца прошло больше {PLAN_COMES} дней, а ни в нём, ни позже явки нет: ни документа, "
            "ни счёта, ни строки в списках явок.",
        ),
    )
}  # fmt: skip

# Why a difference is right as it is; the words beside the code are the person's own.
REASONS: dict[str, str] = {
    "both_right": "Оба источника верны: так и есть",
    "other_tumour": "Это разные опухоли",
    "other_place": "Наблюдается в другом регионе или ведомстве",
    "cannot_mend": "Источник исправить нельзя",
    "other": "Другое",
}

STATES: dict[str, str] = {
    "open": "открыто",
    "confirmed": "подтверждено как верное",
    "fixed": "исправлено",
    "gone": "исчезло само",
}


def said(values: Mapping[str, Any], names: Mapping[str, str] | None = None) -> str:
    """One side in a line for people: `C50.9, IIA, T2 N0 M0, 12.03.2026`; an empty side is `нет`. Organisations are named
    where their `names` by OID are given."""
    parts = [
        ", ".join(values.get("codes", ())) or values.get("code", ""), values.get("stage", ""), values.get("tnm", ""),
        ", ".join(f"{month[5:]}.{month[:4]}" for month in values.get("months", ())),
        _on(values, "on"), values.get("register", ""), values.get("region", ""),
        (names or {}).get(values.get("org", ""), ""),
        f"последняя явка {_on(values, 'seen')}" if values.get("seen") else "",
        f"причина {values['cause']}" if values.get("cause") else "",
        f"извещение {_on(values, 'notice')}" if values.get("notice") else "",
        f"под наблюдением с {_on(values, 'observed')}" if values.get("observed") else "",
        f"в регистре с {_on(values, 'registered')}" if values.get("registered") else "",
    ]  # fmt: skip
    return ", ".join(part for part in parts if part) or ("" if values.get("org") else "нет")


def asked(
    comparison: Comparison, left: Mapping[str, Any], right: Mapping[str, Any], names: Mapping[str, str] | None = None
) -> str:
    """What the task asks for, with the values of both sides."""
    sides = ((comparison.left, said(left, names)), (comparison.right, said(right, names)))
    told = "; ".join(f"{name.lower()}: {what}" for name, what in sides if what)
    return f"{comparison.todo}. {told[:1].upper()}{told[1:]}." if told else f"{comparison.todo}."


def _on(values: Mapping[str, Any], name: str) -> str:
    return f"{date.fromisoformat(values[name]):%d.%m.%Y}" if values.get(name) else ""
