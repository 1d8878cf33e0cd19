"""«Совпадения»: two records that may be one person, side by side, and the three answers a person can give."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from oncor_cases.actions import matching
from oncor_cases.facts.likeness import LINK
from oncor_cases.kernel.errors import Conflict, NotFound, UserError
from oncor_cases.store import decisions, likeness_page
from oncor_cases.store.likeness_page import PairRow
from oncor_cases.web import words
from oncor_cases.web.access import Parts, PartsNeeded, Reader, ReaderNeeded, WriterNeeded, looked, need_role
from oncor_cases.web.after import sweep_persons
from oncor_cases.web.pages import go, render

routes = APIRouter()
ROLES = ("registrar", "coordinator", "methodologist")
TABS = {"review": "Ждут ответа", "asked": "Спрошено у организации", "linked": "Соединены", "different": "Разные люди"}
EMPTY = {
    "review": ("Вопросов нет", "Все похожие записи либо соединены, либо разобраны."),
    "asked": ("Организации ни о ком не спрошены", "Спросить можно на вкладке «Ждут ответа»."),
    "linked": ("Соединённых нет", "Сюда попадают записи, которые система или человек признали одним человеком."),
    "different": ("Отказов нет", "Сюда попадают пары, о которых ответили: это разные люди."),
}
FIELDS = {
    "family": "Фамилия", "given": "Имя", "patronymic": "Отчество", "born": "Дата рождения", "sex": "Пол", "snils": "СНИЛС",
    "enp": "Полис", "phone": "Телефон", "address": "Адрес",
}  # fmt: skip
LEVELS = {
    "equal": "совпадает", "slip": "описка", "similar": "похоже", "part": "часть двойной фамилии",
    "partly": "совпало частично", "differs": "расходится",
}  # fmt: skip
DONE = {
    "same": "Записи соединены, сроки пересчитаны.",
    "different": "Ответ принят: это разные люди. Вопрос вернётся, только если данные изменятся.",
    "asked": "Вопрос передан регистратору организации: он увидит его в разделе «Исправить».",
}


@dataclass(frozen=True, slots=True)
class Compared:
    """One value of both records."""

    name: str
    left: str
    right: str
    how: str
    weight: str
    tone: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records beside each other."""

    id: int
    title: str
    href: str
    sender: str
    source: str
    rows: tuple[Compared, ...]
    verdict: str
    answered: str
    may_same: bool
    may_differ: bool
    may_ask: bool
    may_undo: bool


@dataclass(frozen=True, slots=True)
class Tab:
    """A kind of pairs with its count."""

    title: str
    href: str
    count: str
    current: bool


@dataclass(frozen=True, slots=True)
class LikenessPage:
    """Pairs of one tab."""

    title: str
    summary: str
    said: str
    complaint: str
    tabs: tuple[Tab, ...]
    pairs: tuple[Pair, ...]
    empty: tuple[str, str]
    more_href: str


@routes.get("/likeness")
def show(
    request: Request, found: ReaderNeeded, p: PartsNeeded, tab: str = "review", after: int = 0, done: str = ""
) -> Response:
    """Pairs of records in the reader's scope."""
    return _show(request, found, p, tab if tab in TABS else "review", after, DONE.get(done, ""))


def _show(
    request: Request, found: Reader, p: Parts, tab: str, after: int = 0, said: str = "", *, complaint: str = "",
    status: int = 200,
) -> Response:  # fmt: skip
    need_role(found, *ROLES)
    with p.db.web(found.scope) as conn:
        rows = likeness_page.page(conn, found.scope, tab, after)
        numbers = likeness_page.counts(conn, found.scope)
        for r in rows:
            looked(conn, found, "likeness", r.person_id, str(r.id))
    tabs = tuple(Tab(t, f"/likeness?tab={k}", words.number(numbers[k]), k == tab) for k, t in TABS.items())
    more = f"/likeness?tab={tab}&after={rows[-1].id}" if len(rows) >= likeness_page.PAGE else ""
    summary = words.count(numbers["review"], "вопрос ждёт", "вопроса ждут", "вопросов ждут") + " ответа"
    page = LikenessPage("Совпадения", summary, said, complaint, tabs, tuple(_pair(r, found) for r in rows), EMPTY[tab], more)
    return render(request, "likeness.html", page, status=status)


