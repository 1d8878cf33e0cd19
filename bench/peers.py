"""Our rules and other people's engines on one workload, in one run: cases a second side by side, equal answers or not.

The workload and the programs that drive the peers stand beside the project (../shared/peer_bench); its generator makes
the data. Peers live in a throw-away environment, one process each. What cannot be had is skipped by name."""

import gc
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from bench import measure, peer_pathway
from bench.peer_pathway import Row

PEERS = Path(__file__).resolve().parents[2] / "shared" / "peer_bench"
PYTHON_PEERS = ("SpiffWorkflow==3.2.0", "python-statemachine==3.2.2", "transitions==0.9.3")
NODE_PEERS = ("cht-conf-test-harness@5.0.4", "cht-conf@6.6.1")
TIMES = 3  # ours: the best of
PATIENCE = 900  # seconds one peer, or one installation, may take


def run(cases: int, rows: bool = False, data: Path | None = None, home: Path | None = None) -> None:
    """`rows`: print our answer line by line instead of pairing; `data`: a folder the generator made already;
    `home`: keep the environments of the peers there."""
    with _folder(home) as kept, tempfile.TemporaryDirectory(prefix="oncor-bench-") as made:
        folder = data or generated(cases, Path(made))
        if folder is None:
            print(f"\nСравнение с другими движками пропущено: нет папки {_named(PEERS)}")
            return
        if rows:
            answer = peer_pathway.answers(peer_pathway.cases(folder, cases), peer_pathway.task(folder))
            print("\n".join("|".join(map(str, row)) for row in sorted(answer)))
            print(digest(answer), file=sys.stderr)
            return
        ours = list(_ours(folder, cases))
        theirs, skipped = _theirs(folder, cases, kept)
        _show([*ours, *theirs], ours[0]["rows"], skipped)


def generated(cases: int, folder: Path) -> Path | None:
    """The folder with the data of the workload's own generator; None where it is not beside the project."""
    if not (PEERS / "gen.py").is_file():
        return None
    _call([sys.executable, PEERS / "gen.py", cases, folder])
    return folder


def digest(rows: Iterable[Row]) -> str:
    """Equal digests, equal answers, whatever the order: sixteen hex digits."""
    lines = "".join("|".join(map(str, row)) + "\n" for row in sorted(rows))
    return hashlib.sha256(lines.encode()).hexdigest()[:16]


def _ours(folder: Path, cases: int) -> Iterator[dict[str, Any]]:
    task = peer_pathway.task(folder)
    for mode, shuffled in (("по фактам в памяти", False), ("то же, порядок прихода перемешан", True)):
        made = list(peer_pathway.cases(folder, cases, shuffled=shuffled))
        yield _best(mode, len(made), lambda made=made: peer_pathway.answers(made, task))
        del made
    text = (folder / "cases.jsonl").read_bytes()
    yield _best(
        "из JSON: разбор, факты, правила",
        min(cases, text.count(b"\n")),
        lambda: peer_pathway.answers(peer_pathway.cases(folder, cases), task),
    )


def _best(mode: str, cases: int, answer: Any) -> dict[str, Any]:
    gc.collect()
    gc.freeze()  # the cases are no garbage: the peers do not pay for ours, we do not pay for looking at them
    taken = []
    for _ in range(TIMES):
        wall, cpu = perf_counter(), process_time()
        rows = answer()
        taken.append((process_time() - cpu, perf_counter() - wall))
    gc.unfreeze()
    cpu, wall = min(taken)
    return {
        "engine": "ONCOR Cases",
        "mode": mode,
        "cases": cases,
        "cases_per_s_cpu": cases / cpu,
        "cases_per_s_wall": cases / wall,
        "hash": digest(rows),
        "rows": rows,
    }


