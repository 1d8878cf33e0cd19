"""A small region made once for the whole room: every story is told among its patients."""

import json
from datetime import date
from pathlib import Path

import pytest

from oncor_cases.region.generate import Summary, generate

TODAY = date(2026, 6, 15)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Summary]:
    """The folder of the region and what was made."""
    out = tmp_path_factory.mktemp("region") / "out"
    return out, generate(out, residents_count=3000, patients_count=140, seed=7, today=TODAY)


@pytest.fixture(scope="session")
def truth(made: tuple[Path, Summary]) -> dict:
    """What was planted."""
    return json.loads((made[0] / "truth.json").read_text(encoding="utf-8"))
