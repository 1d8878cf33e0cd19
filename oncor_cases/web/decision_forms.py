"""The forms of a decision: what a person may say about a task or about a clock that is not overdue yet."""

from dataclasses import dataclass, replace
from datetime import date

from oncor_cases.actions.gone import AWAY, DEATH, Gone
from oncor_cases.kernel.calendar import Calendar
from oncor_cases.sources.seeds import acknowledgement_reasons
from oncor_cases.web.pages import Option


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. `kind`: date, time, text, textarea, select or radio."""

    name: str
    title: str
    kind: str
    id: str = ""
    value: str = ""
    required: bool = False
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """One verb with its fields; without fields it is a button. `key` makes a repeated press one decision."""

    verb: str
    title: str
    button: str
    fields: tuple[Field, ...] = ()
    key: str = ""
    open: bool = False


OUTCOMES = (
    Option("reached", "поговорили", True), Option("no_answer", "не отвечает"), Option("wrong_number", "номер чужой"),
    Option("letter_returned", "письмо вернулось"),
)  # fmt: skip
CHANNELS = (
    Option("phone", "по телефону", True), Option("message", "сообщением"), Option("letter", "письмом"),
    Option("home_visit", "выходом на дом"),
)  # fmt: skip
APPOINTMENTS = (
    Option("oncologist", "к онкологу"), Option("study", "на исследование"), Option("biopsy", "на биопсию"),
    Option("consilium", "на консилиум"), Option("admission", "на госпитализацию"), Option("cycle", "на курс лечения"),
    Option("visit", "на явку"),
)  # fmt: skip
REFUSALS = (
    Option("investigation", "от обследования", True), Option("treatment", "от лечения"),
    Option("observation", "от наблюдения"),
)  # fmt: skip
NOBODY = Option("", "не выбрано", True)
DOCUMENTED = (Option("verbal", "со слов", True), Option("written", "письменный"))
NEEDS = {
    "DX-01": "oncologist", "DX-02": "study", "DX-08": "biopsy", "DX-10": "consilium", "DX-03": "admission",
    "DX-30": "oncologist", "DX-31": "oncologist", "TR-03": "admission", "TR-02": "consilium",
}  # fmt: skip

DONE = {
    "acknowledge": "Объяснение записано, уровень держится.",
    "took": "Задача за вами.", "called": "Звонок записан.",
    "appointment": "Запись на приём сохранена, задача ждёт этого дня.",
    "told_result": "Отмечено: результат сообщён.", "done_elsewhere": "Записано, документ запрошен.",
    "refused": "Отказ записан.", "snooze": "Отложено, срок не сдвинулся.", "comment": "Комментарий сохранён.",
    "hand_over": "Задача передана.", "document_missing": "Передано регистратору: нужен документ.",
    "no_document": "Записано: пациент не приходил, начинается поиск.",
    "moved_away": "Выезд записан, звонки прекращены.", "died_reported": "Записано, звонки прекращены.",
    "assignment_done": "Отмечено: выполнено.", "assignment_not_needed": "Отмечено: не требуется.",
    "here_after_all": "Записано. Если о смерти говорит документ или список, исправление запросит регистратор.",
    "wrong": "Документ отделён, сроки пересчитаны.",
}  # fmt: skip


_BY_STEP = {"letter": "отправлено, ответа нет", "home_visit": "дома никого"}


def _outcomes(step: str) -> tuple[Option, ...]:
    """What came of an attempt; of a letter or a visit at home in its own words."""
    if step not in _BY_STEP:
        return OUTCOMES
    return tuple(
        replace(o, chosen=o.value == "no_answer", title=_BY_STEP[step] if o.value == "no_answer" else o.title)
        for o in OUTCOMES
    )


ABOUT_PERSON = ("called", "appointment", "moved_away", "died_reported", "here_after_all")  # need no task
SENSELESS = {  # of whom died or left
    DEATH: ("called", "appointment", "told_result", "refused", "moved_away", "died_reported"),
    AWAY: ("called", "appointment", "moved_away"),
}
BACK = {DEATH: "Запись о смерти ошибочна", AWAY: "Не выезжал или вернулся"}


def forms(
    rule: str, today: date, calendar: Calendar, key: str, *, taken: bool, colleagues: tuple[Option, ...],
    organisations: tuple[Option, ...] = (), opened: str = "", prefix: str = "", step: str = "", speaks: bool = False,
    gone: Gone | None = None,
) -> tuple[Form, ...]:  # fmt: skip
    """The verbs of one row, the likely ones first. `step`: what the search for a lost patient has come to; `speaks`: the
    task is overdue and the reader may answer for it; `gone`: nothing is agreed with the patient any more."""
    tomorrow = calendar.after(today).isoformat()
    note = Field("note", "Примечание", "textarea")
    wanted = NEEDS.get(rule, "oncologist")
    reasons = tuple(Option(r.id, r.title) for r in acknowledgement_reasons().values()) if speaks else ()
    made = [
        *([Form("acknowledge", "Объяснить просрочку", "Записать объяснение", (
            Field("reason", "Причина", "select", options=reasons),
            Field("note", "Что делается", "textarea", required=True),
            Field("until", "Держать уровень до", "date", value=calendar.add_working_days(today, 5).isoformat(),
                  required=True),
        ))] if speaks else []),
        *([] if taken else [Form("took", "Взять в работу", "Взять в работу")]),
        Form("called", "Звонок", "Записать звонок", (
            Field("outcome", "Чем закончилось", "radio", options=_outcomes(step)),
            Field("channel", "Как связывались", "select",
                  options=tuple(replace(o, chosen=o.value == (step if step in _BY_STEP else "phone")) for o in CHANNELS)),
            Field("next_on", "Когда повторить", "date"),
            note,
        )),
        Form("appointment", "Записан на приём", "Записать", (
            Field("for", "Куда", "select", options=tuple(replace(o, chosen=o.value == wanted) for o in APPOINTMENTS)),
            Field("on", "День", "date", required=True),
            Field("time", "Время", "time"),
            note,
        )),
        Form("told_result", "Результат сообщён", "Отметить", (
            Field("on", "Когда", "date", value=today.isoformat(), required=True), Field("what", "Что сообщили", "text"),
        )),
        Form("done_elsewhere", "Сделано в другом месте", "Отметить", (
            Field("on", "Когда", "date", required=True), Field("place", "Где", "text", required=True), note,
        )),
        Form("refused", "Отказ", "Записать отказ", (
            Field("of", "От чего", "select", options=REFUSALS),
            Field("documented", "Как оформлен", "radio", options=DOCUMENTED),
            Field("on", "Когда", "date", value=today.isoformat(), required=True), note,
        )),
        Form("snooze", "Отложить", "Отложить", (
            Field("until", "До какого дня", "date", value=tomorrow, required=True), note,
        )),
        Form("comment", "Комментарий", "Сохранить", (Field("note", "Комментарий", "textarea", required=True),)),
        Form("hand_over", "Передать", "Передать", (
            Field("to", "Сотруднику", "select", options=(NOBODY, *colleagues)),
            Field("org", "Или другой организации", "select", options=(NOBODY, *organisations)),
            note,
        )),
        Form("document_missing", "Документ не пришёл", "Передать регистратору", (
            Field("note", "Чего не хватает", "textarea", required=True),
        )),
        Form("moved_away", "Выехал", "Записать", (
            Field("on", "Когда", "date", value=today.isoformat(), required=True), Field("region", "Куда", "text"),
        )),
        Form("died_reported", "Умер (со слов)", "Записать", (
            Field("on", "Когда", "date", value=today.isoformat(), required=True),
            Field("note", "Кто сообщил", "textarea", required=True),
        )),
    ]  # fmt: skip
    if rule == "DOC-01":
        made.insert(0, Form("no_document", "Документа нет: пациент не приходил", "Записать неявку", (
            Field("on", "Когда не явился", "date", value=today.isoformat(), required=True), note,
        )))  # fmt: skip
    if not colleagues and not organisations:
        made = [f for f in made if f.verb != "hand_over"]
    if gone is not None:
        made = [f for f in made if f.verb not in SENSELESS[gone.kind]]
        if gone.kind == DEATH or gone.said:  # a departure papers tell of is ended by papers
            made.append(Form("here_after_all", BACK[gone.kind], "Записать", (
                Field("note", "Откуда известно", "textarea", required=True),
            )))  # fmt: skip
    return tuple(
        replace(f, key=f"{key}-{f.verb}", open=f.verb == opened,
                fields=tuple(replace(x, id=f"{prefix}{f.verb}-{x.name}") for x in f.fields))
        for f in made
    )  # fmt: skip
