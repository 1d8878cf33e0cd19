"""The workload all engines are compared on: our answer is exact, whatever the order of arrival.

The same pathway is measured by `make bench ARGS=peers`; this is its proof on the first 2,000 cases."""

from pathlib import Path

import pytest

from bench import peer_pathway, peers

EXPECTED = "dc5eb6e9ac5cf4c9"  # of the first 2,000 cases, as the workload's own README states
CASES = 2_000

pytestmark = pytest.mark.skipif(
    not (peers.PEERS / "gen.py").is_file(), reason="the workload is not beside the repository (../shared/peer_bench)"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = peers.generated(CASES, tmp_path_factory.mktemp("peers"))
    assert made is not None
    return made


@pytest.mark.parametrize("shuffled", [False, True], ids=["as recorded", "shuffled"])
def test_open_and_overdue_deadlines_are_exactly_the_expected_ones(folder: Path, shuffled: bool) -> None:
    answer = peer_pathway.answers(peer_pathway.cases(folder, CASES, shuffled=shuffled), peer_pathway.task(folder))

    assert peers.digest(answer) == EXPECTED


def test_every_state_of_the_pathway_is_met(folder: Path) -> None:
    task = peer_pathway.task(folder)
    views = [peer_pathway.follow(timeline, task) for timeline in peer_pathway.cases(folder, CASES)]

    states = {view.state for view in views if view is not None} - {""}  # nothing but a call or a picture is known yet
    assert states == set(peer_pathway.MACHINE.states)
