"""Regional switches: where an act leaves a choice and the design names it, a region says which way it goes.

A switch changes what the pathways read, never a term; like every rule it is changed by a dated, approved record."""

from collections.abc import Mapping
from typing import NamedTuple


class Switch(NamedTuple):
    """`options`: value → words, the default first; `pathway`: whose cases it touches."""

    id: str
    pathway: str
    title: str
    options: Mapping[str, str]

    @property
    def default(self) -> str:
        return next(iter(self.options))


SWITCHES: dict[str, Switch] = {
    s.id: s
    for s in (
        Switch(
            "treatment_from_preliminary",
            "diagnosis",
            "Отсчёт DX-03 от предварительного диагноза",
            {"no_histology": "только если гистология не показана", "always": "всегда (если он раньше)"},
        ),
        Switch(
            "follow_up_anchor",
            "follow_up",
            "От чего считать первый осмотр, если осмотров ещё не было",
            {"diagnosis": "от установления диагноза", "treatment": "от окончания лечения"},
        ),
        Switch(
            "consultation_is_visit",
            "follow_up",
            "Консультация онколога после постановки на учёт считается осмотром",
            {"no": "нет", "yes": "да"},
        ),
        Switch(
            "treatment_is_visit",
            "follow_up",
            "Курсы и госпитализации по плану лечения считаются осмотрами",
            {"yes": "да", "no": "нет"},
        ),
    )
}


def defaults() -> dict[str, str]:
    """Every switch as it stands where a region has said nothing."""
    return {s.id: s.default for s in SWITCHES.values()}
