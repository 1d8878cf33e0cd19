"""Claims and their file of persons (L) are one list, whichever of the two came first and by whichever door.

A file of persons alone waits; claims alone are read by the policies they hold. When the second of them comes, both are
read as one archive, which takes the place of the claims that were alone (order 79: H, C, T, D* with their L)."""

from contextlib import ExitStack
from datetime import timedelta
from pathlib import PurePosixPath
from typing import IO

from oncor_cases.actions.list_keeping import keep, packed
from oncor_cases.kernel.codes import is_oid
from oncor_cases.kernel.errors import Conflict, UserError
from oncor_cases.sources.lists import claims
from oncor_cases.store import audit, list_bytes, listed, lists
from oncor_cases.store.lists import Load
from oncor_cases.store.session import Connection

UNREAD = ("stored", "reading", "waiting")
MAINS = (*UNREAD, "failed", "loaded")
BUSY = "Счета этого файла персон сейчас загружаются"


class Mateless(UserError):
    """A file of persons whose claims have not come yet."""


def is_persons(load: Load) -> bool:
    """A file of persons by its name, unless somebody said that it is another list."""
    return load.kind in ("", claims.CLAIMS.name) and bool(claims.PERSONS.match(_base(load.name)))


def whole(conn: Connection, region: int, load: Load) -> None:
    """Makes a load of one half the load of both, if the other half is here; any other list stays as it is.

    Raises Mateless (a file of persons without claims), Conflict (its claims are being read now)."""
    if is_persons(load):
        _with_claims(conn, region, load)
    elif load.kind in ("", claims.CLAIMS.name) and claims.MAIN.match(_base(load.name)):
        _with_persons(conn, region, load)


def _with_claims(conn: Connection, region: int, persons: Load) -> None:
    named = lists.named(conn, region, claims.mains_of(_base(persons.name)), MAINS)
    trusted = (one for one in named if _trusted(persons, one.sender_org))
    main = next((now for one in trusted if (now := _alone(conn, region, one)).state in MAINS), None)
    if main is None:
        raise Mateless(
            "Это файл персон (L): без своего файла счетов он ничего не сообщает. Сохранён и будет прочитан вместе с ним, "
            "когда файл счетов придёт"
        )
    if main.state in ("stored", "reading"):
        raise Conflict(BUSY)
    told: dict[str, object] = {"kind": main.kind, "sender_org": main.sender_org, "part": main.part, "as_of": main.as_of}
    # Claims that are loaded are replaced when both are: of one day the list that came last counts (list_settling._of).
    told["received_at"] = max(persons.received_at, main.received_at + timedelta(microseconds=1))
    _one(conn, region, persons, main, persons, gone=None if main.state == "loaded" else main, **told)


def _with_persons(conn: Connection, region: int, main: Load) -> None:
    for one in lists.named(conn, region, claims.persons_of(_base(main.name)), UNREAD):
        if _trusted(one, main.sender_org) and lists.alone(conn, region, one.id):
            persons = lists.get(conn, region, one.id)
            if persons is not None and persons.state in UNREAD:
                _one(conn, region, main, main, persons, gone=persons)
                return


def _alone(conn: Connection, region: int, one: Load) -> Load:
    """The other half as it is once nobody else may read, pack or put it aside. Raises Conflict."""
    if not lists.alone(conn, region, one.id):
        raise Conflict(BUSY)
    found = lists.get(conn, region, one.id)
    if found is None:  # it went along with another list meanwhile
        raise Conflict(BUSY)
    return found


def _trusted(persons: Load, sender: str) -> bool:
    """A clinic's registrar completes the claims of the own clinic only."""
    return not is_oid(persons.sender_org) or persons.sender_org == sender


def _one(
    conn: Connection, region: int, load: Load, main: Load, persons: Load, *, gone: Load | None, **told: object
) -> None:  # fmt: skip
    """The row of `load` becomes that of the archive of both; the row of `gone` goes with the same transaction.

    Raises Conflict where somebody answered for the other half while both were packed: the answer would be lost."""
    other = main if load is persons else persons
    with ExitStack() as stack:
        name = PurePosixPath(_base(main.name)).with_suffix(".xml").name
        body: IO[bytes] = stack.enter_context(list_bytes.opened(conn, region, main.sha256))
        size = main.size
        if body.read(4) == b"PK\x03\x04":
            body.seek(0)
            name, size, body = claims.main_of(body, stack)
        else:
            body.seek(0)
        own = stack.enter_context(list_bytes.opened(conn, region, persons.sha256))
        archive = stack.enter_context(packed((name, size, body), (_base(persons.name), persons.size, own)))
        with conn.transaction():
            now = lists.get(conn, region, other.id, locked=True)
            if now is None or _answers(now) != _answers(other):
                raise Conflict(BUSY)
            digest, size = keep(conn, region, archive)
            zipped = PurePosixPath(main.name.replace("\\", "/")).with_suffix(".zip").as_posix()
            lists.change(conn, region, load.id, sha256=digest, size=size, name=zipped, **told)
            if gone is not None:
                listed.forget(conn, region, gone.id)
                lists.along(conn, region, load.id, gone.id)
                lists.remove(conn, region, gone.id)
            audit.note(conn, region, "list_paired", author=load.author, object=str(load.id))


def _answers(load: Load) -> tuple[object, ...]:
    return load.state, load.sha256, load.kind, load.sender_org, load.part, load.as_of, load.mapping


def _base(name: str) -> str:
    return name.replace("\\", "/").rsplit("/", 1)[-1].rsplit("!", 1)[-1]