def _theirs(folder: Path, cases: int, home: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """The lines the peers printed, and who was skipped and why."""
    lines: list[dict[str, Any]] = []
    skipped: list[str] = []
    python, why = _python(home)
    oracle = ("эталон (Python без движка)", [sys.executable, "ref_engine.py", folder, cases], "")
    few = min(cases, 2_000)
    engines = [
        oracle,
        ("SpiffWorkflow", [python, "bench_spiff.py", folder, few], why),
        ("python-statemachine", [python, "bench_statemachine.py", folder, min(cases, 5_000), "statemachine"], why),
        ("transitions", [python, "bench_statemachine.py", folder, cases, "transitions"], why),
    ]
    node, why = _node(home)
    engines.append(("CHT rules engine", ["node", "bench_cht.js", folder, "emitter", cases, node], why))
    with tempfile.TemporaryDirectory(prefix="oncor-bench-") as copy:  # the programs leave caches beside themselves
        here = shutil.copytree(PEERS, Path(copy) / "peers")
        for name, command, missing in engines:
            if missing:
                skipped.append(f"{name}: {missing}")
                continue
            try:
                lines += [json.loads(x) for x in _call(command, here).splitlines() if x.startswith("{")]
            except (OSError, subprocess.SubprocessError, ValueError) as error:
                skipped.append(f"{name}: {_reason(error)}")
    return lines, skipped


def _python(home: Path) -> tuple[Path, str]:
    """The interpreter of the peers' own environment, or why there is none."""
    folder = home / "python"
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    try:
        if not python.exists():
            venv.create(folder, with_pip=True)
        _call([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PYTHON_PEERS])
    except (OSError, subprocess.SubprocessError) as error:
        return python, f"не поставить из реестра пакетов ({_reason(error)})"
    return python, ""


def _node(home: Path) -> tuple[Path, str]:
    """The folder of node modules, or why there is none."""
    folder = home / "node"
    if not shutil.which("npm"):
        return folder, "на машине нет npm"
    try:
        folder.mkdir(exist_ok=True)
        if not (folder / "node_modules" / ".package-lock.json").exists():
            _call(["npm", "init", "-y"], folder)
            _call(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", *NODE_PEERS], folder)
    except (OSError, subprocess.SubprocessError) as error:
        return folder, f"не поставить из реестра пакетов ({_reason(error)})"
    return folder / "node_modules", ""


def _call(command: list[Any], folder: Path | None = None) -> str:
    clean = {k: v for k, v in os.environ.items() if k not in ("RESULTS", "ROWS", "PYTHONPATH")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=clean | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    return done.stdout


def _reason(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        said = [line for line in (error.stderr or "").strip().splitlines() if line]
        return said[-1][:120] if said else f"код {error.returncode}"
    return type(error).__name__


def _show(lines: list[dict[str, Any]], rows: list[Row], skipped: list[str]) -> None:
    print("\nОдна задача для всех движков   [цель: 20 000 случаев в секунду на ядро]")
    print(f"  сумма ответа {lines[0]['hash']} ({lines[0]['cases']:,} случаев), загрузка машины {measure.load()}")
    print(f"  {'движок и способ':<88} {'случаев':>8} {'в секунду ЦП · часов':>22}")
    for x in lines:
        if not x.get("hash"):
            continue
        speed = f"{x['cases_per_s_cpu']:,.0f} · {x['cases_per_s_wall']:,.0f}"
        verdict = "ответ тот же" if x["hash"] == digest(_first(rows, x["cases"])) else "ответ другой"
        if x.get("cases_with_wrong_list"):
            verdict += f": неверно у {x['cases_with_wrong_list']}"
        print(f"  {x['engine'] + ': ' + x['mode']:<88} {x['cases']:>8,} {speed:>22}   {verdict}")
    for line in skipped:
        print(f"  пропущен {line}")
    sys.stdout.flush()


def _first(rows: list[Row], cases: int) -> list[Row]:
    """The answer for the first cases: some peers are asked about fewer, or it would take all day."""
    return [row for row in rows if int(row.case.removeprefix("c")) < cases]


def _named(path: Path) -> str:
    return f"../{path.parent.name}/{path.name} рядом с проектом"


@contextmanager
def _folder(home: Path | None) -> Iterator[Path]:
    if home is not None:
        home.mkdir(parents=True, exist_ok=True)
        yield home
        return
    with tempfile.TemporaryDirectory(prefix="oncor-bench-") as folder:
        yield Path(folder)
