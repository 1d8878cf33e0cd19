"""A run whose process died without a word is ended as Crashed, so that it gives its concurrency slot back."""

from datetime import timedelta

from prefect.client.orchestration import get_client
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.states import StateType

from oncor_cases.ops.prefect_environment import SILENCE

NAME = "oncor: остановить зависший запуск"
HEARTBEAT = "prefect.flow-run.heartbeat"
ENDS = {f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Cancelled", "Crashed")}


def automation(silence: int = SILENCE) -> AutomationCore:
    """After a heartbeat we expect another one, or the end, within `silence` seconds; else the run is Crashed."""
    return AutomationCore(
        name=NAME,
        description="Процесс запуска пропал: нет ни следующего сигнала, ни окончания",
        trigger=EventTrigger(
            after={HEARTBEAT},
            expect={HEARTBEAT} | ENDS,
            match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=timedelta(seconds=silence),
        ),
        actions=[ChangeFlowRunState(state=StateType.CRASHED, message="Нет сигналов от процесса запуска")],
    )


async def install(silence: int = SILENCE) -> None:
    """Makes the automation, or brings the one that exists to this form; twice is once."""
    wanted = automation(silence)
    async with get_client() as client:
        found = await client.read_automations_by_name(NAME)
        for twin in found[1:]:
            await client.delete_automation(twin.id)
        if found:
            await client.update_automation(found[0].id, wanted)
        else:
            await client.create_automation(wanted)
