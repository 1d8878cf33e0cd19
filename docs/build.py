"""Pages of the manual made from the code: `python docs/build.py` writes them, `--check` fails if one is out of date.

A page is a function that returns its text; PAGES says where it goes. Written pages are committed, so a reader needs
nothing but the repository, and `make check` keeps them true."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
NOTE = "<!-- Сделано командой make docs, руками не правится. -->\n\n"


def settings() -> str:
    """Every setting of the environment."""
    from oncor_cases.config import SETTINGS

    rows = [f"| `{name}` | {default or '—'} | {words} |" for name, (default, words) in SETTINGS.items()]
    head = ["# Настройки", "", "Читаются из переменных окружения.", "", "| Переменная | По умолчанию | Для чего |"]
    return "\n".join([*head, "|---|---|---|", *rows, ""])


def facts() -> str:
    """The vocabulary of facts with attributes and their values."""
    from oncor_cases.facts.vocabulary import COMMON, KINDS

    lines = [
        "# Факты",
        "",
        "Порядок строк — порядок фактов одного дня. Первое значение подразумевается, если признак не указан; *курсив* —",
        "обязательный признак; `+` — факт показывает, что человек был на месте; `план` — может быть датирован будущим.",
        "У каждого факта могут быть",
        f"{', '.join(f'`{c}`' for c in COMMON)}.",
        "",
        "| Факт | Признаки | |",
        "|---|---|---|",
    ]
    for kind in KINDS.values():
        said = []
        for name, attribute in kind.attributes.items():
            if name in COMMON and not attribute.required:
                continue
            shown = f"*{name}*" if attribute.required else name
            values = ", ".join(f"`{v}`" for v in attribute.values)
            said.append(shown + (f" ({values})" if values else "") + (" — список" if attribute.many else ""))
        marks = " ".join(m for m, on in (("+", kind.presence), ("план", kind.plan)) if on)
        lines.append(f"| `{kind.name}` | {'; '.join(said)} | {marks} |")
    return "\n".join([*lines, ""])


def lists() -> str:
    """Every kind of list with its columns and the headers they are known under."""
    from oncor_cases.sources.lists import KINDS
    from oncor_cases.sources.lists.kinds import TABLES

    lines = [
        "# Списки",
        "",
        "Виды списков и столбцы, которые система узнаёт сама, без разметки. Регистр, пробелы и знаки в заголовках не важны.",
        "*Курсив* — без значения строка не принимается, **жирный** — без столбца не принимается список. Человека называет",
        "СНИЛС, полис или фамилия с датой рождения. Остальные таблицы загружаются по сохранённой разметке.",
        "",
    ]
    for kind in KINDS.values():
        about = f"{kind.about}. Свидетельство: `{kind.evidence}`."
        about += " Срез: кого нет в следующем списке, для того сказанное перестаёт действовать." if kind.snapshot else ""
        about += " Строки становятся не записями, а жителями (ADR 0018)." if kind.population else ""
        lines += [f"## {kind.title}", "", f"`{kind.name}`. {about}", ""]
        if kind not in TABLES:
            continue
        lines += ["| Столбец | Узнаётся также как |", "|---|---|"]
        for column in kind.columns:
            title = f"*{column.title}*" if column.required else f"**{column.title}**" if column.present else column.title
            lines.append(f"| {title} | {', '.join(column.names)} |")
        lines.append("")
    return "\n".join(lines)


UNITS = {"working_days": "раб. дн.", "calendar_days": "кал. дн.", "months": "мес."}
NORMS = {"verified": "сверено с актом", "recalled": "по памяти: напоминание", "product": "правило системы"}
NO_LAW = {"clinical": "клинический порог, не норма закона", "format": "признак формата обмена, не норма закона"}


def rules() -> str:
    """State diagrams of the pathways and every duty with its dated editions."""
    from oncor_cases.sources.seeds import default_rulebook
    from oncor_cases.workflows.catalogue import PATHWAYS

    book = default_rulebook()
    lines = ["# Пути и сроки", ""]
    for name, pathway in PATHWAYS.items():
        lines += [f"## Путь `{name}`", "", "```mermaid", pathway.MACHINE.mermaid().rstrip(), "```", ""]
    lines += ["## Обязанности", ""]
    for duty in book.duties.values():
        lines += [f"### {duty.rule}. {duty.title}", "", f"Начало: {duty.starts}. Окончание: {duty.stops}.", ""]
        editions = book.editions.get(duty.rule, [])
        if editions:
            lines += ["| Действует | Срок | Для кого | Норма | Акт |", "|---|---|---|---|---|"]
        for e in editions:
            since = "" if e.valid_from.year < 1900 else f"с {e.valid_from:%d.%m.%Y}"
            until = "" if e.valid_to.year > 9000 else f" по {e.valid_to:%d.%m.%Y}"
            ages = (
                ""
                if e.ages == (0, 200)
                else f"от {e.ages[0]} до {e.ages[1]} лет"
                if e.ages[1] < 200
                else f"от {e.ages[0]} лет"
            )
            act = ", ".join(part for part in (e.act, e.clause, e.note) if part)
            row = (
                (since + until) or "всегда",
                f"{e.term.limit} {UNITS[e.term.unit]}",
                ages or e.variant,
                ", ".join(
                    filter(None, (NO_LAW.get(e.basis), "" if e.basis in NO_LAW and e.norm == "verified" else NORMS[e.norm]))
                ),
                act,
            )
            lines.append(f"| {' | '.join(row)} |")
        lines += [""] if editions else []
    return "\n".join([*lines, *_notes(book), *_switches()])


def _notes(book) -> list[str]:
    lines = ["## Примечания", "", "Обязанности актов, которые задач не открывают. Отмеченные + регион может включить.", ""]
    lines += ["| Правило | Обязанность | Срок по тексту | |", "|---|---|---|---|"]
    lines += [f"| {d.rule} | {d.title} | {d.says} | {'+' if d.watch else ''} |" for d in book.notes.values()]
    return [*lines, ""]


def _switches() -> list[str]:
    from oncor_cases.regulations.switches import SWITCHES

    lines = ["## Что выбирает регион", "", "Первое значение действует, пока регион не выбрал другое.", ""]
    lines += ["| Переключатель | Путь | О чём | Значения |", "|---|---|---|---|"]
    for s in SWITCHES.values():
        values = "; ".join(f"`{value}` {words}" for value, words in s.options.items())
        lines.append(f"| `{s.id}` | `{s.pathway}` | {s.title} | {values} |")
    return [*lines, ""]


CHAPTERS = {
    "screening": "Путь скрининга: от приглашения до исхода",
    "pre_tumour": "Путь предопухолевых заболеваний",
    "diagnosis": "Путь диагностики: подозрение, диагноз, лечение",
    "chemotherapy": "Путь лекарственной терапии",
    "follow_up": "Путь наблюдения: постановка и осмотры",
}


def chapter_of(pathway: str) -> str:
    """The chapter of a pathway, drawn from the stories that test it."""
    from oncor_cases.actions.manual import chapter
    from oncor_cases.sources.stories import read_chapter
    from oncor_cases.web.fact_words import describe
    from oncor_cases.workflows.catalogue import PATHWAYS

    files = sorted((ROOT / "tests/spec" / pathway).glob("*.yml"))
    items = [item for file in files for item in read_chapter(file.read_text(encoding="utf-8"))]
    return chapter(CHAPTERS[pathway], PATHWAYS[pathway].MACHINE, items, describe)


def documents() -> str:
    """Kinds of SEMD and VIMIS documents that are read."""
    from oncor_cases.sources.semd.identify import rows

    titles: dict[tuple[str, str], list[str]] = {}
    for row in rows():
        number = f"ВИМИС {row.md.removeprefix('SMSV')}" if row.md.startswith("SMSV") else row.remd
        titles.setdefault((row.name, row.title), []).append(number or f"МД {row.md}")
    lines = [
        "# Документы",
        "",
        "Вид узнаётся по коду и справочнику, редакция — по шаблону. У документа другого вида сохраняется заголовок.",
        "",
        "| Документ | Идентификатор | РЭМД, ВИМИС |",
        "|---|---|---|",
    ]
    lines += [f"| {title} | `{name}` | {', '.join(numbers)} |" for (name, title), numbers in titles.items()]
    return "\n".join([*lines, ""])


def commands() -> str:
    """The command line with its help texts."""
    from typer.main import get_command

    from oncor_cases.cli import app

    root = get_command(app)
    lines = ["# Команды", "", "`oncor КОМАНДА --help` показывает то же самое.", ""]
    for path, command in sorted(_walk(root, "oncor")):
        if path == "oncor" or hasattr(command, "commands"):
            continue
        lines += [f"## {path}", "", (command.help or "").strip(), ""]
        for parameter in command.params:
            names = ", ".join(f"`{o}`" for o in parameter.opts + parameter.secondary_opts)
            if names == "`--help`":
                continue
            words = getattr(parameter, "help", "") or ""
            lines.append(f"* {names}{': ' + words if words else ''}")
        lines.append("")
    return "\n".join(lines)


def _walk(command, path: str):
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from _walk(child, f"{path} {name}")


PAGES: dict[str, Callable[[], str]] = {
    "docs/reference/settings.md": settings,
    "docs/reference/facts.md": facts,
    "docs/reference/documents.md": documents,
    "docs/reference/lists.md": lists,
    "docs/reference/rules.md": rules,
    **{f"docs/reference/{name}.md": partial(chapter_of, name) for name in CHAPTERS},
    "docs/reference/commands.md": commands,
}


def main() -> int:
    stale = []
    for name, page in PAGES.items():
        path, text = ROOT / name, NOTE + page().rstrip() + "\n"
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"написано: {name}")
    if stale and "--check" in sys.argv:
        print("Устарели (make docs):", *stale, sep="\n  ")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
