"""Whatever the order of arrival, the batches and the repeats: the same facts in force, persons, quarantine and scope."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oncor_cases.actions.deliveries import Delivery
from oncor_cases.actions.ingest import ingest
from oncor_cases.store import regions
from oncor_cases.store.session import Database
from tests.intake import fakes
from tests.intake.fakes import CLINIC, OTHER, paper
from tests.intake.store_state import state

START = datetime(2026, 3, 2, 9, tzinfo=UTC)

papers = st.builds(
    paper,
    st.sampled_from(["S1", "S2", "S3", ""]),
    st.integers(1, 3),
    st.lists(
        st.sampled_from(
            [
                ["suspicion", "2026-03-02", {"icd10": "C50.9"}],
                ["referral", "2026-03-03", {"org": OTHER}],
                ["attached", "2026-01-10", {"org": OTHER}],
                ["attached", "2026-01-10", {"org": CLINIC}],
                ["death", "2026-05-01", {}],
            ]
        ),
        max_size=2,
    ),
    org=st.sampled_from([CLINIC, OTHER]),
    snils=st.sampled_from(["", "11223344595", "16123456701"]),
    enp=st.sampled_from(["", "7700000000000019"]),
    local_id=st.sampled_from(["", "17"]),
    born=st.sampled_from(["1960-04-12", "1960-04-12", "1961-04-12", ""]),
    sex=st.sampled_from(["female", "female", "male", ""]),
    note=st.sampled_from(["", "другой текст"]),
)
deliveries = st.lists(
    st.builds(lambda data, hours: Delivery("x.xml", data, START + timedelta(hours=hours)), papers, st.integers(0, 90)),
    min_size=1,
    max_size=9,
    unique_by=lambda d: d.data,
)


def stored(fresh_url, batches):
    db = Database(fresh_url("oncor_template"))
    with db.batch() as conn:
        regions.ensure(conn, 1, demo=True)
    for batch in batches:
        ingest(db, batch, region=1, reader=fakes.read)
    return state(db)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deliveries, st.data())
def test_any_order_batches_and_repeats_give_the_same_store(fresh_url, items, data):
    shuffled = data.draw(st.permutations(items))
    cut = data.draw(st.integers(0, len(items)))
    repeated = data.draw(st.sampled_from(items))
    assert stored(fresh_url, [items]) == stored(fresh_url, [shuffled[:cut], shuffled[cut:], [repeated]])
