"""The compiled core (docs/adr/0019): the same answers as plain Python, and never of other sources than those on disk."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from oncor_cases import compiled
from oncor_cases.ops import core

ROOT = compiled.ROOT
PURE_FLOORS = ("kernel", "facts", "regulations", "workflows", "tasks")
# Asked once a document or a change of the rules, or no more than a word each: not worth the minutes of a compiler.
PLAIN = {"oncor_cases.kernel.errors", "oncor_cases.regulations.switches"}
# They watch the plain classes from inside, or the generator of timelines itself; neither says what the rules answer.
INSIDE = (
    "tests/spec/test_stories.py::test_every_transition_is_walked",
    "tests/spec/test_properties.py::test_random_timelines_live_in_every_pathway",
)
STORIES = ("tests/spec", "tests/unit/test_reconcile.py", "tests/unit/test_same_episode.py", "tests/unit/test_calendar.py")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the sources the binaries are made of."""
    for module in compiled.MODULES:
        place = compiled.source(module, tmp_path)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(compiled.source(module), place)
    return tmp_path


def _in_a_process(code: str, **env: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ | env, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


def test_whatever_a_judgement_runs_through_is_in_the_list() -> None:
    seen, waiting = set(compiled.MODULES), list(compiled.MODULES)
    while waiting:
        tree = ast.parse(compiled.source(waiting.pop()).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if not isinstance(node, ast.ImportFrom) or not str(node.module).startswith("oncor_cases."):
                continue
            for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
                if name and name.split(".")[1] in PURE_FLOORS and compiled.source(name).is_file() and name not in seen:
                    seen.add(name)
                    waiting.append(name)
    assert seen - set(compiled.MODULES) - PLAIN == set()


def test_one_changed_letter_makes_another_key(tree: Path) -> None:
    before = compiled.key(tree)
    assert before == compiled.key()
    rules = compiled.source("oncor_cases.workflows.diagnosis", tree)
    rules.write_text(rules.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert compiled.key(tree) != before


def test_binaries_of_other_sources_are_not_found(tmp_path: Path) -> None:
    """A whole build lies there, but under the key of yesterday's sources."""
    place = tmp_path / "oncor-core" / "0123456789abcdef"
    for module in compiled.MODULES:
        file = compiled.source(module, place).with_suffix(".cpython-so")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    (place / f"{compiled.GROUP}.so").touch()
    assert compiled.Core(place).whole()
    code = (
        f"import sys; sys.prefix = {str(tmp_path)!r}; from oncor_cases import compiled; print(compiled.running, end=' ');"
        " import oncor_cases.workflows.clocks as c; print(c.__file__)"
    )
    assert _in_a_process(code, ONCOR_PURE="0").split(maxsplit=1) == [
        "None",
        str(compiled.source("oncor_cases.workflows.clocks")),
    ]


def test_half_a_build_is_no_build(tmp_path: Path) -> None:
    (tmp_path / f"{compiled.GROUP}.so").touch()
    assert not compiled.Core(tmp_path).whole()
    assert not compiled.Core(tmp_path / "nowhere").whole()


def test_without_a_compiler_it_says_so_and_makes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    assert "нет компилятора" in core.build(home=tmp_path / "core")
    assert not (tmp_path / "core").exists()


def _built() -> None:
    if not compiled.Core(compiled.home() / compiled.key()).whole():
        pytest.skip("ядро не собрано из этих исходников: make core")


def test_the_switch_is_obeyed() -> None:
    _built()
    code = "import oncor_cases.workflows.clocks as c; print(c.__file__)"
    assert _in_a_process(code, ONCOR_PURE="1").endswith(".py")
    assert not _in_a_process(code, ONCOR_PURE="0").endswith(".py")


def test_compiled_values_reach_a_worker_process() -> None:
    _built()
    code = """
import pickle
from oncor_cases import compiled
from datetime import date
from oncor_cases.actions.evaluation import Rules
from oncor_cases.kernel.calendar import CalendarRecord
from oncor_cases.regulations.routing import Place, Records
told = (Records(places=(Place("1.2.3", "x"),)), CalendarRecord(date(2026, 1, 1), True, "y"))
print(compiled.running is not None, pickle.loads(pickle.dumps(told)) == told)
"""
    assert _in_a_process(code, ONCOR_PURE="0") == "True True"


def test_the_stories_hold_on_the_compiled_core() -> None:
    """The whole manual of the pathways and the properties, in a process that runs the binaries."""
    _built()
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:xdist", "-m", "not deep", *STORIES]
    command += [part for test in INSIDE for part in ("--deselect", test)]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"ONCOR_PURE": "0"}, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:]
