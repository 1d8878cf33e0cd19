"""Error pages: what went wrong and what to do, in words; the status is honest, the inside stays inside."""

import logging
import secrets
import traceback
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from oncor_cases.kernel.errors import BadAttribute, Conflict, NotFound, OncorError, UserError
from oncor_cases.web.pages import ErrorPage, is_htmx, render

log = logging.getLogger("oncor.web")
TITLES = {
    400: "Запрос не понят", 403: "Доступ закрыт", 404: "Не найдено", 405: "Так сюда не обращаются", 409: "Уже изменено",
    401: "Нужен ключ", 413: "Слишком большой файл", 422: "Проверьте, что введено", 429: "Слишком часто",
    500: "Ошибка системы", 503: "Система недоступна",
}  # fmt: skip
MESSAGES = {
    403: "Действие не выполнено: прав вашей роли недостаточно или форма устарела.",
    404: "Такой страницы нет, либо пациент не относится к вашей организации.",
    405: "Вернитесь к списку и повторите действие кнопкой на странице.",
    422: "Часть полей не заполнена или заполнена неверно.",
    500: "Действие не выполнено. Повторите; если не поможет, передайте код техподдержке.",
    503: "База данных не отвечает. Ничего не потеряно, попробуйте через минуту.",
}


def page(request: Request, status: int, message: str = "", reference: str = "") -> Response:
    """An error as a page, as a block for htmx, or as JSON for a machine."""
    said = message or MESSAGES.get(status, "")
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": said}, status)
    # The block replaces what the form was in; a retarget keeps the page the reader is on.
    headers = {"HX-Retarget": "#trouble", "HX-Reswap": "innerHTML"} if is_htmx(request) else {}
    shown = ErrorPage(TITLES.get(status, "Ошибка"), said, reference)
    return render(request, "error.html", shown, block="said", status=status, headers=headers)


def sign_in_first(request: Request, error: Exception) -> Response:
    """Off to the sign-in page; after it back to where a page was asked for by GET."""
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "") if request.method == "GET" else "/"
    to = "/login" if back == "/" else f"/login?next={quote(back)}"
    if is_htmx(request):
        return Response(status_code=204, headers={"HX-Redirect": to})
    return RedirectResponse(to, 303)


def known(request: Request, error: Exception) -> Response:
    """Errors raised on purpose carry words for people."""
    assert isinstance(error, OncorError)
    status = {NotFound: 404, Conflict: 409, UserError: 422, BadAttribute: 422}.get(type(error), 422)
    return page(request, status, MESSAGES[404] if status == 404 else error.message)


def refused(request: Request, error: Exception) -> Response:
    """404, 403, 405 and the like. English phrases of the framework never reach a page."""
    assert isinstance(error, HTTPException)
    own = isinstance(error.detail, str) and any("а" <= c <= "я" for c in error.detail.lower())
    return page(request, error.status_code, str(error.detail) if own else "")


def unreadable(request: Request, error: Exception) -> Response:
    """A form or an address that does not fit."""
    return page(request, 404 if request.method == "GET" else 422)


def unexpected(request: Request, error: Exception) -> Response:
    """A bug or a lost database. The log gets the class and the place, never a message: it may quote a patient."""
    if down(error):
        log.error("database unavailable: %s", type(error).__name__)
        return page(request, 503)
    reference = secrets.token_hex(4)
    place = traceback.extract_tb(error.__traceback__)[-1]
    log.error("%s %s at %s:%s", reference, type(error).__name__, place.name, place.lineno)
    return page(request, 500, reference=reference)


def down(error: BaseException) -> bool:
    """Is it the database that does not answer? (The driver lives in the store, so it is known by name here.)"""
    return type(error).__module__.startswith("psycopg") and type(error).__name__ in (
        "OperationalError", "PoolTimeout", "PoolClosed", "AdminShutdown", "CannotConnectNow", "CrashShutdown",
        "TooManyConnections", "QueryCanceled", "ConnectionTimeout",
    )  # fmt: skip
