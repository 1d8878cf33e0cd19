"""A folder with its `deliveries.csv`: documents in, and what their senders voided out again, in the order of the list.

Only a demo store obeys a list: in any other a withdrawal is a decision of a person with a reason (`oncor withdraw`), so
there its lines are counted as skipped and said."""

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from itertools import groupby
from typing import Literal

from oncor_cases.actions.deliveries import Delivery, Voided
from oncor_cases.actions.ingest import Counts, ingest
from oncor_cases.actions.withdraw import withdraw
from oncor_cases.kernel.errors import Conflict, NotFound
from oncor_cases.store import regions
from oncor_cases.store.session import Database

SENDER = "отправитель"  # who withdrew, in the audit
UNSAID = "отозван отправителем"


class Taken(Counts):
    """`withdrawn`: documents voided now; `skipped`: lines of withdrawal that were not obeyed."""

    withdrawn: int
    skipped: int


def take_in(
    db: Database,
    items: Iterable[Delivery | Voided],
    *,
    region: int,
    workers: int = 2,
    progress: Callable[[int], None] | None = None,
) -> Taken:
    """Takes everything in. Repeating it changes nothing: what is voided already stays so."""
    with db.batch() as conn:
        demo = regions.get(conn, region).demo
    taken = Taken(received=0, new=0, duplicates=0, superseded=0, quarantined=0, facts=0, withdrawn=0, skipped=0)

    def documents(part: Iterable[Delivery | Voided]) -> Iterator[Delivery]:
        for item in part:
            if isinstance(item, Delivery):
                yield item
            else:
                taken["skipped"] += 1

    def told(n: int) -> None:
        if progress:
            progress(before + n)

    # where nothing is obeyed all of it is one intake
    for voided, part in groupby(items, key=lambda item: demo and isinstance(item, Voided)):
        if not voided:
            before = taken["received"]
            counts = ingest(db, documents(part), region=region, workers=workers, progress=told)
            for name, number in counts.items():
                taken[name] += number  # type: ignore[literal-required]
            continue
        for item in part:
            if isinstance(item, Voided):
                taken[_void(db, item, region)] += 1
    return taken


def _void(db: Database, item: Voided, region: int) -> Literal["withdrawn", "skipped"]:
    mark = sha256(item.data).digest()
    try:
        withdraw(db, mark, item.reason.strip() or UNSAID, by=SENDER, region=region, at=item.at)
    except (Conflict, NotFound):  # voided by an earlier run, or never delivered
        return "skipped"
    return "withdrawn"
