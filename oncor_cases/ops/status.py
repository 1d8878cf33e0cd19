"""What the supervisor last wrote down of its parts: read by the web, which shows "scheduler starting" meanwhile."""

import json
import os
from pathlib import Path

import psutil

UP, STARTING, DOWN = "up", "starting", "down"


def write(home: Path, parts: dict[str, bool]) -> None:
    """`parts`: which serve. Written whole or not at all."""
    fresh = home / "status.json.new"
    fresh.write_text(json.dumps({"supervisor": os.getpid(), "parts": parts}), encoding="utf-8")
    fresh.replace(home / "status.json")


def clear(home: Path) -> None:
    """The supervisor ends."""
    (home / "status.json").unlink(missing_ok=True)


def read(home: Path) -> dict[str, str]:
    """Part (web, prefect, schedules) → up, starting or down; empty if no supervisor runs over this data folder."""
    try:
        told = json.loads((home / "status.json").read_text(encoding="utf-8"))
        if not psutil.pid_exists(int(told["supervisor"])):
            return {}
        return {str(name): UP if up else STARTING for name, up in told["parts"].items()}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def scheduler(home: Path) -> str:
    """`up` once schedules are served, `starting` before, `down` where nothing supervises them."""
    return read(home).get("schedules", DOWN)
