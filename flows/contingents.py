"""Each morning: lists with a definition are made anew, their subscribers are told who entered and who left."""

import asyncio

from prefect import flow
from prefect import task as step
from prefect.cache_policies import NO_CACHE

from oncor_cases.ops import jobs


@step(retries=2, retry_delay_seconds=[30, 120], cache_policy=NO_CACHE)
async def refresh_lists() -> dict[str, int]:
    return await asyncio.to_thread(jobs.refresh_contingents)


@flow(name="contingents")
async def contingents() -> dict[str, int]:
    return jobs.complete(await refresh_lists())
