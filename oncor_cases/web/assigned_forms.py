"""The forms that end work given over a list, beside the ones every task has."""

from collections.abc import Callable, Mapping
from typing import Any

from oncor_cases.actions import assigned
from oncor_cases.actions.deciding import About
from oncor_cases.store.session import Database
from oncor_cases.web.decision_forms import DONE, Field, Form


def forms(key: str, opened: str) -> tuple[Form, ...]:
    """Done, or not needed with the reason; `opened`: the verb whose form comes back with a complaint."""
    return (
        Form("assignment_done", "Выполнено", "Выполнено", (Field("note", "Чем закончилось", "textarea", "done-note"),),
             f"{key}-assignment_done", opened == "assignment_done"),
        Form("assignment_not_needed", "Не требуется", "Закрыть поручение",
             (Field("note", "Почему не требуется", "textarea", "not-needed-note", required=True),),
             f"{key}-assignment_not_needed", opened == "assignment_not_needed"),
    )  # fmt: skip


def _done(db: Database, about: About, given: Mapping[str, str], who: Any) -> str:
    assigned.done(db, about, note=given.get("note", ""), **who)
    return DONE["assignment_done"]


def _not_needed(db: Database, about: About, given: Mapping[str, str], who: Any) -> str:
    assigned.not_needed(db, about, reason=given.get("note", ""), **who)
    return DONE["assignment_not_needed"]


VERBS: dict[str, Callable[[Database, About, Mapping[str, str], Any], str]] = {
    "assignment_done": _done,
    "assignment_not_needed": _not_needed,
}
