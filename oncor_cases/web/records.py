"""The door for records of ONCOR's interface: `POST /api/v1/records` with a token."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from oncor_cases.actions import lists as door
from oncor_cases.store import decisions, lists, regions
from oncor_cases.web import list_loading
from oncor_cases.web.access import PartsNeeded
from oncor_cases.web.api import body_of, sender_of

routes = APIRouter(prefix="/api/v1")
SHOWN = 100  # rejects told in one answer


@routes.post("/records")
def receive(request: Request, p: PartsNeeded, body: Annotated[bytes, Depends(body_of)]) -> Response:
    """Takes an array of records in: 201 with the counts and the rejected ones, 200 when these bytes were here before.

    401 without a valid token, 400 for an empty body, 422 for bytes that are no records, 500 for an error of ours with its
    code: the load is kept and can be read again. What was sent is kept first."""
    region, name = sender_of(request, p)
    if not body.strip():
        raise HTTPException(400, "Тело запроса пустое: пришлите записи массивом JSON")
    with p.db.batch() as conn:
        today = p.settings.day(demo=regions.get(conn, region).demo)
        at = decisions.moment(conn, region, today)
    done = door.take_bytes(
        p.db,
        body,
        f"api:{name}.json",
        region=region,
        author=f"api:{name}",
        sender=name,
        kind="oncor_records",
        received_at=at,
    )
    if done.state == "loaded" and not done.duplicate:
        list_loading.sweep_after(p, region)
    with p.db.batch() as conn:
        told = [
            {"record": r.line, "field": r.field, "code": r.code, "message": r.message, "accepted": r.accepted}
            for r in lists.rejects(conn, region, done.id, limit=SHOWN)
        ]
    status = 200 if done.duplicate else 201 if done.state == "loaded" else 500 if done.fault else 422
    return JSONResponse(
        {"load": done.id, "state": done.state, "error": done.error, "counts": done.counts, "rejects": told}, status
    )
