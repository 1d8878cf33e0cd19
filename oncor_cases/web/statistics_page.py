"""Statistics in words: tables with a chart above, every number with what it counts and a way to its people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from oncor_cases.actions.statistics import Question
from oncor_cases.regulations.rulebook import Rulebook
from oncor_cases.store.board import RuleRow
from oncor_cases.store.statistics import PersonRow
from oncor_cases.web import rule_words, then, words
from oncor_cases.web.duties import duty
from oncor_cases.web.inbox_page import full_name
from oncor_cases.web.pages import Option, Tag
from oncor_cases.web.statistics_words import COLUMNS, FOREIGN, INTERVALS, STATES, what_words
from oncor_cases.web.then import Then, ThenForm

PLAIN = Tag("")
BY = {"clinic": "по клиникам", "month": "по месяцам", "site": "по локализациям"}
NONE = "—"
WIDTH, LABEL = 640, 250  # of the chart, in its own units


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page is about."""

    question: Question
    then: Then

    def href(self, path: str = "/statistics", **more: str) -> str:
        """The address of the same question with something changed."""
        q = self.question
        pairs = {
            "from": q.first.isoformat(), "to": q.last.isoformat(), "by": q.by, "clinic": q.clinic, "site": q.site,
        } | self.then.pairs() | more  # fmt: skip
        return f"{path}?{urlencode({k: v for k, v in pairs.items() if v})}"


@dataclass(frozen=True, slots=True)
class Number:
    """A number with a link to its people; `note` stands small under it."""

    text: str
    href: str = ""
    note: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table."""

    title: str
    code: str
    numbers: tuple[Number, ...]
    tag: Tag = PLAIN
    href: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval of the chart: median inside the 90th percentile."""

    title: str
    y: int
    median: float
    p90: float
    words: str


@dataclass(frozen=True, slots=True)
class StatisticsPage:
    """The page. `tasks` alone is filled where a past day is shown from the history."""

    title: str
    period: str
    then: ThenForm
    first: str
    last: str
    by: tuple[Option, ...]
    clinics: tuple[Option, ...]
    sites: tuple[Option, ...]
    computed: bool
    columns: tuple[str, ...]
    bars: tuple[Bar, ...]
    chart_height: int
    times: tuple[Line, ...]
    by_title: str
    duties: tuple[Line, ...]
    missing: tuple[Number, ...]
    reasons: tuple[Line, ...]
    facts: tuple[Line, ...]
    paths: tuple[Line, ...]
    foreign: tuple[Line, ...]
    tasks: tuple[Line, ...]


def page(
    told: Mapping[str, Any] | None,
    tasks: Sequence[RuleRow],
    clinics: Sequence[tuple[str, str]],
    asked: Asked,
    today: date,
    book: Rulebook,
) -> StatisticsPage:
    """The page from plain values of actions.statistics."""
    q = asked.question
    failed = told["failed"] if told else 0
    keep = {"from": q.first.isoformat(), "to": q.last.isoformat(), "by": q.by, "clinic": q.clinic, "site": q.site}
    back = Asked(Question(q.first, q.last, today, q.by, q.clinic, q.site), Then(today)).href()
    bars = _bars(told["times"][0]["spans"]) if told and told["times"] else ()
    return StatisticsPage(
        title="Сроки и маршруты",
        period=f"случаи, открытые с {words.day(q.first)} по {words.day(q.last)}",
        then=then.form(asked.then, today, back, keep, failed),
        first=q.first.isoformat(),
        last=q.last.isoformat(),
        by=tuple(Option(name, title, name == q.by) for name, title in BY.items()),
        clinics=(Option("", "все"), *(Option(oid, name, oid == q.clinic) for oid, name in clinics)),
        sites=(Option("", "все"), *(Option(s, s, s == q.site) for s in (told or {}).get("sites", ()))),
        computed=told is not None,
        columns=tuple(INTERVALS.values()),
        bars=bars,
        chart_height=24 + 30 * len(bars),
        times=tuple(_times(r, asked) for r in told["times"]) if told else (),
        by_title=BY[q.by],
        duties=tuple(_duty(r, asked, book) for r in told["duties"]) if told else (),
        missing=_missing(told["missing"]) if told else (),
        reasons=tuple(_reason(r) for r in told["reasons"]) if told else (),
        facts=_facts(told, asked) if told else (),
        paths=tuple(_path(r, asked) for r in told["routes"]["paths"][:12]) if told else (),
        foreign=tuple(_foreign(r, asked) for r in told["foreign"]) if told else (),
        tasks=tuple(
            Line(duty(r.rule).title, r.rule, (_n(r.tasks), _n(r.persons), _n(r.raised), _n(r.silent)),
                 rule_words.force(r.norm, book.basis(r.rule, asked.then.day)))
            for r in tasks
        ),
    )  # fmt: skip


