"""The door of lists: bytes first, then rows aside, then everything of one load becomes visible in one transaction.

    receive (commit) ──► read rows into staging (commits, unseen) ──► settle (one transaction): documents, facts, state

Killed anywhere, nothing of the load is visible and `load` does it anew. Only rows that are new or changed against the
neighbouring loads of their series become documents (facts/listed.py), so any order of loads gives the same facts."""

import logging
import tempfile
import traceback
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from secrets import token_hex
from typing import IO, Any, NamedTuple

from oncor_cases.actions import list_columns, list_pairs, list_reading, list_settling, residents, residents_withdrawn
from oncor_cases.actions.list_columns import Lost
from oncor_cases.actions.list_keeping import COPY, keep
from oncor_cases.actions.list_pairs import Mateless
from oncor_cases.actions.list_reading import Shrunk, Untold
from oncor_cases.actions.list_stages import Progress, Telling
from oncor_cases.kernel.errors import Conflict, NotFound, UserError
from oncor_cases.sources.lists import KINDS, NotATable, NotRecognised
from oncor_cases.sources.lists.tables import unpacked
from oncor_cases.store import audit, documents, list_bytes, listed, lists, raw, regions, resident_parts
from oncor_cases.store.lists import Load
from oncor_cases.store.session import ROW_REFUSED, SERVER_TROUBLE, Connection, Database, again_on_deadlock

FAULT = (
    "Список не прочитан из-за внутренней ошибки программы (код {}). Файл сохранён, данные не изменились: передайте код "
    "техподдержке и загрузите список ещё раз после исправления"
)
log = logging.getLogger("oncor.lists")
ASIDE = ("waiting", "failed")  # nothing of such a load is visible
FEW = 20  # rows of a snapshot below which a loss says nothing


class Outcome(NamedTuple):
    """What became of a list. `duplicate`: it was loaded before, as load `id`, and changed nothing. `fault`: the code under
    which the log tells of an error of ours; empty for whatever is wrong with the list itself. `waits`: for what a waiting
    list waits: `columns` (to be told), `lost` (columns of the one before), `day`, `region` (whose register it is),
    `confirmation` (that it is whole) or `pair` (the claims of a file of persons)."""

    id: int
    name: str
    kind: str
    state: str
    duplicate: bool
    counts: dict[str, int]
    error: str
    fault: str = ""
    waits: str = ""

    def told(self) -> dict[str, Any]:
        """For `--json`."""
        return self._asdict()


def receive(
    db: Database,
    file: IO[bytes] | Path,
    name: str,
    *,
    region: int,
    author: str,
    kind: str = "",
    as_of: date | None = None,
    sender: str = "",
    part: str = "",
    mapping: str = "",
    received_at: datetime | None = None,
) -> int:
    """Stores the bytes of a list and a load that waits to be read; returns its number.

    `received_at` is obeyed in a demo store only. The file is read twice in pieces and never held whole.
    Raises UserError for an unknown kind or mapping."""
    if isinstance(file, Path):
        with file.open("rb") as opened:
            return receive(
                db, opened, name, region=region, author=author, kind=kind, as_of=as_of, sender=sender, part=part,
                mapping=mapping, received_at=received_at,
            )  # fmt: skip
    list_reading.known_kind(kind)
    with db.batch() as conn:
        place = regions.get(conn, region)
        saved = lists.mapping_named(conn, region, mapping) if mapping else None
        if mapping and saved is None:
            raise UserError(f"Разметки «{mapping}» нет: посмотрите сохранённые в разделе «Списки»")
        digest, size = keep(conn, region, file)
        return lists.add(
            conn, region,
            {
                "sha256": digest, "name": _plain(name), "size": size, "kind": saved.kind if saved else kind,
                "sender_org": sender.strip() or (saved.sender_org if saved else ""), "part": part.strip(), "as_of": as_of,
                "mapping": dict(saved.columns) if saved else {}, "mapping_name": mapping, "state": "stored",
                "author": author,
                "received_at": (received_at if place.demo else None) or raw.now(conn),
            },
        )  # fmt: skip


