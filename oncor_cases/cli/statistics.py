"""`oncor statistics`: time and routing of a period, without the web."""

import json
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(statistics)


def statistics(
    first: Annotated[str, typer.Option("--from", help="случаи, открытые с этого дня, ГГГГ-ММ-ДД")],
    last: Annotated[str, typer.Option("--to", help="по этот день")],
    by: Annotated[str, typer.Option(help="разрез: clinic, month, site")] = "clinic",
    clinic: Annotated[str, typer.Option(help="только эта клиника (OID)")] = "",
    site: Annotated[str, typer.Option(help="только эта локализация (C50)")] = "",
    today: Annotated[str, typer.Option("--today", help="на какой день; по умолчанию день системы")] = "",
    known_on: Annotated[str, typer.Option("--known-on", help="пересчитать по тому, что было известно на этот день")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="вывести JSON")] = False,
) -> None:
    """Сроки и маршруты: медиана и 90-й перцентиль, доля в срок, причины, путь по организациям. Ничего не записывает."""
    from oncor_cases.actions.statistics import Question, ask
    from oncor_cases.config import read
    from oncor_cases.kernel.dates import as_date
    from oncor_cases.kernel.errors import UserError
    from oncor_cases.ops.database import opened
    from oncor_cases.store import regions
    from oncor_cases.store.session import Scope

    def day(option: str, text: str):  # type: ignore[no-untyped-def]
        found = as_date(text)
        if found is None:
            raise UserError(f"{option}: нужна дата вида 2026-03-05")
        return found

    settings = read()
    with opened(settings) as db:
        with db.batch() as conn:
            demo = regions.get(conn, settings.region).demo
        known = day("--known-on", known_on) if known_on else None
        on = day("--today", today) if today else known or settings.day(demo=demo)
        if known is None and today and on != settings.day(demo=demo):
            known = on  # another day is computed from what was known on it
        question = Question(day("--from", first), day("--to", last), on, by, clinic, site, known)
        found = ask(db, Scope(settings.region, "oncor statistics", "coordinator"), question)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    typer.echo(f"Случаи, открытые с {found['from']} по {found['to']}; дни, медиана / 90-й перцентиль (n)")
    for row in found["times"]:
        spans = "  ".join(
            f"{name} {s['median']}/{s['p90']} ({s['n']})" if s["n"] else f"{name} —" for name, s in row["spans"].items()
        )
        typer.echo(f"{row['name'] or 'все':30.30} {row['cases']:>7}  {spans}")
    for row in found["duties"]:
        share = "—" if row["share"] is None else f"{row['share']} %"
        typer.echo(
            f"{row['rule']:8} {row['norm']:9} в срок {share:>8} из {row['judged']}; просрочено и идёт {row['overdue']}"
        )
