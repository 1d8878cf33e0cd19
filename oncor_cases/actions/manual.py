"""A chapter of the manual made from the same stories that test the rules: prose, drawn timelines, clocks, expectations.

Pure text in, text out; docs/build.py gives the files, the titles of states and the words for facts."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from oncor_cases.facts.fact import Fact
from oncor_cases.facts.timeline import Patient
from oncor_cases.sources.seeds import default_calendar, default_rulebook
from oncor_cases.sources.stories import Section, Story
from oncor_cases.workflows.catalogue import follow
from oncor_cases.workflows.machine import Machine
from oncor_cases.workflows.view import Clock

Describe = Callable[[str, Mapping[str, Any]], tuple[str, str]]
_WEEK = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")
_STATUS = {
    "running": "идёт", "met": "выполнено в срок", "late": "выполнено с опозданием", "passed": "пройдено без документа",
    "closed": "снято", "paused": "приостановлено",
}  # fmt: skip
_REASON = {
    "death": "смерть", "moved_away": "отъезд", "excluded": "диагноз исключён", "done_elsewhere": "сделано в другом месте",
    "refusal_written": "письменный отказ", "refusal_verbal": "устный отказ", "contraindication": "противопоказание",
    "operation_first": "операция до диагноза", "plan_without_treatment": "план без лечения",
    "palliative_care": "паллиативная помощь", "high_tech": "высокотехнологичная помощь",
    "treated_elsewhere": "лечится в другом месте", "stopped": "лечение прекращено",
    "planned_gap": "законный перерыв", "plan_changed": "решено иначе", "removed": "снят с наблюдения",
    "treatment_goes_on": "лечение продолжается",
    "cancer_found": "найден рак", "resolved": "подозрение разрешено", "refused": "отказ", "done_earlier": "пройдено раньше",
}  # fmt: skip
_LEVEL = {
    "reminder": "напоминание", "navigator": "навигатор", "head": "заведующий", "coordinator": "координатор региона",
}  # fmt: skip
_EVIDENCE = {"register": "регистр", "claim": "счёт", "list": "список", "person": "со слов"}
LOST = "Потерян"


def chapter(title: str, machine: Machine, items: Iterable[Section | Story], describe: Describe) -> str:
    """The chapter of one pathway as Markdown."""
    lines = [
        f"# {title}",
        "",
        "Как читать рисунки: `●` — факт, `┤` — последний день срока, `▶` — что покажет система в этот",
    ]
    lines += ["день. Под рисунком — отсчёты на последний показанный день. Истории — те же, что проверяют правила;"]
    lines += ["свою можно проверить командой `oncor story check ФАЙЛ`.", ""]
    lines += ["```mermaid", machine.mermaid().rstrip(), "```", ""]
    states = machine.states | {"lost": LOST}
    for item in items:
        if isinstance(item, Section):
            lines += [f"## {item.title}", "", item.text, ""]
        else:
            lines += [*_story(item, states, describe), ""]
    return "\n".join(lines)


def _story(story: Story, states: Mapping[str, str], describe: Describe) -> list[str]:
    title = story.title[:1].upper() + story.title[1:]
    lines = [f"### {title}", "", *filter(None, [_who(story.timeline.patient)]), "", "```text"]
    clocks = _clocks(story)
    marks: list[tuple[date, int, str]] = []
    for f in story.timeline.facts:
        marks += _fact_lines(f, describe)
    dues: dict[date, list[str]] = {}
    for c in clocks:
        dues.setdefault(c.due, []).append(c.rule)
    marks += [(day, 2, f"┤ последний день: {', '.join(sorted(set(rules)))}") for day, rules in dues.items()]
    for e in story.expect:
        marks.append((e["today"], 3, f"▶ {_expected(e, states)}"))
    for day, _, words in sorted(marks, key=lambda m: m[:2]):
        lines.append(f"{_day(day)} {_WEEK[day.weekday()]}  {words}")
    undated = [f for f in story.timeline.facts if f.on is None]
    lines += [f"{f.partial or 'без даты':13}  ● {_said(f, describe)}" for f in undated]
    lines += ["", *(_clock(c) for c in clocks)] if clocks else []
    return [*lines, "```"]


def _who(patient: Patient) -> str:
    sex = {"female": "Женщина", "male": "Мужчина"}.get(patient.sex, "Человек")
    if patient.born is None:
        return sex if patient.sex else ""
    return f"{sex}, {'родилась' if patient.sex == 'female' else 'родился'} {_day(patient.born)}"


def _fact_lines(f: Fact, describe: Describe) -> list[tuple[date, int, str]]:
    lines = [(f.on, 1, f"● {_said(f, describe)}")] if f.on else []
    if f.withdrawn is not None:
        lines.append((f.withdrawn, 0, f"○ отозвано: {_said(f, describe, plain=True)}"))
    return lines


def _said(f: Fact, describe: Describe, plain: bool = False) -> str:
    name, detail = describe(f.kind, f.attributes)
    notes = [] if plain or f.known == f.on or f.on is None else [f"узнали {_day(f.known)}"]
    notes += [_EVIDENCE[f.evidence]] if f.evidence in _EVIDENCE and not plain else []
    notes += ["под вопросом" if f.certainty == "suspected" else "план"] if f.certainty != "established" else []
    notes += [f"исправление, {f.version + 1}-я редакция"] if f.version and not plain else []
    day = f.attributes.get("at") or f.attributes.get("next_on")
    detail = ", ".join(filter(None, [detail, f"на {_any_day(day)}" if day else ""]))
    words = f"{name}: {detail}" if detail else name
    return f"{words} ({'; '.join(notes)})" if notes else words


def _expected(e: Mapping[str, Any], states: Mapping[str, str]) -> str:
    said = [f"случай {e['icd10']}"] if e.get("icd10") else []
    said += [f"по известному на {_day(e['known_on'])}"] if e.get("known_on") else []
    said += [states.get(e["state"], str(e["state"]))] if e.get("state") else []
    if "tasks" in e:
        said.append(f"задачи: {', '.join(map(_task, e['tasks']))}" if e["tasks"] else "задач нет")
    said += [f"есть {', '.join(map(_task, e['has']))}"] if e.get("has") else []
    said += [f"нет {', '.join(map(_task, e['hasnt']))}"] if e.get("hasnt") else []
    said += [f"спросить: {', '.join(e['findings'])}"] if e.get("findings") else []
    return "; ".join(said)


def _task(item: Mapping[str, Any]) -> str:
    notes = [f"срок {_day(item['due'])}"] if item.get("due") else []
    notes += [_LEVEL[item["level"]]] if item.get("level") else []
    return item["rule"] + (f" ({', '.join(notes)})" if notes else "")


def _clocks(story: Story) -> list[Clock]:
    """The clocks of every case as they stand on the last expected day."""
    if not story.expect:
        return []
    last = max(story.expect, key=lambda e: e["today"])["today"]
    views, _ = follow(story.timeline, last, default_rulebook(), default_calendar())
    return sorted((c for v in views for c in v.clocks), key=lambda c: (c.start, c.due, c.rule, c.subject))


def _clock(c: Clock) -> str:
    words = _STATUS[c.status] + (f" {_day(c.ended)}" if c.ended else "")
    notes = [_REASON.get(c.reason, "")] if c.status in ("closed", "paused") else []
    notes += ["начало предположительное"] if c.assumed else []
    notes += ["редакция продолжена"] if c.extended else []
    notes += ["срок предварительный"] if c.provisional else []
    return f"{c.rule:7} {_day(c.start)} ─→ {_day(c.due)}  {', '.join([words, *filter(None, notes)])}"


def _any_day(value: Any) -> str:
    text = str(value)[:10]
    return _day(date.fromisoformat(text)) if len(text) == 10 else text


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"
