"""Of whom died or left: since when, by which source, and what follows, in a calm sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from oncor_cases.actions.gone import AWAY, DEATH, Gone
from oncor_cases.store.case import FactRow
from oncor_cases.web import words
from oncor_cases.web.fact_words import EVIDENCE

WITHOUT_TASK = {  # what may be said of the patient
    "": "Звонок, запись, выезд, смерть — без задачи",
    DEATH: "Звонков и записей больше нет; ошибочную запись можно оспорить",
    AWAY: "Звонков и записей здесь больше нет",
}
WAYS = {
    (DEATH, "female"): "Пациентка умерла", (DEATH, "male"): "Пациент умер",
    (AWAY, "female"): "Пациентка выехала", (AWAY, "male"): "Пациент выехал",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class GoneLine:
    """The sentence, and the document it rests on."""

    text: str
    href: str


def line(gone: Gone, sex: str, facts: Mapping[str, FactRow], today: date) -> GoneLine:
    """`Пациентка умерла 5 марта. Источник: список, ЗАГС, узнали 10 марта. Звонки и записи на приём не предлагаются.`"""
    row = next((facts[id] for id in gone.facts if id in facts), None)  # among the facts shown; else its evidence says it
    where = f" ({gone.region})" if gone.region else ""
    what = f"{WAYS.get((gone.kind, sex), WAYS[gone.kind, 'male'])} {words.day(gone.on, today)}{where}."
    source = [EVIDENCE.get(gone.evidence, gone.evidence)]
    if row is not None:
        by = words.sender(row.sender) or (row.author if row.evidence == "person" else "")
        source += [by, f"{'записано' if row.evidence == 'person' else 'узнали'} {words.day(row.known_on, today)}"]
    if gone.kind == AWAY:
        then = "Звонки и записи здесь не предлагаются; явка или прикрепление в регионе вернут пациента в работу."
    elif gone.evidence == "person":
        then = "Звонки и записи на приём не предлагаются; ждём документа о смерти."
    else:
        then = "Звонки и записи на приём не предлагаются."
    return GoneLine(
        f"{what} Источник: {words.joined(source)}. {then}", f"/document/{row.document}" if row and row.document else ""
    )
