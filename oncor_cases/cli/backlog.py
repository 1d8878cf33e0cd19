"""`oncor backlog`: the queue of a region that went live, without the web."""

from typing import Annotated

import typer

ORG = Annotated[str, typer.Option("--org", help="OID клиники")]


def register(app: typer.Typer) -> None:
    """Adds the group `backlog`."""
    group = typer.Typer(help="Очередь ввода: просроченное до запуска, выпускается порциями.", no_args_is_help=True)
    group.command("show")(show)
    group.command("release")(release)
    group.command("pace")(pace)
    app.add_typer(group, name="backlog")


def show() -> None:
    """Сколько ждёт по клиникам и обязанностям."""
    from oncor_cases import config
    from oncor_cases.ops.database import opened
    from oncor_cases.store import backlog
    from oncor_cases.store.session import Scope

    settings = config.read()
    scope = Scope(settings.region, "backlog", "coordinator")
    with opened(settings) as db, db.batch() as conn:
        for c in backlog.by_clinic(conn, scope):
            typer.echo(f"{c.org}  ждёт {c.waiting}, выпущено {c.released}, в рабочий день {c.per_day}  {c.name}")
        for d in backlog.by_duty(conn, scope):
            typer.echo(f"    {d.rule:8} {d.waiting:>6}  с {d.oldest:%d.%m.%Y}")


def release(
    org: ORG,
    number: Annotated[int, typer.Option("-n", help="сколько самых опасных")],
    rule: Annotated[str, typer.Option("--rule", help="только эта обязанность")] = "",
) -> None:
    """Выпустить из очереди сейчас; задачи откроет ближайший разбор."""
    from oncor_cases import config
    from oncor_cases.actions import backlog
    from oncor_cases.ops.database import opened
    from oncor_cases.ops.jobs import today

    settings = config.read()
    with opened(settings) as db:
        day = today(db, settings)
        with db.batch() as conn:
            persons = backlog.release(conn, settings.region, org, number, today=day, by="backlog", rule=rule)
    typer.echo(f"Выпущено: {len(persons)}")


def pace(org: ORG, number: Annotated[int, typer.Option("-n", help="в рабочий день; 0 — не выпускать")]) -> None:
    """Выпускать столько каждый рабочий день с утренним разбором."""
    from oncor_cases import config
    from oncor_cases.actions import backlog
    from oncor_cases.ops.database import opened

    settings = config.read()
    with opened(settings) as db, db.batch() as conn:
        backlog.set_pace(conn, settings.region, org, number, by="backlog")
    typer.echo(f"В рабочий день: {number}")
