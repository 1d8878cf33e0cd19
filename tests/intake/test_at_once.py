"""Two intakes at once, and an intake beside decisions about persons: nothing doubled, nothing lost, no deadlock left."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from oncor_cases.actions.deliveries import Delivery
from oncor_cases.actions.ingest import ingest
from oncor_cases.store import regions
from oncor_cases.store.session import Database
from tests.intake import fakes
from tests.intake.fakes import paper
from tests.intake.store_state import state

AT = datetime(2026, 3, 3, tzinfo=UTC)
PAPERS = [
    paper(f"S{n % 50}", n // 50 + 1, snils=["11223344595", "16123456701", ""][n % 3], local_id=str(n % 23))
    for n in range(150)
]


def ready(url):
    db = Database(url)
    with db.batch() as conn:
        regions.ensure(conn, 1, demo=True)
    return db


def take(db, papers):
    counts = [
        ingest(db, [Delivery("x", p, AT) for p in papers[i : i + 15]], region=1, reader=fakes.read, workers=1)
        for i in range(0, len(papers), 15)
    ]
    return sum(c["new"] for c in counts)


def test_two_intakes_of_the_same_documents_at_once(fresh_url):
    alone = ready(fresh_url("oncor_template"))
    take(alone, PAPERS)
    both = ready(fresh_url("oncor_template"))
    with ThreadPoolExecutor(3) as pool:
        new = sum(pool.map(lambda papers: take(both, papers), (PAPERS, PAPERS[::-1], PAPERS[75:] + PAPERS[:75])))
    assert new == 150
    assert state(both) == state(alone)
