"""Every ten minutes: what-ifs of proposed rules that wait. The page starts them at once; this takes up what was cut."""

import asyncio

from prefect import flow
from prefect import task as step
from prefect.cache_policies import NO_CACHE

from oncor_cases.ops import jobs


@step(retries=2, retry_delay_seconds=[30, 120], cache_policy=NO_CACHE)
async def compute_whatifs() -> dict[str, int]:
    return await asyncio.to_thread(jobs.whatif)


@flow(name="whatif")
async def whatif() -> dict[str, int]:
    return jobs.complete(await compute_whatifs())
