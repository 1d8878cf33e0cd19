"""`oncor rules`: the rule book of the region, and what a change of it would do. Nothing here takes effect."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from datetime import date

    from oncor_cases.regulations.rulebook import Rulebook

AsJson = Annotated[bool, typer.Option("--json", help="вывести JSON")]
KnownOn = Annotated[str, typer.Option("--known-on", help="книга правил, как её знали на этот день")]
NORMS = {"verified": "сверено", "recalled": "по памяти: напоминание", "product": "правило системы"}

NO_LAW = {"clinical": "клинический порог, не норма", "format": "формат обмена, не норма"}


def register(app: typer.Typer) -> None:
    """Adds the group of commands."""
    rules = typer.Typer(help="Книга правил региона: список, одно правило, что изменит правка", no_args_is_help=True)
    app.add_typer(rules, name="rules")
    for name, command in (("list", listed), ("show", show), ("diff", diff), ("compute", compute)):
        rules.command(name)(command)


def listed(known_on: KnownOn = "", as_json: AsJson = False) -> None:
    """Все обязанности: срок, акт, статус; в конце — примечания, которые задач не открывают."""
    book = _book(known_on)
    for duty in [*book.duties.values(), *book.notes.values()]:
        editions = book.editions.get(duty.rule, [])
        current = max(editions, key=lambda e: (e.layer, e.valid_from), default=None)
        row = {
            "rule": duty.rule, "pathway": duty.pathway, "title": duty.title, "note": duty.rule in book.notes,
            "limit": current.term.limit if current else None, "unit": current.term.unit if current else None,
            "norm": current.norm if current else None, "basis": current.basis if current else None,
            "act": current.act if current else None,
        }  # fmt: skip
        if as_json:
            typer.echo(json.dumps(row, ensure_ascii=False))
        else:
            status = "примечание" if row["note"] else _status(current.norm, current.basis) if current else ""
            typer.echo(f"{duty.rule:8} {status:24} {duty.title}")


def show(
    rule: Annotated[str, typer.Argument(help="номер правила, например DX-01")],
    known_on: KnownOn = "",
    as_json: AsJson = False,
) -> None:
    """Одно правило: что его начинает и останавливает, все редакции, ступени передачи выше."""
    from oncor_cases.kernel.errors import NotFound

    book = _book(known_on)
    duty = book.duties.get(rule) or book.notes.get(rule)
    if duty is None:
        raise NotFound(f"Правила {rule} нет")
    told = {
        "rule": rule, "pathway": duty.pathway, "title": duty.title, "starts": duty.starts, "stops": duty.stops,
        "owner": duty.owner, "lost_after": duty.lost_after, "danger": duty.danger, "calls": duty.calls,
        "note": rule in book.notes, "says": duty.says, "escalation": {s.level: s.after for s in duty.escalation},
        "editions": [_edition(e) for e in book.editions.get(rule, [])],
    }  # fmt: skip
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    typer.echo(f"{rule}. {duty.title}\nначало: {duty.starts}\nокончание: {duty.stops}")
    if duty.says:
        typer.echo(f"срок: {duty.says}")
    for row in told["editions"]:
        ages = f", возраст {row['ages'][0]}–{row['ages'][1]}" if row["ages"] != [0, 200] else ""
        typer.echo(
            f"    {row['id']}: с {row['from'] or '…'} по {row['to'] or '…'}, {row['limit']} {row['unit']}{ages},"
            f" {_status(row['norm'], row['basis'])}; {row['act']}"
        )


def diff(
    file: Annotated[Path, typer.Option("--with", help="файл YAML: записи правил, как в seeds/regulations")],
    today: Annotated[str, typer.Option("--today", help="день, ГГГГ-ММ-ДД")],
    levels: Annotated[bool, typer.Option("--levels", help="показать и задачи, у которых сменится только уровень")] = False,
    workers: Annotated[int, typer.Option(min=1, max=16, help="процессов для большого региона")] = 2,
    as_json: AsJson = False,
) -> None:
    """Что изменит правка правил: какие задачи появятся, исчезнут, сдвинутся. Задач не меняет."""
    from collections import Counter

    from oncor_cases.actions import whatif
    from oncor_cases.config import read
    from oncor_cases.kernel.dates import as_date
    from oncor_cases.kernel.errors import UserError
    from oncor_cases.ops.database import opened
    from oncor_cases.ops.jobs import complete
    from oncor_cases.sources.seeds import change_records

    day, settings = as_date(today), read()
    if day is None:
        raise UserError("--today: нужна дата вида 2026-03-05")
    try:
        content = change_records(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as wrong:
        raise UserError(f"Файл {file.name} не открывается") from wrong
    counted: Counter[tuple[str, str]] = Counter()
    with opened(settings) as db:
        run = whatif.ask(db, content, day, region=settings.region, author="oncor rules diff")
        done = whatif.compute(db, run, region=settings.region, workers=workers)
        for row in whatif.lines(db, run, region=settings.region):
            if row["change"] == "level" and not levels:
                continue
            counted[row["rule"], row["change"]] += 1
            if as_json:
                typer.echo(json.dumps(row if levels else _contract(row), ensure_ascii=False))
    if not as_json:
        names = {"appears": "появится", "vanishes": "исчезнет", "moves": "сдвинется", "level": "сменит уровень"}
        for (rule, change), n in sorted(counted.items()):
            typer.echo(f"{rule:8} {names[change]:15} {n}")
        typer.echo(f"Посчитано пациентов: {done.done}; задач затронуто: {sum(counted.values())}")
    complete({"failed": done.failed})


def compute(workers: Annotated[int, typer.Option(min=1, max=16, help="процессов для большого региона")] = 2) -> None:
    """Посчитать предложенные в вебе правки, которые ждут расчёта (обычно это делает сама страница или расписание)."""
    from oncor_cases.actions.whatif import compute_waiting
    from oncor_cases.config import read
    from oncor_cases.ops.database import opened
    from oncor_cases.ops.jobs import complete

    settings = read()
    with opened(settings) as db:
        counts = compute_waiting(db, region=settings.region, workers=workers)
    typer.echo(f"Расчётов: {counts['runs']}; пациентов: {counts['persons']}")
    complete(counts)


def _contract(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("change", "person", "rule", "from", "to", "org")}


def _status(norm: str, basis: str) -> str:
    no_law = NO_LAW.get(basis, "")
    return no_law if no_law and norm == "verified" else ", ".join(filter(None, (NORMS[norm], no_law)))


def _edition(e: Any) -> dict[str, Any]:
    def day(value: "date") -> str | None:
        return value.isoformat() if 1900 < value.year < 9000 else None

    return {
        "id": e.id, "from": day(e.valid_from), "to": day(e.valid_to), "limit": e.term.limit, "unit": e.term.unit,
        "norm": e.norm, "basis": e.basis, "act": e.act, "clause": e.clause, "variant": e.variant,
        "icd": e.icd.text, "ages": list(e.ages),
        "source": e.source, "note": e.note, "change": e.revision or None,
    }  # fmt: skip


def _book(known_on: str) -> "Rulebook":
    from oncor_cases.actions.region_rules import region_rules
    from oncor_cases.config import read
    from oncor_cases.kernel.dates import as_date
    from oncor_cases.kernel.errors import UserError
    from oncor_cases.ops.database import opened

    day, settings = as_date(known_on), read()
    if known_on and day is None:
        raise UserError("--known-on: нужна дата вида 2026-03-05")
    with opened(settings) as db, db.batch() as conn:
        return region_rules(conn, settings.region, day).rules.book
