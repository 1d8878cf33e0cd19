"""A guess from what stands in the columns, where their names say nothing: numbers, codes, names, days.

Only an offer on the mapping screen; nothing is loaded by it."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from oncor_cases.sources.lists import cells
from oncor_cases.sources.lists.cells import Bad, Cell, Surroundings
from oncor_cases.sources.lists.schema import Kind

_WORDS = re.compile(r"^[А-ЯЁA-Z][а-яёa-zА-ЯЁA-Z-]+( [А-ЯЁA-Z][а-яёa-zА-ЯЁA-Z-]+){1,2}$")
_FATHER = re.compile(r"(вич|вна|ична|оглы|кызы)$", re.I)
MOST = 0.8  # share of filled cells that must fit


def by_content(kind: Kind, rows: Sequence[Sequence[Cell]], taken: Mapping[str, int], today: date) -> dict[str, int]:
    """Column of ours → place, for columns of the kind that no name has found."""
    around = Surroundings(today)
    width = max((len(row) for row in rows), default=0)
    free = [at for at in range(width) if at not in taken.values()]
    columns = {at: [row[at] for row in rows if at < len(row) and _filled(row[at])] for at in free}
    wanted = [column for column in kind.columns if column.name not in taken]
    found: dict[str, int] = {}

    def claim(name: str, fits: Callable[[Cell], bool]) -> None:
        if name not in taken and any(column.name == name for column in wanted):
            places = [at for at in columns if at not in found.values() and _most(columns[at], fits)]
            if places:
                found[name] = places[0]

    claim("snils", lambda cell: bool(_read(cells.snils, cell, around)) and len(re.sub(r"\D", "", str(cell))) >= 9)
    claim("enp", lambda cell: bool(_read(cells.enp, cell, around)))
    claim("fio", lambda cell: bool(_WORDS.match(str(cell).strip())))
    if "fio" not in found:
        claim("patronymic", lambda cell: bool(_FATHER.search(str(cell).strip())))
    claim(
        "icd10", lambda cell: bool(re.match(r"^[A-ZА-Я]\d\d", str(cell).strip())) and bool(_read(cells.icd10, cell, around))
    )
    claim("sex", lambda cell: str(cell).strip().lower() in ("м", "ж", "муж", "жен", "мужской", "женский"))
    return found | _days(kind, columns, found, taken, around)


def _days(
    kind: Kind,
    columns: Mapping[int, Sequence[Cell]],
    found: Mapping[str, int],
    taken: Mapping[str, int],
    around: Surroundings,
) -> dict[str, int]:
    """The column with the earliest days is the birth, the next one what the kind cannot do without."""
    dated: list[tuple[str, int]] = []
    for at, values in columns.items():
        days = sorted(d for value in values if (d := _read(cells.day, value, around)))
        if at not in found.values() and values and len(days) >= MOST * len(values):
            dated.append((days[len(days) // 2], at))
    needed = [
        c.name
        for c in kind.columns
        if c.required and c.convert in (cells.day, cells.past_day, cells.past_period) and c.name not in taken
    ]
    names = ([] if "born" in taken else ["born"]) + needed
    return dict(zip(names, (at for _, at in sorted(dated)), strict=False))


def _most(values: Sequence[Cell], fits: Callable[[Cell], bool]) -> bool:
    return bool(values) and sum(fits(value) for value in values) >= MOST * len(values)


def _read(convert: Callable[[Cell, Surroundings], object], cell: Cell, around: Surroundings) -> str:
    try:
        return str(convert(cell, around) or "")
    except Bad:
        return ""


def _filled(cell: Cell) -> bool:
    return cell is not None and bool(str(cell).strip())
