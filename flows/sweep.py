"""Each morning before work: everyone who changed or whose clock moved is evaluated, the worklist is made true."""

import asyncio

from prefect import flow
from prefect import task as step
from prefect.cache_policies import NO_CACHE

from oncor_cases.ops import jobs


@step(retries=2, retry_delay_seconds=[30, 120], cache_policy=NO_CACHE)
async def sweep_region() -> dict[str, int]:
    return await asyncio.to_thread(jobs.sweep)


@flow(name="sweep")
async def sweep() -> dict[str, int]:
    return jobs.complete(await sweep_region())
