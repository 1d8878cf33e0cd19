"""How the system is, and the keys of the keyboard."""

from dataclasses import dataclass
from urllib.error import URLError
from urllib.request import urlopen

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from oncor_cases.config import Settings
from oncor_cases.ops import status as parts
from oncor_cases.store.condition import Condition, condition
from oncor_cases.web import words
from oncor_cases.web.access import PartsNeeded, Reader, ReaderNeeded
from oncor_cases.web.pages import Tag, render

routes = APIRouter()
SWEPT = (
    ("persons", "пересчитано пациентов"), ("opened", "открыто задач"), ("changed", "уточнено"), ("closed", "закрыто"),
    ("reopened", "открыто снова"), ("escalated", "передано выше"), ("failed", "не рассчитано"),
)  # fmt: skip
TAKEN = (
    ("received", "принято"), ("new", "новых"), ("duplicates", "повторов"), ("superseded", "заменено версией"),
    ("quarantined", "в карантин"), ("facts", "фактов"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A part of the system: is it well, and since when."""

    title: str
    text: str
    tag: Tag
    detail: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class StatusPage:
    """The condition of the parts."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class KeysPage:
    """The keyboard."""

    title: str = "Клавиши"


@routes.get("/status")
def show(request: Request, found: ReaderNeeded, p: PartsNeeded) -> Response:
    """Sweep, intake, scheduler, quarantine."""
    with p.db.web(found.scope) as conn:
        now = condition(conn, found.scope, p.settings.timezone)
    lines = (_sweep(now, found), _intake(now, found), _scheduler(p.settings), *_waiting(now, found))
    return render(request, "status.html", StatusPage("Состояние системы", lines))


def _sweep(now: Condition, found: Reader) -> Line:
    if now.sweep_day is None or now.sweep_started is None:
        return Line("Обход сроков", "ещё не проходил", Tag("ждём", "soon"))
    ended = words.moment(now.sweep_finished or now.sweep_started, found.today)
    told = f"за {words.day(now.sweep_day, found.today)}, закончен {ended}"
    if now.sweep_error:
        return Line("Обход сроков", told, Tag("с ошибкой", "late"), _counted(now.sweep_counts, SWEPT))
    if now.sweep_finished is None:
        return Line("Обход сроков", told, Tag("идёт", "wait"))
    fresh = now.sweep_day >= found.today
    tag = Tag("сегодня прошёл", "fine") if fresh else Tag("сегодня ещё не проходил", "soon")
    return Line("Обход сроков", told, tag, _counted(now.sweep_counts, SWEPT))


def _intake(now: Condition, found: Reader) -> Line:
    if now.intake_started is None:
        return Line("Приём документов", "документов ещё не было", Tag("ждём", "soon"))
    told = words.moment(now.intake_finished or now.intake_started, found.today)
    tag = Tag("работает", "fine") if now.intake_finished else Tag("идёт", "wait")
    return Line("Приём документов", told, tag, _counted(now.intake_counts, TAKEN))


SCHEDULER = {
    parts.UP: ("работает", "fine", "расписание обслуживается"),
    parts.STARTING: ("запускается", "wait", "планировщик запускается, это занимает до минуты"),
    parts.DOWN: ("не работает", "soon", "планировщик не запущен; вручную: oncor sweep, oncor ingest"),
}  # fmt: skip


def _scheduler(settings: Settings) -> Line:
    """The supervisor of this machine knows; where parts run on several hosts the server itself is asked."""
    state = parts.scheduler(settings.home)
    if state == parts.DOWN and _answers(settings):
        state = parts.UP
    word, tone, told = SCHEDULER[state]
    return Line("Расписание", told, Tag(word, tone))


def _answers(settings: Settings) -> bool:
    try:
        with urlopen(f"http://{settings.host}:{settings.prefect_port}/api/health", timeout=0.5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError, ValueError):
        return False


def _waiting(now: Condition, found: Reader) -> tuple[Line, ...]:
    lines = []
    if found.account.role in ("registrar", "coordinator", "methodologist", "admin"):
        text = words.count(now.quarantined, "документ", "документа", "документов")
        lines.append(
            Line("Карантин", text, Tag("ждёт вас", "soon") if now.quarantined else Tag("пусто", "fine"), "", "/quarantine")
        )
    if now.failed:
        text = words.count(now.failed, "пациент не рассчитан", "пациента не рассчитаны", "пациентов не рассчитаны")
        lines.append(Line("Ошибки расчёта", text, Tag("в техподдержку", "late")))
    return tuple(lines)


def _counted(counts: object, names: tuple[tuple[str, str], ...]) -> str:
    told = dict(counts) if isinstance(counts, dict) else {}
    return words.joined([f"{title} {words.number(int(told[name]))}" for name, title in names if told.get(name)])


@routes.get("/keys")
def keys(request: Request, found: ReaderNeeded) -> Response:
    """The keyboard map."""
    return render(request, "keys.html", KeysPage())


@routes.get("/health")
def health(p: PartsNeeded) -> Response:
    """For the supervisor: the web answers and so does the database."""
    with p.db.web(None) as conn:
        conn.execute("select 1")
    return JSONResponse({"status": "ok"})
