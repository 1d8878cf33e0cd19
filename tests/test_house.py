"""The house: which room may import which, what lives only where, and what the tree must never hold.

Reasons: DESIGN of the product, section 3, and docs/adr/. A floor imports only floors below it; rooms of one floor never
import each other; floors 0-3 read no clock, no file, no network."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FLOORS = {
    "kernel": 0,
    "facts": 1,
    "regulations": 1,
    "workflows": 2,
    "checks": 2,
    "contingents": 2,
    "screening": 2,
    "tasks": 3,
    "sources": 4,
    "store": 4,
    "actions": 5,
    "region": 5,  # the invented region: a source of documents, knows nothing of the store
    "compiled": 5.5,  # which core runs: reads its sources, imports nothing
    "config": 5.5,  # everything below gets values as arguments
    "ops": 5.8,  # starts the other parts as processes, never imports them
    "cli": 6,
    "web": 6,
    "flows": 6,
}
PURE = 3
LIVES_ONLY_IN = {
    "prefect": {"flows"},
    "fastapi": {"web"},
    "starlette": {"web"},
    "jinja2": {"web"},
    "jinja2_fragments": {"web"},
    "lxml": {"sources"},
    "sqlmodel": {"store"},
    "sqlalchemy": {"store"},
    "psycopg": {"store"},
    "psycopg_pool": {"store"},
    "alembic": {"store"},
    "splink": {"sources"},  # with what it brings; loaded where pairs are scored (sources/matching.py)
    "pyarrow": {"sources", "store"},
    "pgpq": {"store"},
    "duckdb": {"sources", "store"},  # what splink runs on; lines of a list of millions (store/resident_lines.py)
    "typer": {"cli"},
    "rich": {"cli"},
}
IMPURE = {"os", "io", "pathlib", "shutil", "tempfile", "socket", "ssl", "http", "urllib", "subprocess", "multiprocessing"}
IMPURE |= {"threading", "asyncio", "time", "random", "secrets", "uuid", "logging", "sqlite3", "httpx", "glob"}
CLOCKS = {"today", "now", "utcnow"}
SQL = re.compile(
    r"\s*(select\s.+\sfrom|insert\s+into|update\s+\w+\s+set|delete\s+from|create\s+(table|index|role))\s", re.I | re.S
)
LIMIT = 400  # lines: stop and split

MODULES = sorted(p for folder in ("oncor_cases", "flows") for p in (ROOT / folder).rglob("*.py"))
PYTHON = sorted(MODULES + [p for folder in ("tests", "bench", "seeds") for p in (ROOT / folder).rglob("*.py")])


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room_of(path: Path) -> str:
    """The room a file lives in: `oncor_cases/store/x.py` is store, `oncor_cases/config.py` is config."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == "oncor_cases" else parts[0]


