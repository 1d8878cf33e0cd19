"""A list of insured is taken back: the one before says how things are again, read anew from its bytes.

Whoever was only in the withdrawn list is no resident any more; whom an earlier list had is gone since the list after it.
Records that persons were made of stay with their persons, as those of withdrawn documents do."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from oncor_cases.actions import list_reading
from oncor_cases.actions.list_stages import Silent
from oncor_cases.actions.residents import Apply, begin, counting, restate
from oncor_cases.sources.lists.tables import unpacked
from oncor_cases.store import (
    documents,
    list_bytes,
    persons,
    raw,
    resident_apply,
    resident_list,
    resident_undo,
    residents,
)
from oncor_cases.store.lists import Load
from oncor_cases.store.session import Connection, Database


def withdraw(
    db: Database, region: int, load: int, *, at: datetime | None, mark: Callable[[Connection, datetime], Load]
) -> dict[str, int]:
    """Returns counts as any withdrawal does. `mark` writes it into the load and returns the load as it was, in the same
    transaction; raises what `mark` raises."""
    with db.owner() as conn:
        begin(conn, region)
        moment = at or raw.now(conn)
        found = mark(conn, moment)
        assert found.as_of is not None
        before = counting(conn, region, found.series, also=found)
        rest = [one for one in before if one.id != load]
        place = [one.id for one in before].index(load)
        restored = 0
        if place == len(before) - 1:
            resident_undo.set_aside(conn, region, load, found.as_of)
            restored = _again(conn, region, rest[-1], moment) if rest else 0
        else:
            after = before[place + 1]
            assert after.as_of is not None
            since = found.as_of if any(one.as_of == found.as_of for one in rest) else after.as_of
            resident_undo.confirmed(conn, region, load, found.as_of, after.id, since)
        left, subjects = resident_undo.stale_table(conn, region, load)
        gone = _earlier(conn, region, rest, left)
        resident_undo.remove_stale(conn, region)
        resident_apply.present_names(conn, region)
        documents.lock(conn, region)
        residents.state_attachment(conn, region, subjects, moment)
        persons.refresh(conn, region, persons.of_subjects(conn, region, subjects))
        restate(conn, region, found.series)
    return {"documents": restored, "gone": gone, "withdrawn": left - gone, "facts": 0}


def _again(conn: Connection, region: int, one: Load, at: datetime) -> int:
    """The list that says how things are again. Returns how many residents it restored."""
    with _read(conn, region, one) as apply:
        restored = resident_apply.correct(conn, region, one.id)
        apply.leave(confirmed=True)
        restored += resident_apply.add(conn, region, one.id, None)
        resident_list.settled(conn, *resident_list.JOINED)
        documents.lock(conn, region)
        apply.join(first=False, at=at)
    return restored


def _earlier(conn: Connection, region: int, rest: Sequence[Load], left: int) -> int:
    """Earlier lists, the latest first, may know whom the withdrawn one left behind. Returns how many they knew."""
    found = 0
    for one, after in zip(rest[-2::-1], rest[:0:-1], strict=True):
        if found == left:
            break
        assert after.as_of is not None
        with _read(conn, region, one) as apply:
            found += resident_undo.as_before(conn, region, one.id, after.as_of)
            resident_apply.remember_former(conn, region, one.id, apply.day, older=True)
    return found


@contextmanager
def _read(conn: Connection, region: int, one: Load) -> Iterator[Apply]:
    """A list read anew: which of its lines is which resident."""
    with list_bytes.opened(conn, region, one.sha256) as stored, unpacked(stored) as file:
        plan = list_reading.recognise(conn, region, one, file)
        with Apply(conn, region, one, plan, Silent()) as apply:
            apply.read(first=False)
            apply.meet()
            yield apply
            resident_list.drop_tables(conn)
