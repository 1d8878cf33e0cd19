"""Where the browser tests find Chromium: a browser of the system, never a download of its own.

`find()` is used by the browser fixtures; `python tests/chromium.py --install` is what `make test` runs first: as root on
a machine with Debian packages it installs Chromium and a font with Cyrillic letters, else it only says what is missing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
MISSING = "нет Chromium: поставьте пакет chromium (Debian) или Google Chrome; тесты в браузере пропущены"


def find() -> str | None:
    """Path of a browser Playwright can drive; CHROMIUM names another one."""
    named = os.environ.get("CHROMIUM")
    found = [named] if named else [shutil.which(name) for name in NAMES]
    if not named and MAC.exists():
        found.append(str(MAC))
    return next((path for path in found if path), None)


def demanded() -> bool:
    """In CI a missing browser is a failure, not a skip."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def install() -> None:
    """Debian packages, quietly; a failure leaves things as they are, the tests then say so by name."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    quiet = {"stdout": subprocess.DEVNULL, "stdin": subprocess.DEVNULL, "env": environment}
    packages = ["chromium", "fonts-dejavu-core"]
    print("Ставлю Chromium для тестов в браузере", flush=True)
    subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
    subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], check=False, **quiet)


def main() -> int:
    if "--install" in sys.argv and not find() and shutil.which("apt-get") and getattr(os, "geteuid", lambda: 1)() == 0:
        install()
    path = find()
    print(f"Браузер: {path}" if path else f"Браузер: {MISSING}", flush=True)
    return 1 if path is None and demanded() else 0


if __name__ == "__main__":
    sys.exit(main())
