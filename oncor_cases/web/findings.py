"""Findings in words: what is to be put right that is not a step of care."""

from oncor_cases.web.duties import duty
from oncor_cases.web.words import lower_first

FINDINGS = {
    "document_requested": "Запросить документ из другой организации: о сделанном там известно только со слов",
    "extract_requested": "Запросить выписку: пациент лечится в другом месте",
    "notice_after_death": "Направить извещение 090/у посмертно",
    "late_stage_after_death": "Составить протокол запущенности 027-2/у: диагноз установлен посмертно",
    "register_exit_after_death": "Снять с учёта с указанием причины смерти",
    "care_after_death": "Документ о помощи датирован позже смерти: проверьте даты и личность",
    "which_tumour": "Непонятно, к какой опухоли относится документ",
    "same_tumour": "Та же опухоль или новая? Нужен ответ врача",
    "no_consilium": "Лечение начато, протокола консилиума нет",
    "step_not_documented": "Шаг пройден, а документа о нём нет",
    "undated": "В документе нет даты события: срок по нему не считается",
    "in_future": "Дата события в будущем",
    "before_birth": "Дата события раньше рождения",
    "cycle_length_unknown": "Неизвестна длина цикла: срок следующего курса не считается",
    "cycle_late": "Курс начат с опозданием",
    "cycles_differ_from_plan": "Курсов проведено не столько, сколько в плане",
    "stopped_after_all_cycles": "Линия прекращена, хотя все курсы плана проведены",
    "regimen_changed": "Схему сменили посреди линии: проверьте назначение",
    "consilium_needed": "Терапия прекращена: нужен новый консилиум",
    "clinical_group_move": "Такого перехода клинической группы нет в порядке наблюдения",
    "conflict_stage": "Разные стадии в документах одного дня",
    "conflict_t": "Разная T в документах одного дня",
    "conflict_n": "Разная N в документах одного дня",
    "conflict_m": "Разная M в документах одного дня",
    "conflict_plan": "Разные планы лечения в документах одного дня",
    "two_deaths": "Две разные даты смерти: проверьте документы и личность",
    "stages_differ": "Две разные стадии одной опухоли, и между ними ничего не меняло стадию",
    "cycle_numbers": "Номера курсов идут не подряд: курса нет в документах или номер ошибочен",
    "visit_volume": "На явке сделаны не все исследования графика (к сведению онколога)",
    "programme_unknown": "Такой программы скрининга нет в справочнике",
    "document_missing": "Документ не пришёл: найти или оформить",
    "identity_conflict": "Записи с одним СНИЛС, полисом или номером карты расходятся в дате рождения, поле или имени",
    "who_is_this": "Кто это? Уточните личность пациента: запись похожа на другого человека",
    "sweep_failed": "Расчёт по пациенту не выполнен: сообщите в техподдержку",
}


def finding(code: str, rule: str = "") -> str:
    """A finding in words; one that the table does not know is still shown, with its duty."""
    text = FINDINGS.get(code, "Проверьте данные: " + code.replace("_", " "))
    return f"{text}: {lower_first(duty(rule).title)}" if rule and code == "step_not_documented" else text
