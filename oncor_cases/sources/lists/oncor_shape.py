"""The shape of a record of ONCOR's interface: parts that are mappings, dates as the interface writes them, codes of closed
dictionaries. What facts are made of is checked before, so that no record is called good that says nothing."""

import re
from collections.abc import Mapping
from typing import Any

from oncor_cases.sources.lists import cells
from oncor_cases.sources.lists.cells import Bad, Cell, Convert, Surroundings

_ISO = re.compile(r"^\d{4}-\d{2}-\d{2}(?:[T ].*)?$")
DATES = (
    "date", "on", "consulting_date", "time_rc_in", "time_rc_out", "begin_date", "end_date", "death_date", "conference_date",
)  # fmt: skip
ROUTE_DATES = ("request_date", "apply_first_date", "admission_date")
AHEAD = frozenset(("consulting_date",))  # an appointment is made for a day to come
SHAPE = "Вместо одного значения список или вложенная запись, либо наоборот"


class Wrong(Bad):
    """A record that cannot be taken: `field` is the one to be mended."""

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(code, message)
        self.field = field


def single(convert: Convert) -> Convert:
    """A converter that refuses lists and mappings, which have a text too."""

    def read(cell: Cell, around: Surroundings) -> Any:
        if isinstance(cell, list | dict):
            raise Bad("shape", SHAPE)
        return convert(cell, around)

    return read


def checked(record: Mapping[str, Any], codes: Mapping[str, Mapping[str, str]], around: Surroundings) -> None:
    """`codes`: field → dictionary, closed. Raises Wrong."""
    _days(record, DATES, "", around, ahead=record.get("type") == "RcAppointment")
    route = _mapping(record, "routing_list")
    _days(route, ROUTE_DATES, "routing_list.", around)
    for study in _mappings(route.get("diagnostics"), "routing_list.diagnostics"):
        _days(study, ("date",), "routing_list.diagnostics.", around)
        _singles(study, ("type",), "routing_list.diagnostics.")
    found = _mapping(record, "diagnosis")
    _singles(found, ("icd10", "status", "morph_class", "stage"), "diagnosis.")
    _singles(_mapping(found, "tnm", "diagnosis."), ("t", "n", "m", "g"), "diagnosis.tnm.")
    _singles(record, ("icd10", "srv", "reason", "group"), "")
    _coded(record, found, codes)


def _coded(told: Mapping[str, Any], found: Mapping[str, Any], codes: Mapping[str, Mapping[str, str]]) -> None:
    for field, known in codes.items():
        value = found.get("status") if field == "diagnosis.status" else told.get(field)
        if value not in (None, "") and str(value) not in known:
            raise Wrong(field, "code", "Такого кода нет в справочнике этого поля")


def _days(told: Mapping[str, Any], names: tuple[str, ...], path: str, around: Surroundings, ahead: bool = False) -> None:
    for name in names:
        if told.get(name) in (None, ""):
            continue
        if not isinstance(told[name], str) or not _ISO.match(told[name]):
            raise Wrong(path + name, "date_form", "Дата не по форме интерфейса: нужна ГГГГ-ММ-ДД")
        convert = cells.day if ahead or name in AHEAD else cells.past_day
        try:
            convert(told[name], around)
        except Bad as bad:
            raise Wrong(path + name, bad.code, bad.message) from bad


def _mapping(told: Mapping[str, Any], name: str, path: str = "") -> Mapping[str, Any]:
    value = told.get(name)
    if value in (None, "", [], {}):
        return {}
    if not isinstance(value, Mapping):
        raise Wrong(path + name, "shape", SHAPE)
    return value


def _mappings(value: Any, path: str) -> list[Mapping[str, Any]]:
    if value in (None, "", [], {}):
        return []
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise Wrong(path, "shape", SHAPE)
    return value


def _singles(told: Mapping[str, Any], names: tuple[str, ...], path: str) -> None:
    for name in names:
        if isinstance(told.get(name), list | dict):
            raise Wrong(path + name, "shape", SHAPE)
