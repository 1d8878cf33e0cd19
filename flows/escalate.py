"""Hourly in working hours: levels that wake are reconciled, notices of the outbox are delivered."""

import asyncio

from prefect import flow
from prefect import task as step
from prefect.cache_policies import NO_CACHE

from oncor_cases.ops import jobs


@step(retries=2, retry_delay_seconds=[30, 120], cache_policy=NO_CACHE)
async def escalate_region() -> dict[str, int]:
    return await asyncio.to_thread(jobs.escalate)


@flow(name="escalate")
async def escalate() -> dict[str, int]:
    return jobs.complete(await escalate_region())
