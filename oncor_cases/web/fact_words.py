"""A fact as one line of the timeline: `Заключение патологоанатома: злокачественная, 8500/3`.

Covers every kind of facts.vocabulary (tests/web/test_words.py keeps it so); patient values are only shown, never logged."""

from collections.abc import Mapping
from typing import Any

from oncor_cases.web.duties import STUDIES
from oncor_cases.web.words import icd, joined

TITLES = {
    "attached": "Прикреплён к поликлинике",
    "screening_invited": "Приглашён на скрининг",
    "screening_test": "Скрининговое исследование",
    "screening_done_earlier": "Скрининг пройден раньше",
    "screening_refused": "Отказ от скрининга",
    "screening_assessment": "Дообследование после скрининга",
    "suspicion": "Подозрение на ЗНО",
    "referral": "Направление",
    "consultation": "Консультация",
    "clinical_group": "Клиническая группа",
    "study_ordered": "Назначено исследование",
    "study_performed": "Выполнено исследование",
    "biopsy_taken": "Взята биопсия",
    "biopsy_received": "Материал поступил в лабораторию",
    "operation": "Операция",
    "pathology_report": "Заключение патологоанатома",
    "diagnosis": "Диагноз",
    "result_told": "Результат сообщён пациенту",
    "consilium": "Консилиум",
    "notice_090u": "Извещение 090/у",
    "late_stage_protocol": "Протокол запущенности 027-2/у",
    "vmp_ticket": "Талон ВМП",
    "register_entry": "Взят на учёт",
    "visit_planned": "Назначена явка",
    "visit": "Явка под наблюдением",
    "admission": "Госпитализация",
    "radiotherapy": "Лучевая терапия",
    "hormone_therapy": "Гормонотерапия",
    "chemo_prescribed": "Назначена химиотерапия",
    "chemo_cycle": "Курс химиотерапии",
    "chemo_delayed": "Химиотерапия отложена",
    "chemo_stopped": "Химиотерапия прекращена",
    "relapse": "Рецидив",
    "progression": "Прогрессирование",
    "palliative_care": "Паллиативная помощь",
    "discharge": "Выписка из стационара",
    "contact": "Связь с пациентом",
    "appointment": "Запись на приём",
    "no_show": "Не явился",
    "done_elsewhere": "Сделано в другом месте",
    "refusal": "Отказ",
    "contraindication": "Противопоказание",
    "register_exit": "Снят с учёта",
    "moved_away": "Выехал",
    "death": "Смерть",
}

VALUES = {
    "oncologist": "к онкологу", "haematologist": "к гематологу", "study": "на исследование", "biopsy": "на биопсию",
    "consilium": "на консилиум", "hospital": "в стационар", "palliative": "на паллиативную помощь",
    "federal_centre": "в федеральный центр", "high_tech": "высокотехнологичная помощь",
    "other_region": "в другой регион", "federal": "в федеральный центр", "visit": "на явку", "cycle": "на курс",
    "admission": "на госпитализацию",
}  # fmt: skip
SPECIALTIES = {
    "oncologist": "онколог", "haematologist": "гематолог", "paediatric_oncologist": "детский онколог",
    "radiotherapist": "радиотерапевт", "other": "другой врач",
}  # fmt: skip
RESULTS = {
    "malignant": "злокачественная", "benign": "доброкачественная", "inconclusive": "неинформативно",
    "normal": "норма", "abnormal": "отклонение", "suspicious": "подозрение на ЗНО", "inadequate": "непригодный материал",
    "precancer": "предрак",
}  # fmt: skip
PATHOLOGY = {
    "biopsy": "", "operation": "операционный материал", "cytology": "цитология", "ihc": "ИГХ",
    "molecular": "молекулярное исследование", "haematology": "костный мозг", "revision": "пересмотр",
}  # fmt: skip
STEPS = {
    "surgery": "операция", "chemotherapy": "химиотерапия", "radiotherapy": "лучевая терапия",
    "hormone": "гормонотерапия", "observation": "наблюдение", "palliative": "паллиативная помощь",
    "symptomatic": "симптоматическое лечение",
}  # fmt: skip
STATUSES = {"final": "", "preliminary": "предварительный", "excluded": "исключён"}
AIMS = {"radical": "радикальная", "palliative": "паллиативная", "diagnostic": "диагностическая", "emergency": "экстренная"}
PURPOSES = {"treatment": "для лечения", "diagnostics": "для обследования", "other": "по другому поводу"}
PHASES = {
    "start": "начата", "end": "закончена", "interrupted": "прервана",
    "published": "составлен", "drafted": "черновик", "reviewed": "разобран",
}  # fmt: skip
OUTCOMES = {
    "reached": "поговорили", "no_answer": "не отвечает", "wrong_number": "номер чужой",
    "letter_returned": "письмо вернулось",
}  # fmt: skip
CHANNELS = {"phone": "по телефону", "message": "сообщение", "letter": "письмо", "home_visit": "выход на дом"}
REFUSALS = {
    "investigation": "от обследования", "treatment": "от лечения", "observation": "от наблюдения",
    "screening": "от скрининга",
}  # fmt: skip
DOCUMENTED = {"written": "письменный", "verbal": "со слов"}
EVIDENCE = {
    "document": "документ", "register": "канцер-регистр", "claim": "счёт ОМС", "list": "список", "person": "со слов",
}  # fmt: skip
CERTAINTY = {"established": "", "suspected": "под вопросом", "planned": "план"}
REASONS = {
    "completed": "курсы закончены", "toxicity": "токсичность", "progression": "прогрессирование", "refusal": "отказ",
    "other": "другая причина", "left_region": "выехал из региона", "not_confirmed": "диагноз не подтверждён",
    "basal_cell": "базалиома, 5 лет без рецидива", "recovered": "выздоровел", "died_of_disease": "умер от опухоли",
    "died_of_complication": "умер от осложнения лечения", "died_of_other": "умер от другой причины",
    "died_cause_unknown": "умер, причина неизвестна",
}  # fmt: skip