def _bars(spans: Mapping[str, Any]) -> tuple[Bar, ...]:
    longest = max((s["p90"] or 0 for s in spans.values()), default=0) or 1
    scale = (WIDTH - LABEL - 140) / longest  # room for the numbers behind the bar
    return tuple(
        Bar(INTERVALS[name], 10 + 30 * i, round((s["median"] or 0) * scale, 1), round((s["p90"] or 0) * scale, 1),
            _span_words(s))
        for i, (name, s) in enumerate(spans.items())
    )  # fmt: skip


def _span_words(s: Mapping[str, Any]) -> str:
    return f"{_days(s['median'])} / {_days(s['p90'])}, n = {words.number(s['n'])}" if s["n"] else "нет данных"


def _days(value: float | None) -> str:
    return NONE if value is None else f"{value:.1f}".rstrip("0").rstrip(".").replace(".", ",")


def _times(r: Mapping[str, Any], asked: Asked) -> Line:
    whole = not r["key"]
    by = asked.question.by
    place = {} if whole else {{"clinic": "clinic", "site": "site", "month": "month"}[by]: r["key"]}
    title = "Все" if whole else _month(r["key"]) if by == "month" else r["name"]
    people = "/statistics/people"
    numbers = tuple(
        Number(
            f"{_days(s['median'])} / {_days(s['p90'])}" if s["n"] else NONE,
            asked.href(people, what=f"interval:{name}", **place) if s["n"] else "",
            f"n = {words.number(s['n'])}" if s["n"] else "",
            INTERVALS[name],
        )
        for name, s in r["spans"].items()
    )
    cases = Number(words.number(r["cases"]), asked.href(people, what="cases", **place), "", "случаев")
    return Line(title, "", (cases, *numbers), href="" if whole or by == "month" else asked.href(**place))


def _month(key: str) -> str:
    day = date.fromisoformat(key)
    return f"{words.MONTH_NAMES[day.month - 1]} {day.year}"


def _n(n: int, href: str = "", name: str = "") -> Number:
    return Number(words.number(n) if n else NONE, href if n else "", "", name)


def _duty(r: Mapping[str, Any], asked: Asked, book: Rulebook) -> Line:
    judged = "текущий раунд" if r["renews"] else f"из {words.number(r['judged'])}" if r["judged"] else ""
    share = Number(NONE if r["share"] is None else f"{_days(r['share'])} %", "", judged, "доля в срок")
    numbers = (
        _n(r[state], asked.href("/statistics/people", what=f"duty:{r['rule']}:{state}"), COLUMNS[state]) for state in STATES
    )
    tag = rule_words.force(r["norm"], book.basis(r["rule"], asked.then.day))
    return Line(duty(r["rule"]).title, r["rule"], (share, *numbers), tag)


def _missing(m: Mapping[str, int]) -> tuple[Number, ...]:
    return (
        Number(words.number(m["step"]), "", "шаг не сделан: срок вышел, ничего не пришло"),
        Number(words.number(m["document"]), "", "документа нет: следующий шаг сделан, этот не подтверждён"),
    )


