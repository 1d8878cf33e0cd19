"""What a waiting list asked for is told: its day, the list it corrects, the region whose register it is.

Only the missing answer is asked; kind, columns and sender of the list were kept when it was first read."""

from datetime import date
from typing import Any

from oncor_cases.actions import list_reading
from oncor_cases.kernel.errors import Conflict, NotFound, UserError
from oncor_cases.sources.lists import senders
from oncor_cases.store import lists
from oncor_cases.store.lists import Load
from oncor_cases.store.session import Connection, Database


def corrects(db: Database, load_id: int, *, region: int, limit: int = 20) -> list[Load]:
    """The lists a waiting one may correct: of its kind and sender, in force, the latest first. Raises NotFound."""
    with db.batch() as conn:
        found = _load(conn, region, load_id)
        return lists.of_sender(conn, region, found.kind, found.sender_org, limit) if found.kind else []


def tell(db: Database, load_id: int, *, region: int, as_of: date | None = None, of: int | None = None,
         of_region: str = "") -> None:  # fmt: skip
    """Answers what a waiting list asked for: its day, the list it corrects (`of`), or whose register it is. Of two who
    answer at once the second is told that it does not ask any more.

    Raises NotFound, Conflict, UserError (no answer)."""
    with db.batch() as conn:
        found = _load(conn, region, load_id, locked=True)
        if found.state != "waiting" or "asks" not in found.counts:
            raise Conflict("Этот список ничего не спрашивал или уже загружается")
        told: dict[str, Any] = {}
        if found.counts["asks"] == "region":
            if not of_region.strip():
                raise UserError(list_reading.OF_REGION)
            told["sender_org"] = senders.other_register(of_region)
        elif of is not None:
            earlier = _load(conn, region, of)
            if (earlier.kind, earlier.sender_org) != (found.kind, found.sender_org) or earlier.state != "loaded":
                raise UserError("Исправить можно загруженный список того же вида и отправителя")
            told |= {"as_of": earlier.as_of, "part": earlier.part}
        elif as_of is not None:
            told["as_of"] = as_of
        else:
            raise UserError("Укажите день или список, который он исправляет")
        lists.change(conn, region, load_id, state="stored", error="", counts={}, **told)


def _load(conn: Connection, region: int, load_id: int, *, locked: bool = False) -> Load:
    found = lists.get(conn, region, load_id, locked=locked)
    if found is None:
        raise NotFound("Такой загрузки нет")
    return found