def study(code: str) -> str:
    """`КТ` for our own codes, the service code of the national list as it is."""
    return STUDIES.get(code, code)


def describe(kind: str, given: Mapping[str, Any]) -> tuple[str, str]:
    """Title and detail of a fact: (`Направление`, `к онкологу`)."""
    title = TITLES.get(kind, kind)
    say = _DETAIL.get(kind)
    return title, joined([*(say(given) if say else []), icd(given.get("icd10") or "", given.get("side") or "")])


def _text(given: Mapping[str, Any], name: str, words: Mapping[str, str] | None = None) -> str:
    value = given.get(name)
    if value in (None, ""):
        return ""
    return words.get(str(value), str(value)) if words else str(value)


def _plan(given: Mapping[str, Any]) -> list[str]:
    plan = given.get("plan") or ()
    steps = [plan] if isinstance(plan, str) else list(plan)
    return [" → ".join(STEPS.get(s, s) for s in steps)]


def _tnm(given: Mapping[str, Any]) -> str:
    # documents write «T2», registers «2»
    letters = [f"{n.upper()}{str(given[n]).upper().removeprefix(n.upper())}" for n in ("t", "n", "m") if given.get(n)]
    return joined([f"стадия {given['stage']}" if given.get("stage") else "", "".join(letters)])


def _study_result(given: Mapping[str, Any]) -> list[str]:
    return [study(_text(given, "study")), _text(given, "result", RESULTS)]


_DETAIL = {
    "referral": lambda g: [
        study(_text(g, "study")) if g.get("to") == "study" and g.get("study") else _text(g, "to", VALUES),
        _text(g, "care", {"specialised": "", "high_tech": VALUES["high_tech"]}),
        _text(g, "place", {"own": "", "other_region": VALUES["other_region"], "federal": VALUES["federal"]}),
    ],
    "consultation": lambda g: [_text(g, "specialty", SPECIALTIES)],
    "clinical_group": lambda g: [_text(g, "group")],
    "study_ordered": _study_result,
    "study_performed": _study_result,
    "operation": lambda g: [_text(g, "aim", AIMS)],
    "pathology_report": lambda g: [
        _text(g, "result", RESULTS), _text(g, "kind", PATHOLOGY), _text(g, "morphology"),
        "ждёт ИГХ" if g.get("awaiting_ihc") else "",
    ],
    "diagnosis": lambda g: [
        _text(g, "status", STATUSES), _tnm(g), _text(g, "morphology"),
        _text(g, "primacy", {"first": "впервые", "known_before": "известен ранее"}),
    ],
    "result_told": lambda g: [_text(g, "what")],
    "consilium": _plan,
    "late_stage_protocol": lambda g: [_text(g, "phase", PHASES)],
    "vmp_ticket": lambda g: [_text(g, "status")],
    "register_exit": lambda g: [_text(g, "reason", REASONS)],
    "admission": lambda g: [_text(g, "purpose", PURPOSES)],
    "radiotherapy": lambda g: [_text(g, "phase", PHASES)],
    "hormone_therapy": lambda g: [_text(g, "drug")],
    "chemo_prescribed": lambda g: [_text(g, "regimen")],
    "chemo_cycle": lambda g: [_text(g, "regimen")],
    "chemo_delayed": lambda g: [_text(g, "reason")],
    "chemo_stopped": lambda g: [_text(g, "reason", REASONS)],
    "contact": lambda g: [_text(g, "outcome", OUTCOMES), _text(g, "channel", CHANNELS)],
    "appointment": lambda g: [_text(g, "for", VALUES)],
    "refusal": lambda g: [_text(g, "of", REFUSALS), _text(g, "documented", DOCUMENTED)],
    "done_elsewhere": lambda g: [_text(g, "step")],
    "no_show": lambda g: [_text(g, "of", VALUES)],
    "contraindication": lambda g: [_text(g, "of")],
    "moved_away": lambda g: [_text(g, "region")],
    "death": lambda g: [_text(g, "kind", {"final": "", "preliminary": "по предварительным данным"})],
    "screening_test": lambda g: [_text(g, "programme"), _text(g, "result", RESULTS)],
    "screening_assessment": lambda g: [_text(g, "programme"), _text(g, "result", RESULTS)],
    "screening_invited": lambda g: [_text(g, "programme")],
    "screening_refused": lambda g: [_text(g, "programme")],
    "screening_done_earlier": lambda g: [_text(g, "programme")],
}  # fmt: skip
