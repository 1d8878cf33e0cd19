"""One long process serves every deployment of a single machine: `python -m flows.serve`.

Several hosts: the same flows on a process work pool (docs/production.md). A missed schedule is not made up for run by
run: of the late ones one starts and the others are cancelled, and each computes from now."""

import asyncio
import tempfile

from prefect import serve
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.flows import EntrypointType, Flow
from prefect.schedules import Cron, Schedule
from prefect.settings import get_current_settings

from flows import zombies
from flows.contingents import contingents
from flows.escalate import escalate
from flows.intake import intake
from flows.lists import lists
from flows.matching import matching
from flows.reconcile import reconcile
from flows.sweep import sweep
from flows.whatif import whatif
from oncor_cases import config

ALONE = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
TIMES = {  # in the region's own time
    intake: "*/5 * * * *",
    lists: "*/5 * * * *",
    matching: "30 4 * * *",  # before the sweep, so the morning's list knows who is who
    reconcile: "0 5 * * *",  # who is who is settled, and the morning's list has the work it gives
    sweep: "0 6 * * *",
    contingents: "30 6 * * *",  # after the sweep: saved queries read the states and tasks of today
    escalate: "5 8-18 * * 1-5",
    whatif: "*/10 * * * *",
}


def deployments(timezone: str, times: dict[Flow, str] | None = None) -> list[RunnerDeployment]:
    """A deployment of each flow, never two runs of one at a time."""
    return [deployment(flow, Cron(cron, timezone=timezone)) for flow, cron in (times or TIMES).items()]


def deployment(flow: Flow, schedule: Schedule) -> RunnerDeployment:
    return flow.to_deployment(
        name="oncor", schedule=schedule, concurrency_limit=ALONE, entrypoint_type=EntrypointType.MODULE_PATH
    )


def main() -> None:
    asyncio.run(zombies.install())
    # Prefect works in a folder of one name for everybody under the temp folder: a second user may not write there
    own = get_current_settings().home / "tmp"
    own.mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = str(own)
    # pause_on_shutdown would leave the schedules paused after a clean restart
    serve(*deployments(config.read().timezone), pause_on_shutdown=False, print_starting_message=False, limit=3)


if __name__ == "__main__":
    main()
