"""Why a clock or a task ended, in words."""

from oncor_cases.web.duties import duty
from oncor_cases.web.words import lower_first

REASONS = {
    "death": "пациент умер", "moved_away": "пациент выехал", "refusal": "отказ пациента", "excluded": "диагноз исключён",
    "contraindication": "противопоказание", "operation_first": "операция была раньше: обычный путь",
    "done_elsewhere": "сделано в другом месте", "plan_without_treatment": "по плану лечения нет",
    "palliative_care": "паллиативная помощь", "high_tech": "направлен на высокотехнологичную помощь",
    "treated_elsewhere": "лечится в другом месте", "verbal_refusal": "отказ со слов, нужен письменный",
    "met": "выполнено", "late": "выполнено с опозданием", "passed": "шаг пройден, документа нет",
    "not_due_yet": "срок сдвинулся", "silent": "срок из прошлого", "no_longer_owed": "больше не требуется",
    "planned_gap": "законный перерыв: операция или лучевая терапия", "plan_changed": "решено лечить иначе",
    "removed": "снят с наблюдения", "cancer_found": "найден рак: дальше другой путь",
    "resolved": "подозрение разрешено", "refused": "отказ от скрининга", "done_earlier": "пройдено раньше",
    "refusal_written": "письменный отказ", "stopped": "лечение прекращено",
    "treatment_goes_on": "лечение продолжается", "seen": "пациент нашёлся", "withdrawn": "основание отозвано",
    "assignment_done": "выполнено", "assignment_not_needed": "не требуется", "assignment_withdrawn": "поручение отозвано",
    "difference_gone": "расхождения больше нет", "difference_confirmed": "подтверждено: так и есть",
    "not_given_yet": "срок поручения ещё не начался",
    "joined": "записи объединены",
}  # fmt: skip


def reason(code: str) -> str:
    """Why a clock or a task ended; a rule's id when a later duty took over."""
    return REASONS.get(code) or (lower_first(duty(code).title) if "-" in code else code.replace("_", " "))
