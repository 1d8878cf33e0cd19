"""Each night, after who is who: the sources are compared, differences found and ended, work about them given."""

import asyncio

from prefect import flow
from prefect import task as step
from prefect.cache_policies import NO_CACHE

from oncor_cases.ops import jobs


@step(retries=2, retry_delay_seconds=[30, 120], cache_policy=NO_CACHE)
async def compare_sources() -> dict[str, int]:
    return await asyncio.to_thread(jobs.reconcile)


@flow(name="reconcile")
async def reconcile() -> dict[str, int]:
    return jobs.complete(await compare_sources())
