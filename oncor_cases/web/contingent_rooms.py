"""Every page about lists of people, in an order in which a fixed word comes before the address of a list."""

from fastapi import APIRouter

from oncor_cases.web import (
    contingent,
    contingent_builder,
    contingent_export,
    contingent_rejects,
    contingent_sources,
    contingent_work,
    contingents,
)

routes = APIRouter()
for room in (
    contingents, contingent_builder, contingent_sources, contingent_work, contingent_export, contingent_rejects, contingent,
):  # fmt: skip
    routes.include_router(room.routes)
