"""The outermost layer: security headers, forged requests, size of a body, and the last catch of an unexpected error."""

from urllib.parse import unquote

from fastapi import Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from oncor_cases.kernel.numbers import whole_or
from oncor_cases.web import failures

SAFE = {"GET", "HEAD", "OPTIONS"}
LARGEST = 64 * 1024 * 1024  # a document with its scans
LARGEST_FORM = 256 * 1024
LARGEST_LIST = 4 * 1024 * 1024 * 1024  # a list of a whole region; it goes to disk as it comes
HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; form-action 'self';"
    " base-uri 'none'; object-src 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


class TooLarge(Exception):
    """The body went on past its limit; a declared length is not needed for that."""


class Guard:
    """Wraps the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        started = False

        async def with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                kept = [(k, v) for k, v in message["headers"] if k.decode().lower() not in HEADERS]
                own = [(k.encode(), v.encode()) for k, v in HEADERS.items()]
                static = scope["path"].startswith("/static/")
                cache = b"public, max-age=31536000, immutable" if static and scope["query_string"] else b"no-store"
                if static and not scope["query_string"]:
                    cache = b"public, max-age=3600"
                kept = [(k, v) for k, v in kept if k.lower() != b"cache-control"]
                message = {**message, "headers": [*kept, *own, (b"cache-control", cache)]}
            await send(message)

        refusal = self._refusal(request)
        if refusal is not None:
            await refusal(scope, receive, with_headers)
            return
        limit, taken = _limit(request), 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise TooLarge
            return message

        async def unless_too_large(message: Message) -> None:
            if taken <= limit:  # the framework has its own words for a body that broke off; ours are said below
                await with_headers(message)

        answer: Response | None = None
        try:
            await self.app(scope, counted, unless_too_large)
        except Exception as error:
            answer = failures.unexpected(request, error)
        if taken > limit:
            answer = failures.page(request, 413, TOO_LARGE)
        if answer is not None and not started:
            await answer(scope, receive, with_headers)

    def _refusal(self, request: Request) -> Response | None:
        if "\0" in unquote(request.url.path) or "\0" in unquote(request.url.query):
            return failures.page(request, 400, ZERO)
        if request.method in SAFE:
            return None
        length = request.headers.get("content-length", "0")
        if whole_or(length, 0, 10**20, 0) > _limit(request):  # what is no number is counted as it comes
            return failures.page(request, 413, TOO_LARGE)
        if request.url.path.startswith("/api/"):
            return None  # machines sign with a token and carry no cookie
        if not own_page(request):
            return failures.page(request, 403, "Запрос пришёл не со страницы системы.")
        return None


ZERO = "В адресе или в поле стоит нулевой знак: такого не бывает ни в одном значении."


async def plain_fields(request: Request) -> None:
    """For every room: no field of a form holds a zero sign, which no text of the database can. 422 otherwise.

    The framework has read the form or will take it from here: it is kept with the request."""
    if request.headers.get("content-type", "").startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        form = await request.form()
        if any(isinstance(value, str) and "\0" in name + value for name, value in form.multi_items()):
            raise HTTPException(422, ZERO)


TOO_LARGE = "Столько за один раз не принимается: документ до 64 МБ, список до 4 ГБ, форма до 256 КБ."


def _limit(request: Request) -> int:
    if request.url.path == "/lists":
        return LARGEST_LIST
    return LARGEST if request.url.path.startswith(("/api/", "/contingents/file")) else LARGEST_FORM


def own_page(request: Request) -> bool:
    """The browser says where a form was sent from; a form from another site is refused, silence too."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin") or request.headers.get("referer", "")
    return bool(origin) and origin.split("://", 1)[-1].split("/", 1)[0] == request.headers.get("host")