def load(
    db: Database, load_id: int, *, region: int, progress: Progress | None = None, confirmed: bool = False,
    without_columns: bool = False,
) -> Outcome:  # fmt: skip
    """Reads a stored list and makes it visible; a list that broke off, or that nobody recognises, leaves nothing.

    A snapshot that lost too much (half the rows of the one before; a tenth of the insured) waits until somebody has
    `confirmed` it: an incomplete export would end the observation of everybody it left out. So does a list without a
    column of the one before. Raises NotFound, Conflict
    (somebody is reading it now, or it is read already)."""
    with db.batch_session() as conn:
        _get(conn, region, load_id)
        if not lists.alone(conn, region, load_id):
            raise Conflict("Этот список сейчас загружается")
        found = _get(conn, region, load_id)  # as it is now: another process may have just loaded it or packed it away
        if found.state not in ("stored", "reading", "waiting", "failed"):
            raise Conflict("Этот список уже загружен")
        with conn.transaction():
            listed.forget(conn, region, load_id)
            begun = {"counts": {}, "progress": 0, "stages": {}, "started_at": raw.now(conn)}
            lists.change(conn, region, load_id, state="reading", error="", **begun)
        told = Telling(db, region, load_id, progress)
        try:
            list_pairs.whole(conn, region, found)
            return _load(db, conn, region, _get(conn, region, load_id), told, confirmed, confirmed or without_columns)
        except Lost as error:
            return _waits(conn, region, found, "lost", error.message)
        except Mateless as error:
            return _waits(conn, region, found, "pair", error.message, kind=KINDS["claims"].name)
        except Shrunk as error:
            shrunk = {"shrunk_from": error.before, "good": error.now}
            return _waits(conn, region, found, "confirmation", error.message, counts=shrunk)
        except Untold as error:
            same = lists.of_bytes(conn, region, error.series, found.sha256) if error.asks == "day" else None
            if same is not None and same.mapping == error.columns:
                return _duplicate(conn, region, found, same)
            return _asked(conn, region, found, error)
        except NotRecognised as error:
            return _waits(conn, region, found, "columns", error.message)
        except NotATable as error:
            return _stopped(conn, region, found, "failed", error.message)
        except UserError as error:
            return _stopped(conn, region, found, "failed", error.message)
        except ROW_REFUSED:
            return _stopped(conn, region, found, "failed", "Значения списка не помещаются в базу: ничего не загружено")
        except (Conflict, *SERVER_TROUBLE):
            raise  # not the list's fault: the load stays as begun, the next run reads it anew
        except Exception as error:
            return _fault(conn, region, found, error)


def take(db: Database, path: Path, *, region: int, author: str, progress: Progress | None = None, **told: Any) -> Outcome:
    """`receive` and `load` in one."""
    return load(db, receive(db, path, path.name, region=region, author=author, **told), region=region, progress=progress)


def take_bytes(db: Database, data: bytes, name: str, *, region: int, author: str, **told: Any) -> Outcome:
    """The same for bytes that came over the network."""
    with tempfile.SpooledTemporaryFile(max_size=COPY) as file:
        file.write(data)
        return load(db, receive(db, file, name, region=region, author=author, **told), region=region)  # type: ignore[arg-type]


def finish(db: Database, *, region: int) -> list[Outcome]:
    """Whatever was stored and not read, or begun and not ended by a process that died; of whom nothing is left."""
    with db.batch() as conn:
        waiting = lists.waiting(conn, region)
    done = []
    for number in waiting:
        try:
            done.append(load(db, number, region=region))
        except (Conflict, NotFound):
            continue  # another process is at it, or it was the other half of one just read
    resident_parts.tidied(db, region)
    return done