def _reason(r: Mapping[str, Any]) -> Line:
    return Line(r["title"], "", (_n(r["given"], name="объяснений"), _n(r["persons"], name="пациентов")))


def _share(part: int, whole: int) -> str:
    return f"{_days(round(100 * part / whole, 1))} % из {words.number(whole)}" if whole else "не с чем сравнить"


def _facts(told: Mapping[str, Any], asked: Asked) -> tuple[Line, ...]:
    s, routes = told["shares"], told["routes"]

    def link(what: str) -> str:
        return asked.href("/statistics/people", what=what)

    delays = "не с чем сравнить"
    if s["planned_days"]:
        percent = round(100 * s["delay_days"] / s["planned_days"], 1)
        delays = f"{_days(percent)} % от плановых {words.number(s['planned_days'])}"
    rows = (
        ("Подозрение снято", s["excluded"], "excluded", _share(s["excluded"], s["suspected"])),
        ("Направлен к онкологу без минимума обследований", s["workup_lacking"], "workup",
         _share(s["workup_lacking"], s["workup_known"]) + ", минимум задан правилом системы"),
        ("Минуя ПОК и ЦАОП", routes["bypassed"], "way:bypassed", _share(routes["bypassed"], routes["cases"])),
        ("Явки в диспансер, которые мог принять ЦАОП", s["plain_visits"], "visits", _share(s["plain_visits"], s["visits"])),
        ("Линии лекарственного лечения с задержкой", s["delayed_lines"], "delays", _share(s["delayed_lines"], s["lines"])),
        ("Дней задержки курсов", s["delay_days"], "delays", delays),
    )  # fmt: skip
    return tuple(Line(title, "", (_n(n, link(what)), Number(note))) for title, n, what, note in rows)


def _path(r: Mapping[str, Any], asked: Asked) -> Line:
    href = asked.href("/statistics/people", what=f"way:{r['path']}")
    tag = Tag("минуя ПОК и ЦАОП", "soon") if r["bypassed"] else PLAIN
    return Line(r["title"], "", (_n(r["cases"], href, "случаев"),), tag)


def _foreign(r: Mapping[str, Any], asked: Asked) -> Line:
    title, note = FOREIGN[r["id"]]
    href = asked.href("/statistics/people", what=f"foreign_late:{r['id']}")
    of = f"из {words.number(r['of'])}" if r["of"] else ""
    share = Number(NONE if r["share"] is None else f"{_days(r['share'])} %", "", of, "доля в срок")
    return Line(title, f"{r['source']}; {note}", (share, _n(r["of"] - r["within"], href, "позже")))


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person behind a number."""

    href: str
    who: str
    icd10: str
    clinic: str
    opened: str
    days: str


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Who stands behind a number."""

    title: str
    summary: str
    back: str
    rows: tuple[PersonLine, ...]
    then: ThenForm


def people_page(rows: Sequence[PersonRow], what: str, asked: Asked, month: str, today: date) -> PeoplePage:
    """The list; `what` is the name of the number."""
    q = asked.question
    summary = words.count(len(rows), "строка", "строки", "строк") + (", первые 200" if len(rows) >= 200 else "")
    place = words.joined([_month(month) if month else "", q.site])
    return PeoplePage(
        title=what_words(what),
        summary=words.joined([summary, place, f"с {words.day(q.first)} по {words.day(q.last)}"]),
        back=asked.href(),
        rows=tuple(
            PersonLine(
                f"/case/{r.person}", full_name(r.family, r.given, r.patronymic), r.icd10, r.clinic,
                words.day(r.opened_on, today),
                NONE if r.days is None else words.count(r.days, "день", "дня", "дней"),
            )
            for r in rows
        ),
        then=then.form(asked.then, today, asked.href()),
    )  # fmt: skip
