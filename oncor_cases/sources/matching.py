"""Weights of pairs by Fellegi and Sunter, with splink: the model is data (seeds/matching/model.json), made by
`python -m bench.train_matching` from a generated region whose truth is known. Splink is loaded where pairs are scored
and nowhere else: it takes a second and a hundred megabytes."""

import json
import logging
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from math import log2
from typing import Any

from oncor_cases.facts.likeness import Look, Weighed
from oncor_cases.kernel.names import Name

FIELDS = ("family", "given", "patronymic", "born", "sex", "snils", "enp", "phone", "address")
SWAPPED = -7.0  # of 130 records one has surname and name in each other's places
COUNTED = ("family", "given", "patronymic")  # a rare name that agrees says more than a common one
Frequencies = Mapping[str, Mapping[str, float]]
Pairs = Sequence[tuple[Look, Look]]


@lru_cache(maxsize=1)
def model() -> dict[str, Any]:
    """The settings of splink with their m and u."""
    return json.loads(files("seeds").joinpath("matching/model.json").read_text(encoding="utf-8"))


def weigh(pairs: Pairs, frequencies: Frequencies, population: int) -> list[Weighed]:
    """The weight of each pair, of the best of their names: that of the second record, in the order given.

    `frequencies`: field → name as compared → share of the region; `population`: how many people there are to choose
    from, so what is needed to be sure grows with the region."""
    if not pairs:
        return []
    left, right = [], []
    for at, (a, b) in enumerate(pairs):
        for x, n in enumerate(a.names):
            for y, m in enumerate(b.names):
                for z, told in enumerate(_places(n, m)):
                    id = f"{at}/{x}/{y}/{z}"
                    left.append(_row(id, a, told, b.phones))
                    right.append(_row(id, b, m, a.phones))
    prior = -log2(max(population, 1000))
    best: list[Weighed | None] = [None] * len(pairs)
    for row in _predicted(left, right, frequencies):
        at, *_, swapped = map(int, row["unique_id_l"].split("/"))
        found = tuple(_field(row, field) for field in FIELDS if row[f"gamma_{field}"] >= 0)
        weight = prior + sum(f[2] for f in found) + (SWAPPED if swapped else 0)
        held = best[at]
        if held is None or weight > held.weight:
            best[at] = Weighed(pairs[at][1], weight, found)
    return [b if b is not None else Weighed(pair[1], float("-inf")) for pair, b in zip(pairs, best, strict=True)]


def _places(a: Name, b: Name) -> list[Name]:
    """The name as it is, and with surname and name in each other's places where that brings the two closer."""
    crossed = a.family and a.given and a != b and (a.family == b.given or a.given == b.family)
    return [a, Name(a.given, a.family, a.patronymic)] if crossed else [a]


def _row(id: str, look: Look, name: Name, others: Sequence[str]) -> dict[str, str | None]:
    common = set(look.phones) & set(others)
    return {
        "unique_id": id, "pair": id, "family": name.family or None, "given": name.given or None,
        "patronymic": name.patronymic or None, "born": look.born.isoformat() if look.born else None, "sex": look.sex or None,
        "snils": look.snils or None, "enp": look.enp or None,
        "phone": min(common) if common else look.phones[0] if look.phones else None, "address": look.address or None,
    }  # fmt: skip


def _predicted(
    left: list[dict[str, str | None]], right: list[dict[str, str | None]], frequencies: Frequencies
) -> list[dict[str, Any]]:
    import pyarrow
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.ERROR)  # its messages may quote values
    names = (*FIELDS, "unique_id", "pair")
    schema = pyarrow.schema([(name, pyarrow.string()) for name in names])
    api = DuckDBAPI()
    frames = [
        api.register(pyarrow.Table.from_pylist(rows, schema=schema), dataset_display_name=name)
        for name, rows in (("a", left), ("b", right))
    ]
    linker = Linker(frames, model(), log_level=logging.ERROR, validate_settings=False)
    for field in COUNTED:
        told = frequencies.get(field, {})
        seen = {r[field] for r in (*left, *right) if r[field]}
        rare = min(told.values(), default=1e-5)
        table = pyarrow.table(
            {field: sorted(seen), f"tf_{field}": [float(told.get(v, rare)) for v in sorted(seen)]},
            schema=pyarrow.schema([(field, pyarrow.string()), (f"tf_{field}", pyarrow.float64())]),
        )
        linker.table_management.register_term_frequency_lookup(
            api.register(table, dataset_display_name=f"tf_of_{field}"), field
        )
    return linker.inference.predict(warning_mode="never").as_pyarrow_table().to_pylist()


def _field(row: Mapping[str, Any], field: str) -> tuple[str, str, float]:
    """(field, how it agrees, weight). Levels are numbered by splink from 0 (differs) up."""
    weight = float(row[f"mw_{field}"]) + float(row.get(f"mw_tf_adj_{field}") or 0.0)
    return field, level(field, int(row[f"gamma_{field}"])), round(weight, 2)


LEVELS = {
    "family": ("differs", "similar", "slip", "part", "equal"),
    "given": ("differs", "similar", "slip", "equal"),
    "patronymic": ("differs", "slip", "equal"),
    "born": ("differs", "partly", "slip", "equal"),
    "sex": ("differs", "equal"),
    "snils": ("differs", "slip", "equal"),
    "enp": ("differs", "slip", "equal"),
    "phone": ("differs", "equal"),
    "address": ("differs", "similar", "equal"),
}


def level(field: str, gamma: int) -> str:
    """The word for splink's number of a level: `differs`, `similar`, `slip` (one letter), `part`, `partly`, `equal`."""
    return LEVELS[field][gamma]