def room(dotted: str) -> str:
    head, *rest = dotted.split(".")
    return rest[0] if head == "oncor_cases" and rest else head


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def reads_the_world(tree: ast.AST) -> Iterator[str]:
    """Clocks and files inside a pure floor."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS:
            on_a_type = isinstance(node.value, ast.Name) and node.value.id in {"date", "datetime", "time"}
            if on_a_type or isinstance(node.value, ast.Attribute):
                yield f"line {node.lineno}: pure floors take `today` as an argument"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"open", "input", "print"}:
            yield f"line {node.lineno}: pure floors do no I/O: {node.func.id}()"


def is_sql(text: str) -> bool:
    """A statement is written in lower or upper case throughout; prose begins with a capital letter."""
    return bool(SQL.match(text)) and not text.lstrip()[:2].istitle()


def complaints(me: str, source: str) -> Iterator[str]:
    """What is wrong with `source` as a file of the room `me`."""
    tree = ast.parse(source)
    floor = FLOORS.get(me, 9)
    for dotted in imports(tree):
        library, other = dotted.split(".")[0], room(dotted)
        if me not in LIVES_ONLY_IN.get(library, {me}):
            yield f"{library} lives only in {sorted(LIVES_ONLY_IN[library])}"
        if other != me and FLOORS.get(other, -1) >= floor:
            yield f"{me} may not import {other}: same floor or higher"
        if floor <= PURE and library in IMPURE:
            yield f"{me} is a pure floor: no {library}"
    if floor <= PURE:
        yield from reads_the_world(tree)
    if me != "store":
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and is_sql(node.value):
                yield f"line {node.lineno}: SQL lives only in store"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_floors(path: Path) -> None:
    assert list(complaints(room_of(path), path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("me", "source"),
    [
        ("workflows", "from oncor_cases.store import session"),
        ("workflows", "from oncor_cases import store"),
        ("facts", "from oncor_cases.regulations import acts"),
        ("sources", "import oncor_cases.store.tables"),
        ("web", "from flows import serve"),
        ("actions", "from prefect import flow"),
        ("actions", "import psycopg"),
        ("web", "from sqlmodel import select"),
        ("store", "import typer"),
        ("actions", "x = 'select id from task where true'"),
        ("web", "x = 'SELECT id FROM task WHERE true'"),
        ("kernel", "from datetime import date\ndate.today()"),
        ("tasks", "import datetime\ndatetime.datetime.now()"),
        ("tasks", "import time"),
        ("regulations", "open('seeds/rules.csv')"),
    ],
)
def test_the_guard_bites(me: str, source: str) -> None:
    assert list(complaints(me, source))


@pytest.mark.parametrize(
    ("me", "source"),
    [
        ("tasks", "from oncor_cases.workflows.view import View"),
        ("store", "from sqlmodel import select\nx = 'select id from task where true'"),
        ("web", "from oncor_cases.actions import decide"),
        ("tasks", "def f(today): return today.year"),
        ("actions", "x = 'Select a person from the list'"),
    ],
)
def test_the_guard_lets_honest_code_pass(me: str, source: str) -> None:
    assert list(complaints(me, source)) == []


def test_every_room_has_a_floor() -> None:
    rooms = {room_of(p) for p in MODULES} - {"__init__", "__main__"}
    assert rooms <= FLOORS.keys(), f"без этажа: {sorted(rooms - FLOORS.keys())}"


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_no_file_outgrows_its_reader(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= LIMIT, f"{lines} lines: split it"


def tracked() -> list[Path]:
    """Files git would ship; in an unpacked archive everything but the folders we make ourselves."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True
        ).stdout.decode()
        found = [ROOT / line for line in listed.split("\0") if line]
    except (OSError, subprocess.CalledProcessError):
        made = {".venv", ".git", "__pycache__", ".ruff_cache", ".mypy_cache", ".hypothesis", "build", "dist"}
        found = [p for p in ROOT.rglob("*") if not made & set(p.relative_to(ROOT).parts)]
    return [p for p in found if p.is_file()]


def texts() -> Iterator[tuple[str, str]]:
    for path in tracked():
        if path.suffix not in {".woff2", ".png", ".jpg", ".ico", ".zip", ".gz"}:
            yield name(path), path.read_text(encoding="utf-8", errors="replace")


def test_locks_hold_no_addresses() -> None:
    locks = [p for p in tracked() if p.suffix == ".lock" or p.name in {"package-lock.json", "requirements.txt"}]
    assert locks
    assert [name(p) for p in locks if "://" in p.read_text(encoding="utf-8")] == []


def registry_hosts() -> set[str]:
    """Hosts that this machine's pip is told to use, and the public ones: none belongs into the tree."""
    told = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    hosts = set(re.findall(r"https?://(?:[^/@\s'\"]*@)?([^/:\s'\"]+)", told + os.environ.get("PIP_INDEX_URL", "")))
    public = {"pypi." + "org", "files.python" + "hosted.org", "registry." + "npmjs.org"}
    return (hosts | public) - {"localhost", "127.0.0.1"}


def test_nothing_of_a_developers_machine_is_in_the_tree() -> None:
    folders = "|".join(("root", "home/[a-z]", "Users/[A-Za-z]", "work/[a-z]", "mnt/[a-z]"))
    machine = re.compile(rf"(?<![\w.~\-}}])/({folders})[\w.\-]*/|[A-Z]:\\\\?Users\\")
    hosts = re.compile("|".join(re.escape(h) for h in sorted(registry_hosts())))
    found = [
        f"{file}:{text.count(chr(10), 0, hit.start()) + 1}"
        for file, text in texts()
        for pattern in (machine, hosts)
        for hit in [pattern.search(text)]
        if hit
    ]
    assert found == []


def test_help_imports_nothing_heavy() -> None:
    heavy = {
        "prefect",
        "fastapi",
        "starlette",
        "alembic",
        "psycopg",
        "sqlmodel",
        "sqlalchemy",
        "lxml",
        "holidays",
        "rich",
        "splink",
        "pyarrow",
    }
    code = "import sys, oncor_cases.cli; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert heavy & set(loaded.split()) == set()


def test_an_error_raised_on_purpose_is_one_line() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "oncor_cases", "no-such-command"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
