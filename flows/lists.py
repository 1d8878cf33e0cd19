"""Every few minutes: lists that wait are loaded. The web and the drop folder begin at once; this ends what they left."""

import asyncio

from prefect import flow
from prefect import task as step
from prefect.cache_policies import NO_CACHE

from oncor_cases.ops import jobs


@step(retries=2, retry_delay_seconds=[30, 120], cache_policy=NO_CACHE)
async def load_lists() -> dict[str, int]:
    return await asyncio.to_thread(jobs.lists)


@flow(name="lists")
async def lists() -> dict[str, int]:
    return jobs.complete(await load_lists())
