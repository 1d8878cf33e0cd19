"""Findings in words: what is to be put right that is not a step of care."""

from oncor_cases.web.duties import duty

FINDINGS = {
    "document_requested": "Запросить документ из другой организации: сделанное там известно только со слов",
    "notice_after_death": "Направить извещение 090/у посмертно",
    "care_after_death": "Документ о помощи датирован позже смерти: проверьте даты и личность",
    "which_tumour": "Непонятно, к какой опухоли относится документ",
    "same_tumour": "Та же опухоль или новая? Нужен ответ врача",
    "consilium_missing": "Лечение начато, протокола консилиума нет",
    "passed": "Шаг пройден, а документа о нём нет",
    "no_date": "В документе нет даты события",
    "partial_date": "Дата события неполная: срок по ней не считается",
    "future_date": "Дата события в будущем",
    "join_blocked": "Записи с одним СНИЛС или полисом расходятся в дате рождения или поле",
    "sweep_failed": "Расчёт по пациенту не выполнен: сообщите в техподдержку",
    "cycle_length_unknown": "Длительность курса неизвестна",
    "date_after_known": "Дата события позже дня поступления документа",
    "before_birth": "Дата события раньше рождения",
}


def finding(code: str, rule: str = "") -> str:
    """A finding in words; one that the table does not know is still shown, with its duty."""
    text = FINDINGS.get(code, "Проверьте данные: " + code.replace("_", " "))
    return f"{text} ({duty(rule).title.lower()})" if rule and code in ("passed", "") else text
