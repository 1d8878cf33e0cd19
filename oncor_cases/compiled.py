"""Which core runs: the rules as plain Python, or the same files compiled by mypyc (`make core`, docs/adr/0019).

The binaries lie inside the environment, in a folder named by a hash of the very sources they were made of and of this
Python. The sources on disk are hashed again at every start, so a binary of yesterday's rules is simply not found
(tests/unit/test_compiled.py). This file reads nothing but those sources and imports nothing of ours."""

import copyreg
import hashlib
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SWITCH = "ONCOR_PURE"  # any value but 0: plain Python
GROUP = "oncor_core__mypyc"  # the one library the modules share; mypyc gives it this name
# What one person's judgement runs through; tests/unit/test_compiled.py finds whatever is missing here.
MODULES = (
    *(f"oncor_cases.kernel.{name}" for name in ("calendar", "codes", "dates")),
    *(f"oncor_cases.facts.{name}" for name in ("fact", "places", "registers", "stored", "timeline", "vocabulary")),
    *(f"oncor_cases.regulations.{name}" for name in ("routing", "rulebook")),
    *(
        f"oncor_cases.workflows.{name}"
        for name in (
            "acknowledged", "catalogue", "chemotherapy", "clocks", "course", "diagnosis", "episodes", "events",
            "first_treatment", "follow_up", "investigation", "lost", "machine", "noted", "owners", "packed", "papers",
            "pre_tumour", "route", "screening", "search", "trace", "treatment_plan", "view", "visit_volume",
        )
    ),
    *(
        f"oncor_cases.tasks.{name}"
        for name in ("assigned", "backlog", "because", "reconcile", "routed", "same_episode", "wish", "wishes")
    ),
    "oncor_cases.actions.evaluation",
)  # fmt: skip


def source(module: str, root: Path = ROOT) -> Path:
    """The file of a module."""
    return root.joinpath(*module.split(".")).with_suffix(".py")


def key(root: Path = ROOT) -> str:
    """Names what a binary must have been made of: every source, and this Python on this machine; sixteen hex digits."""
    told = hashlib.sha256(f"{sys.version}|{sys.implementation.cache_tag}|{platform.machine()}".encode())
    for module in MODULES:
        told.update(f"\n{module}\n".encode())
        told.update(source(module, root).read_bytes())
    return told.hexdigest()[:16]


def home() -> Path:
    """Where builds are kept: inside the environment, so that it goes when the environment goes."""
    return Path(sys.prefix) / "oncor-core"


class _Loader(ExtensionFileLoader):
    """Loads one module, and with it those it imports: modules of one library find each other past the import system.

    Then it teaches pickle their frozen values: mypyc makes them without the slots Python's own way of pickling needs, and
    a worker process of a sweep is sent the rules of its region."""

    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        for name in MODULES:
            for kind in vars(sys.modules[name]).values() if name in sys.modules else ():
                if isinstance(kind, type) and is_dataclass(kind) and kind not in copyreg.dispatch_table:
                    copyreg.pickle(kind, _apart)


def _apart(value: Any) -> tuple[type, tuple[Any, ...]]:
    return type(value), tuple([getattr(value, f.name) for f in fields(value) if f.init])


class Core:
    """Finds the modules of one build; stands before the usual finders."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files = {p.name.partition(".")[0]: p for p in folder.glob("*__mypyc.*")}
        for module in MODULES:
            for file in source(module, folder).parent.glob(f"{module.rpartition('.')[2]}.*"):
                self._files[module] = file

    def whole(self) -> bool:
        """Nothing of it is missing."""
        return self._files.keys() >= {*MODULES, GROUP}

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The import system asks."""
        file = self._files.get(name)
        return spec_from_file_location(name, file, loader=_Loader(name, str(file))) if file else None


running: Core | None = None


def load() -> None:
    """Puts the compiled core before the plain one, if there is one of exactly these sources and nobody forbids it."""
    global running
    if running is not None or os.environ.get(SWITCH, "0") not in ("", "0"):
        return
    try:
        made = home()
        if not made.is_dir() or any(name in sys.modules for name in MODULES):
            return
        core = Core(made / key())
    except OSError:  # a source that cannot be read will say so when it is imported
        return
    if core.whole():
        running = core
        sys.meta_path.insert(0, core)


def told() -> str:
    """For people: which core this process runs."""
    return f"собранное ({running.folder.name})" if running else "обычное (Python)"