def _pair(r: PairRow, found: Reader) -> Pair:
    left, right = r.detail["left"], r.detail["right"]
    told = {name: (level, weight) for name, level, weight in r.detail["fields"]}
    rows = tuple(
        _compared(name, left[name], right[name], *told.get(name, ("", 0.0))) for name in FIELDS if left[name] or right[name]
    )
    answered = ""
    if r.decided_by:
        answered = words.joined(
            [r.decided_by, words.day(r.decided_at.date(), found.today) if r.decided_at else "", r.reason]
        )
    return Pair(
        id=r.id,
        title=" ".join(filter(None, (left["family"], left["given"], left["patronymic"]))),
        href=f"/case/{r.person}",
        sender=r.org_name or "Отправитель не назван",
        source="Список застрахованных" if r.detail["insured"] else "Другой пациент",
        rows=rows,
        verdict=_verdict(r),
        answered=answered,
        may_same=r.state in ("review", "asked", "different"),
        may_differ=r.state in ("review", "asked"),
        may_ask=r.state == "review" and r.has_registrar,
        may_undo=r.state in ("linked", "same"),
    )  # fmt: skip


def _compared(name: str, left: str, right: str, level: str, weight: float) -> Compared:
    tone = {"equal": "fine", "differs": "late"}.get(level, "soon" if level else "")
    strength = "" if not level else f"{weight:+.0f}".replace("-", "−")
    how = LEVELS.get(level, "") if left and right else "нет в одной из записей"
    return Compared(FIELDS[name], _shown(name, left), _shown(name, right), how, strength, tone)


def _shown(name: str, value: str) -> str:
    if not value:
        return "—"
    if name == "born":
        return words.day(date.fromisoformat(value))
    if name == "sex":
        return words.SEX.get(value, value)
    if name == "snils":
        return words.snils_masked(value)
    if name == "enp":
        return f"•••• {value[-4:]}"
    return value


def _verdict(r: PairRow) -> str:
    if r.method == "equal":
        return "Имя, дата рождения и пол совпадают, и такой человек в регионе один."
    numbers = {side["snils"] for side in (r.detail["left"], r.detail["right"])} - {""}
    if r.detail["rivals"] > 1:
        return f"Похожих людей {words.number(r.detail['rivals'])}, поэтому система не выбирает сама: решите, кто из них."
    if len(numbers) > 1:
        return "СНИЛС расходятся, поэтому система не соединяет сама: проверьте, в какой записи ошибка."
    odds = "почти наверняка" if r.score >= LINK + 7 else "вероятно," if r.score >= LINK else "возможно,"
    weight = f"{r.score:.0f}".replace("-", "−")
    return f"Общий вес {weight} с поправкой на размер региона (единица удваивает уверенность): {odds} это один человек."


@routes.post("/likeness/{pair}/{answer}")
def answer(
    request: Request, found: WriterNeeded, p: PartsNeeded, pair: int, answer: str,
    reason: Annotated[str, Form(max_length=2000)] = "", tab: Annotated[str, Form()] = "review",
) -> Response:  # fmt: skip
    """`same`, `different` or `ask`."""
    need_role(found, *ROLES)
    if answer not in ("same", "different", "ask"):
        raise NotFound("Такой страницы нет.")
    region, tab = found.scope.region, tab if tab in TABS else "review"
    try:
        with p.db.web(found.scope) as conn:
            if not likeness_page.visible(conn, found.scope, pair):
                raise NotFound("Такого совпадения нет.")
        with p.db.batch() as conn:
            by, at = found.account.login, decisions.moment(conn, region, found.today)
            changed: frozenset[int] = frozenset()
            if answer == "same":
                changed = matching.same(conn, region, pair, by=by, reason=reason, at=at)
            elif answer == "different":
                changed = matching.different(conn, region, pair, by=by, reason=reason, at=at)
            else:
                matching.ask_clinic(conn, region, pair, by=by, at=at)
    except (UserError, Conflict) as error:
        return _show(request, found, p, tab, complaint=error.message, status=422)
    sweep_persons(p.db, region, sorted(changed), found.today)
    return go(f"/likeness?tab={tab}&done={'asked' if answer == 'ask' else answer}")
