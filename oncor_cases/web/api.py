"""The door for machines: `POST /api/v1/documents` with a token. HTML and JSON never share an address."""

from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from oncor_cases.actions.deliveries import Delivery
from oncor_cases.actions.ingest import ingest
from oncor_cases.store import decisions, regions, signin
from oncor_cases.web import access
from oncor_cases.web.access import Parts, PartsNeeded
from oncor_cases.web.after import sweep_documents

routes = APIRouter(prefix="/api/v1")


async def body_of(request: Request) -> bytes:
    """The document is the body itself; its type is not trusted, the reader looks for itself."""
    return await request.body()


def sender_of(request: Request, p: Parts) -> tuple[int, str]:
    """The region and the name of the machine whose key came with the request; 401 without a valid one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    with p.db.web(None) as conn:
        sender = signin.token_region(conn, access.hashed(token.strip())) if scheme.lower() == "bearer" and token else None
    if sender is None:
        raise HTTPException(401, "Нужен действующий ключ: Authorization: Bearer …", {"WWW-Authenticate": "Bearer"})
    return sender


@routes.post("/documents")
def receive(request: Request, p: PartsNeeded, body: Annotated[bytes, Depends(body_of)]) -> Response:
    """Takes one document in: 201 when it is new, 200 when these bytes were here before; counts as `oncor ingest`.

    401 without a valid token, 400 for an empty body. What cannot be read is kept in quarantine and still accepted."""
    region, name = sender_of(request, p)
    if not body:
        raise HTTPException(400, "Тело запроса пустое: пришлите документ целиком")
    digest = sha256(body).digest()
    with p.db.batch() as conn:
        today = p.settings.day(demo=regions.get(conn, region).demo)
        at = decisions.moment(conn, region, today)  # a demonstration lives on its own day
    counts = ingest(p.db, [Delivery(f"api:{name}", body)], region=region, received_at=at, workers=1)
    if counts["new"]:
        sweep_documents(p.db, region, [digest], today)
    return JSONResponse({"sha256": digest.hex(), **counts}, 201 if counts["new"] else 200)
