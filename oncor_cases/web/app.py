"""The web application: `create(settings)` for tests and servers, `app()` as the factory uvicorn calls."""

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from oncor_cases import config
from oncor_cases.config import Settings
from oncor_cases.kernel.errors import OncorError
from oncor_cases.store.session import Database
from oncor_cases.web import (
    absence,
    account,
    api,
    backlog,
    board,
    case,
    comparisons,
    contingent_rooms,
    decision,
    document,
    failures,
    fixing,
    identity,
    inbox,
    late_stage,
    likeness,
    list_mapping,
    lists,
    notices,
    organisations,
    papers,
    person_records,
    places,
    proposals,
    records,
    routing,
    rulebook,
    statistics,
    status,
)
from oncor_cases.web.access import NotSignedIn, Parts
from oncor_cases.web.guard import Guard, plain_fields
from oncor_cases.web.pages import STATIC


def create(settings: Settings, db: Database | None = None) -> FastAPI:
    """The application over one database. Without `db` the one of the settings is opened (and migrated)."""
    if db is None:
        from oncor_cases.store import opening

        db = opening.start(settings.database_url, settings.home)
    app = FastAPI(title="ONCOR Cases", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(plain_fields)])
    app.state.parts = Parts(settings, db)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    for room in (
        account, inbox, case, decision, board, statistics, document, identity, likeness, papers, fixing,
        notices, absence, late_stage, contingent_rooms, backlog, comparisons, routing, organisations, places,
        person_records, lists,
        list_mapping, records, proposals, rulebook, status, api,
    ):  # fmt: skip
        app.include_router(room.routes)
    app.add_exception_handler(NotSignedIn, failures.sign_in_first)
    app.add_exception_handler(OncorError, failures.known)
    app.add_exception_handler(HTTPException, failures.refused)
    app.add_exception_handler(RequestValidationError, failures.unreadable)
    app.add_middleware(Guard)
    return app


def app() -> FastAPI:
    """`uvicorn --factory oncor_cases.web.app:app`."""
    return create(config.read())
