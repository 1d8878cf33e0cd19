"""What may not go undocumented: facts, states and levels in the glossary, settings, vendored files, generated pages."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from oncor_cases.config import SETTINGS
from oncor_cases.facts.vocabulary import CERTAINTY, EVIDENCE, KINDS
from oncor_cases.regulations.rulebook import NORMS
from oncor_cases.tasks.wish import LEVELS
from oncor_cases.workflows.diagnosis import MACHINE

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8")
CLOCKS = ("running", "met", "late", "passed", "closed", "paused")
TASKS = ("open", "taken", "waiting", "closed")


@pytest.mark.parametrize("word", sorted({*KINDS, *EVIDENCE, *CERTAINTY, *NORMS, *LEVELS, *MACHINE.states, *CLOCKS, *TASKS}))
def test_the_glossary_has_the_word(word: str) -> None:
    assert f"`{word}`" in GLOSSARY


def test_every_setting_is_described_and_read() -> None:
    page = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    assert [name for name in SETTINGS if f"`{name}`" not in page] == []
    code = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "oncor_cases").rglob("*.py"))
    used = set(re.findall(r'"(ONCOR_[A-Z_]+|DATABASE_URL)"', code))
    assert used <= SETTINGS.keys()


def test_every_vendored_file_has_a_licence_and_a_line() -> None:
    listed = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")
    static = ROOT / "oncor_cases/web/static"
    vendored = [p for p in static.rglob("*") if p.suffix == ".woff2" or p.name.endswith(".min.js")]
    assert vendored
    for path in vendored:
        named = path.relative_to(ROOT).as_posix() in listed or f"{path.parent.relative_to(ROOT).as_posix()}/" in listed
        assert named, path.name
        assert list(path.parent.glob("*.LICENSE")), path.name


def test_the_readme_leads_with_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(r"^ {4}make demo .*\n {4}make test ", readme, re.M)
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    assert {"env", "demo", "test", "drills", "bench", "check", "docs"} <= targets


def test_generated_pages_are_current() -> None:
    done = subprocess.run(
        [sys.executable, "docs/build.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