def withdraw(db: Database, load_id: int, reason: str, *, region: int, by: str, at: datetime | None = None) -> dict[str, int]:
    """The list no longer counts: what only it said ceases, what it replaced is in force again. The bytes stay. One that
    waits or has failed said nothing and is only put aside.

    Raises NotFound, Conflict (not in force, or being read now), UserError (no reason)."""
    words = reason.strip()
    if not words:
        raise UserError("Укажите причину отзыва списка")
    with db.batch() as conn:
        kind = _get(conn, region, load_id).kind

    def mark(conn: Connection, moment: datetime, states: tuple[str, ...] = ("loaded", "replaced")) -> Load:
        found = _get(conn, region, load_id)
        if found.state not in states:
            raise Conflict("Список сейчас загружается или уже отозван")
        told = {"withdrawn_at": moment, "withdrawn_by": by, "withdrawn_reason": words}
        lists.change(conn, region, load_id, state="withdrawn", **told)
        audit.note(conn, region, "list_withdrawn", author=by, object=str(load_id), detail={"reason": words})
        return found

    with db.batch_session() as conn:  # nobody may begin to read it meanwhile
        if _get(conn, region, load_id).state in ASIDE:
            if not lists.alone(conn, region, load_id):
                raise Conflict("Список сейчас загружается или уже отозван")
            with conn.transaction():
                mark(conn, at or raw.now(conn), ASIDE)
                lists.change(conn, region, load_id, error="", counts={})
            return {"withdrawn": 0, "documents": 0}

    def once() -> dict[str, int]:
        if kind in KINDS and KINDS[kind].population:
            return residents_withdrawn.withdraw(db, region, load_id, at=at, mark=mark)
        with db.batch() as conn:
            documents.lock(conn, region)
            moment = at or raw.now(conn)
            return list_settling.removed(conn, region, mark(conn, moment), reason=words, by=by, at=moment)

    return again_on_deadlock(once)


def remap(db: Database, load_id: int, *, region: int, kind: str, columns: Mapping[str, str], name: str, sender: str,
          as_of: date | None, by: str) -> None:  # fmt: skip
    """A person matched the columns of a waiting list; with a name the mapping is kept for the next month.

    Raises NotFound, Conflict, UserError (unknown kind, required columns not matched)."""
    list_reading.complete(kind, columns)
    with db.batch() as conn:
        found = _get(conn, region, load_id, locked=True)
        if found.state not in ("waiting", "failed"):
            raise Conflict("Разметку задают списку, который её ждёт")
        kept = {ours: theirs for ours, theirs in columns.items() if theirs}
        lists.change(
            conn, region, load_id, kind=kind, mapping=kept, mapping_name=name, sender_org=sender.strip(), as_of=as_of,
            state="stored", error="", reading={},
        )  # fmt: skip
        if name.strip():
            mark = list_reading.fingerprint(conn, region, found)
            lists.save_mapping(conn, region, name.strip()[:100], kind, mark, sender.strip(), kept, by)


# --- steps ----------------------------------------------------------------------------------------------------------


def _not_lost(conn: Connection, region: int, found: Load, plan: "list_reading.Plan") -> None:
    """Raises Lost. What was told of the list is kept, its columns are not: they are what has to be looked at."""
    before = lists.in_force_before(conn, region, plan.series, plan.as_of)
    try:
        list_columns.not_lost(before, plan.kind, plan.columns, plan.asked, plan.reading)
    except Lost as error:
        with conn.transaction():
            lists.change(
                conn, region, found.id, kind=plan.kind.name, mapping_name=plan.mapping_name, sender_org=plan.sender,
                reading={**plan.reading, "lost": error.titles},
            )  # fmt: skip
        raise


def _not_shrunk(conn: Connection, region: int, plan: "list_reading.Plan", now: int) -> None:
    """Raises Shrunk."""
    if not plan.kind.snapshot:
        return
    earlier = lists.in_force_before(conn, region, plan.series, plan.as_of)
    before = int(earlier.counts.get("good", 0)) if earlier else 0
    if before >= FEW and now < before * (1 - plan.kind.may_lose):
        raise Shrunk(
            f"Список короче прежнего больше чем вдвое: было {before}, стало {now}. Похоже, он неполный", before, now
        )


