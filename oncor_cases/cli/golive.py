"""`oncor go-live`: from which day a region is under observation, and whether what is old by then becomes a backlog."""

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    app.command("go-live")(go_live)


def go_live(
    observed_from: Annotated[str, typer.Option(help="ГГГГ-ММ-ДД: разовые сроки до этого дня — история, задач нет")],
    name: Annotated[str, typer.Option(help="Как называется регион")] = "",
    live_from: Annotated[
        str, typer.Option(help="ГГГГ-ММ-ДД: что просрочено к этому дню по прежним данным, ждёт в очереди ввода")
    ] = "",
    without_backlog: Annotated[
        bool, typer.Option("--without-backlog", help="распустить очередь ввода: всё — задачи")
    ] = False,
) -> None:
    """Сказать, с какого дня регион под наблюдением. Все пациенты будут пересчитаны ближайшим разбором.

    Порядок запуска: канцер-регистр и списки наблюдения, потом документы, потом эта команда с --live-from."""
    from datetime import date

    from oncor_cases import config
    from oncor_cases.actions import backlog
    from oncor_cases.kernel.errors import UserError
    from oncor_cases.ops.database import opened
    from oncor_cases.store import regions, sweeps

    try:
        day = date.fromisoformat(observed_from)
    except ValueError as error:
        raise UserError("--observed-from: нужна дата ГГГГ-ММ-ДД") from error
    try:
        live = date.fromisoformat(live_from) if live_from else None
    except ValueError as error:
        raise UserError("--live-from: нужна дата ГГГГ-ММ-ДД") from error
    if live is not None and (without_backlog or live < day):
        raise UserError("--live-from: не раньше --observed-from и не вместе с --without-backlog")
    settings = config.read()
    with opened(settings) as db:
        with db.owner() as conn:
            regions.change(conn, settings.region, observed_from=day, **({"name": name} if name else {}))
            if live is not None or without_backlog:
                backlog.go_live(conn, settings.region, live, by="go-live")
        with db.batch() as conn:
            waiting = sweeps.wake_all(conn, settings.region, day)
            kept = backlog.live_from(conn, settings.region)
    typer.echo(f"Регион под наблюдением с {day:%d.%m.%Y}; ждут пересчёта: {waiting}")
    if kept is not None:
        typer.echo(f"Просроченное к {kept:%d.%m.%Y} по прежним данным ждёт в очереди ввода (страница «Очередь ввода»)")
