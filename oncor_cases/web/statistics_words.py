"""Names of what statistics count, for people."""

from oncor_cases.web.duties import duty

INTERVALS = {
    "visit_referral": "обращение → направление",
    "referral_consultation": "направление → консультация",
    "consultation_diagnosis": "консультация → диагноз",
    "diagnosis_treatment": "диагноз → лечение",
    "visit_treatment": "обращение → лечение",
}
STATES = ("met", "late", "passed", "overdue", "running", "closed")
COLUMNS = {
    "met": "в срок", "late": "с опозданием", "passed": "без документа", "overdue": "просрочено", "running": "срок идёт",
    "closed": "снято",
}  # fmt: skip
FOREIGN = {
    "nhs_28": ("28 дней: направление → пациент знает ответ", "если о разговоре нет записи — день диагноза или снятия"),
    "nhs_31": ("31 день: решение о лечении → лечение", "решение — консилиум с планом"),
    "nhs_62": ("62 дня: направление → лечение", "от первого направления к онкологу"),
    "dk_14_examination": ("14 дней: направление → первое обследование", "консультация, исследование или биопсия"),
    "dk_14_treatment": ("14 дней: решение о лечении → лечение", "решение — консилиум с планом"),
}
FIXED = {
    "cases": "Случаи диагностики", "excluded": "Подозрение снято", "workup": "Направлены без минимума обследований",
    "visits": "Явки в диспансер, которые мог принять ЦАОП", "delays": "Задержки курсов лечения",
}  # fmt: skip


def what_words(what: str) -> str:
    """The title of a list of people behind a number."""
    kind, _, name = what.partition(":")
    if kind == "interval":
        return INTERVALS.get(name, name).capitalize()
    if kind in ("foreign", "foreign_late"):
        return FOREIGN.get(name, (name, ""))[0] + (": позже" if kind == "foreign_late" else "")
    if kind == "duty":
        rule, _, state = name.partition(":")
        return f"{duty(rule).title}: {COLUMNS.get(state, state)}"
    if kind == "way":
        return "Минуя ПОК и ЦАОП" if name == "bypassed" else "Путь по организациям"
    return FIXED.get(kind, kind)
