"""Makes seeds/matching/model.json: m from pairs whose truth is known, u from random pairs of one region.

python -m bench.train_matching"""

import json
import logging
from datetime import date
from pathlib import Path
from random import Random

from oncor_cases.facts.likeness import Look
from oncor_cases.region.dirty import spoiled
from oncor_cases.region.people import residents
from oncor_cases.sources import matching

HOMES = {"Речной район": [("1.2.3.1", 5), ("1.2.3.2", 3)], "Лесной район": [("1.2.3.3", 2)]}
TARGET = Path(__file__).parents[1] / "seeds" / "matching" / "model.json"


def settings() -> dict[str, object]:
    """What is compared and how finely; the levels are those of matching.LEVELS from the finest down."""
    import splink.comparison_level_library as cll
    import splink.comparison_library as cl

    def slip(field: str, n: int = 1):  # type: ignore[no-untyped-def]
        return cll.DamerauLevenshteinLevel(field, distance_threshold=n)

    def comparison(field: str, *levels: object):  # type: ignore[no-untyped-def]
        return cl.CustomComparison(
            output_column_name=field, comparison_levels=[cll.NullLevel(field), *levels, cll.ElseLevel()]
        )

    def exact(field: str, counted: bool = False):  # type: ignore[no-untyped-def]
        level = cll.ExactMatchLevel(field)
        return level.configure(tf_adjustment_column=field) if counted else level

    part = cll.CustomLevel(
        "list_has_any(string_split(family_l, ' '), string_split(family_r, ' '))", label_for_charts="part of a double surname"
    )
    partly = cll.CustomLevel(
        "(substr(born_l, 1, 4) = substr(born_r, 1, 4) and (substr(born_l, 6, 2) = substr(born_r, 6, 2)"
        " or substr(born_l, 9, 2) = substr(born_r, 9, 2) or (substr(born_l, 6, 2) = substr(born_r, 9, 2)"
        " and substr(born_l, 9, 2) = substr(born_r, 6, 2)))) or substr(born_l, 5) = substr(born_r, 5)",
        label_for_charts="two parts of the date",
    )
    from splink import SettingsCreator, block_on

    return (
        SettingsCreator(
            link_type="link_only",
            comparisons=[
                comparison("family", exact("family", True), part, slip("family"), cll.JaroWinklerLevel("family", 0.88)),
                comparison("given", exact("given", True), slip("given"), cll.JaroWinklerLevel("given", 0.88)),
                comparison("patronymic", exact("patronymic", True), slip("patronymic", 2)),
                comparison("born", exact("born"), slip("born"), partly),
                comparison("sex", exact("sex")),
                comparison("snils", exact("snils"), slip("snils", 2)),
                comparison("enp", exact("enp"), slip("enp", 2)),
                comparison("phone", exact("phone")),
                comparison("address", exact("address"), cll.JaroWinklerLevel("address", 0.92)),
            ],
            blocking_rules_to_generate_predictions=[block_on("pair")],
            retain_intermediate_calculation_columns=True,
            retain_matching_columns=True,
        )
        .get_settings("duckdb")
        .as_dict()
    )


# What the generated region cannot teach, because its numbers are right or left out: our own guess, by field and level from
# the finest down, as (m, u). Families share an address and a telephone, so their u is that of a family, not of chance.
GUESSED = {
    "sex": ((0.995, 0.5), (0.005, 0.5)),
    "snils": ((0.97, 2.5e-7), (0.015, 1e-6), (0.015, 0.999999)),
    "enp": ((0.93, 2.5e-7), (0.01, 1e-5), (0.06, 0.99999)),
    "phone": ((0.8, 5e-6), (0.2, 0.999995)),
    "address": ((0.83, 2e-5), (0.02, 0.005), (0.15, 0.995)),
}
LEAST = 0.003  # m of a level no pair had


def completed(told: dict) -> dict:  # type: ignore[type-arg]
    """The trained settings with every m and u in place; what is of no use to a reader of the file is left out."""
    for comparison in told["comparisons"]:
        levels = [v for v in comparison["comparison_levels"] if not v.get("is_null_level")]
        for at, level in enumerate(levels):
            m, u = (
                GUESSED.get(comparison["output_column_name"], {})[at]
                if comparison["output_column_name"] in GUESSED
                else (max(level.get("m_probability") or 0, LEAST), level.get("u_probability"))
            )
            level["m_probability"], level["u_probability"] = round(m, 6), float(f"{u:.4g}")
    return told


def main(people: int = 40_000, copies: int = 20_000) -> None:
    """Trains and writes the model."""
    import pyarrow
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.ERROR)
    chance = Random("training")
    listed = list(residents(11, people, date(2026, 1, 1), HOMES))
    left, right = [], []
    for r in listed:
        number = r.snils.replace("-", "").replace(" ", "")
        name = [(r.family, r.given, r.patronymic)]
        look = Look.of("", name, r.born, r.sex, number, r.enp, [r.phone], r.address)
        right.append(matching._row(str(r.number), look, look.names[0], ()) | {"truth": str(r.number)})
    for r in chance.sample(listed, copies):
        d = spoiled(chance, r)
        look = Look.of("", [(d.family, d.given, d.patronymic)], d.born, d.sex, d.snils, d.enp, [d.phone], d.address)
        left.append(matching._row(str(r.number), look, look.names[0], ()) | {"truth": str(r.number)})
    schema = pyarrow.schema([(n, pyarrow.string()) for n in (*matching.FIELDS, "unique_id", "pair", "truth")])
    api = DuckDBAPI()
    frames = [
        api.register(pyarrow.Table.from_pylist(rows, schema=schema), dataset_display_name=name)
        for name, rows in (("a", left), ("b", right))
    ]
    linker = Linker(frames, settings(), log_level=logging.ERROR)
    linker.training.estimate_u_using_random_sampling(max_pairs=5e6, seed=7)
    linker.training.estimate_m_from_label_column("truth")
    told = completed(linker.misc.save_model_to_json())
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
