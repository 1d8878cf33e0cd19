"""Every few minutes: whatever lies in the drop folder is taken in. The watcher does it at once; this is the safety net."""

import asyncio

from prefect import flow
from prefect import task as step
from prefect.cache_policies import NO_CACHE

from oncor_cases.ops import jobs


@step(retries=2, retry_delay_seconds=[30, 120], cache_policy=NO_CACHE)
async def take_in() -> dict[str, int]:
    return await asyncio.to_thread(jobs.intake)


@flow(name="intake")
async def intake() -> dict[str, int]:
    return jobs.complete(await take_in())
