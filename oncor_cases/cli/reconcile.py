"""`oncor reconcile`: the sources are compared now, without the scheduler."""

import json
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Adds the command `reconcile`."""
    app.command("reconcile")(reconcile)


def reconcile(as_json: Annotated[bool, typer.Option("--json", help="числа как JSON")] = False) -> None:
    """Сверить источники: регистр, документы, списки ТФОМС, счета, смерти, выезд, прикрепление. Людей не называет."""
    from oncor_cases import config
    from oncor_cases.actions import comparing
    from oncor_cases.actions.sweep import sweep
    from oncor_cases.checks.comparisons import COMPARISONS
    from oncor_cases.ops.database import opened
    from oncor_cases.ops.jobs import today

    settings = config.read()
    with opened(settings) as db:
        day = today(db, settings)
        done = comparing.run(db, settings.region, day)
        if done.touched:
            sweep(db, day, region=settings.region, persons=sorted(done.touched))
    if as_json:
        typer.echo(json.dumps({"comparisons": done.counts, "skipped": done.skipped, "seconds": done.seconds} | done.total()))
        return
    for name, comparison in COMPARISONS.items():
        if name in done.skipped:
            typer.echo(f"{comparison.title}: нет списка, не сверялось")
            continue
        c = done.counts[name]
        typer.echo(f"{comparison.title}: открыто {c['open']}, новых {c['new'] + c['returned']}, исправлено {c['ended']}")
    held = f"; новых слишком много, поручения выдаются вручную: {done.held}" if done.held else ""
    typer.echo(f"Поручений выдано {done.given}, завершено {done.closed}{held}; {done.seconds:.1f} с")
