"""Each night: records without a common number are compared, equal ones joined, likely ones put to a person."""

import asyncio

from prefect import flow
from prefect import task as step
from prefect.cache_policies import NO_CACHE

from oncor_cases.ops import jobs


@step(retries=2, retry_delay_seconds=[30, 120], cache_policy=NO_CACHE)
async def match_region() -> dict[str, int]:
    return await asyncio.to_thread(jobs.match)


@flow(name="matching")
async def matching() -> dict[str, int]:
    return jobs.complete(await match_region())
