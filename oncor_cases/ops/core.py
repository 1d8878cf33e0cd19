"""`make core`: compiles the rules with mypyc into the environment, if there is a C compiler (docs/adr/0019).

Sources are compiled in a temporary folder and the result is moved into place whole, so a build that was stopped half-way
leaves nothing. Builds of other sources are removed."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter

from oncor_cases import compiled

_SETUP = """
from mypyc.build import mypycify
from setuptools import setup
setup(name="oncor-core", packages=[], py_modules=[], ext_modules=mypycify(
    ["--strict", "--ignore-missing-imports", "--follow-imports=silent", "--no-incremental", *{files!r}],
    opt_level="2", debug_level="0", group_name="oncor_core"))
"""


def compiler() -> str:
    """The first line of the C compiler's version, empty if there is none that works with this Python."""
    command = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    if not command or shutil.which(command[0]) is None:
        return ""
    header = Path(sysconfig.get_paths()["include"]) / "Python.h"
    done = subprocess.run([command[0], "--version"], capture_output=True, text=True, check=False)
    return done.stdout.partition("\n")[0] if done.returncode == 0 and header.is_file() else ""


def build(root: Path = compiled.ROOT, home: Path | None = None) -> str:
    """Makes the binaries of the sources under `root`, unless they are there; returns a line for people."""
    home = home or compiled.home()
    cc = compiler()
    if not cc:
        return "Ядро не собрано: нет компилятора C или заголовков Python; правила идут обычным Python"
    try:
        made_by = {"compiler": cc, "mypy": version("mypy")}
    except PackageNotFoundError:
        return "Ядро не собрано: нет пакета mypy; правила идут обычным Python"
    place = home / compiled.key(root)
    if _made_by(place) == made_by and compiled.Core(place).whole():
        return f"Ядро собрано раньше ({place.name})"
    began = perf_counter()
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix=".new-") as folder:
        fresh = Path(folder)
        files = _copied(root, fresh)
        (fresh / "setup.py").write_text(_SETUP.format(files=files), encoding="utf-8")
        env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {compiled.SWITCH: "1", "MYPYPATH": ""}
        command = [
            sys.executable,
            "setup.py",
            "-q",
            "build_ext",
            "--build-lib",
            "lib",
            "--parallel",
            str(os.cpu_count() or 1),
        ]
        done = subprocess.run(command, cwd=fresh, env=env, capture_output=True, text=True, check=False)
        if done.returncode != 0 or not compiled.Core(fresh / "lib").whole():
            said = (done.stderr or done.stdout).strip().splitlines()[-15:]
            return "\n".join(["Ядро не собрано, правила идут обычным Python:", *said])
        (fresh / "lib" / "made.json").write_text(json.dumps(made_by), encoding="utf-8")
        for old in home.iterdir():
            if old.is_dir() and not old.name.startswith("."):
                shutil.rmtree(old, ignore_errors=True)
        (fresh / "lib").rename(place)
    return f"Ядро собрано за {perf_counter() - began:.0f} с ({place.name}, {cc})"


def _copied(root: Path, folder: Path) -> list[str]:
    """The packages the sources live in, whole: mypy must see what they import. Returns the files to compile."""
    shutil.copytree(
        root / "oncor_cases", folder / "oncor_cases",
        ignore=lambda _, names: [n for n in names if n in ("web", "templates", "migrations", "__pycache__")],
    )  # fmt: skip
    return [compiled.source(module, Path()).as_posix() for module in compiled.MODULES]


def _made_by(place: Path) -> dict[str, str] | None:
    try:
        told: dict[str, str] = json.loads((place / "made.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told


if __name__ == "__main__":
    print(build())