def _load(
    db: Database, conn: Connection, region: int, found: Load, told: Telling, confirmed: bool, without_columns: bool
) -> Outcome:  # fmt: skip
    told.stage("recognising")
    with list_bytes.opened(conn, region, found.sha256) as stored, unpacked(stored) as file:
        plan = list_reading.recognise(conn, region, found, file)
        twin = _twin(conn, region, found, plan)
        if twin is not None:
            return _duplicate(conn, region, found, twin)
        if plan.reading and not without_columns:
            _not_lost(conn, region, found, plan)
        with conn.transaction():
            lists.change(
                conn, region, found.id, kind=plan.kind.name, series=plan.series, part=plan.part, as_of=plan.as_of,
                mapping=plan.columns, mapping_name=plan.mapping_name, sender_org=plan.sender, reading=plan.reading,
            )  # fmt: skip
        if plan.kind.population:
            residents.load(db, region, found, plan, confirmed=confirmed, progress=told)
            return _outcome(_get(conn, region, found.id))
        told.stage("reading")
        counts = list_reading.stage(conn, region, found.id, plan, told)
    if not confirmed:
        _not_shrunk(conn, region, plan, counts["good"])

    def once() -> dict[str, int]:
        told.stage("waiting")
        with conn.transaction():
            documents.lock(conn, region)
            told.stage("settling")
            whole = counts | list_settling.added(conn, region, _get(conn, region, found.id), told)
            lists.change(conn, region, found.id, state="loaded", counts=whole, finished_at=raw.now(conn))
            list_settling.restate(conn, region, _get(conn, region, found.id))
            audit.note(
                conn, region, "list_loaded", author=found.author, object=str(found.id), detail={"kind": plan.kind.name}
            )
            return whole

    counts = again_on_deadlock(once)
    if counts["documents"] >= 250:
        raw.know_sizes(conn)
    return _outcome(_get(conn, region, found.id))


def _twin(conn: Connection, region: int, found: Load, plan: "list_reading.Plan") -> Load | None:
    """The same list loaded before and still in force. Without a day of its own a snapshot counts as the same only while
    nothing newer came."""
    same = lists.twin(
        conn,
        region,
        found._replace(kind=plan.kind.name, series=plan.series, part=plan.part, as_of=plan.as_of, mapping=plan.columns),
    )
    if same is not None or plan.declared:
        return same
    if not plan.kind.snapshot:
        return lists.of_bytes(conn, region, plan.series, found.sha256)
    series = [one for one in lists.of_series(conn, region, plan.series) if one.state == "loaded"]
    return next((one for one in series[-1:] if one.sha256 == found.sha256), None)


def _duplicate(conn: Connection, region: int, found: Load, twin: Load) -> Outcome:
    with conn.transaction():
        lists.along(conn, region, twin.id, found.id)
        lists.remove(conn, region, found.id)
        audit.note(conn, region, "list_repeated", author=found.author, object=str(twin.id))
    return _outcome(twin)._replace(duplicate=True)


def _stopped(conn: Connection, region: int, found: Load, state: str, message: str, **told: Any) -> Outcome:
    with conn.transaction():
        listed.forget_rows(conn, region, found.id)
        lists.change(conn, region, found.id, state=state, error=message, **told)
    return _outcome(_get(conn, region, found.id))


def _waits(conn: Connection, region: int, found: Load, what: str, message: str, **told: Any) -> Outcome:
    return _stopped(conn, region, found, "waiting", message, **told)._replace(waits=what)


def _asked(conn: Connection, region: int, found: Load, error: Untold) -> Outcome:
    """What is known of a list that waits for one answer is kept, so the answer alone is asked for (`tell`)."""
    with conn.transaction():
        lists.change(
            conn, region, found.id, kind=error.kind.name, mapping=error.asked | error.columns,
            mapping_name=error.mapping_name,
            sender_org=error.sender,
        )  # fmt: skip
        return _waits(conn, region, found, error.asks, error.message, counts={"asks": error.asks})


def _fault(conn: Connection, region: int, found: Load, error: Exception) -> Outcome:
    """An error of ours costs this one load, or every later run would stumble over it before the other lists. The log gets
    the class and the place, never the message: it may quote a patient."""
    fault, place = token_hex(4), traceback.extract_tb(error.__traceback__)[-1]
    log.error("%s list %s not read: %s at %s:%s", fault, found.id, type(error).__name__, place.name, place.lineno)
    return _stopped(conn, region, found, "failed", FAULT.format(fault))._replace(fault=fault)


def _outcome(found: Load) -> Outcome:
    return Outcome(found.id, found.name, found.kind, found.state, False, dict(found.counts), found.error)


def _get(conn: Connection, region: int, load_id: int, *, locked: bool = False) -> Load:
    found = lists.get(conn, region, load_id, locked=locked)
    if found is None:
        raise NotFound("Такой загрузки нет")
    return found


def _plain(name: str) -> str:
    return name.encode("utf-8", "replace").decode().replace("\x00", "")[-300:]


__all__ = ["Iterable", "Outcome", "finish", "load", "receive", "remap", "take", "take_bytes", "withdraw"]
