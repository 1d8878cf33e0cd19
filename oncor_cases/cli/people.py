"""`oncor people …`: persons without a common number compared, questions listed."""

import json
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Ответ одним объектом JSON")]
people = typer.Typer(help="Люди: сопоставление записей, вопросы.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.add_typer(people, name="people")


@people.command()
def match(as_json: Json = False) -> None:
    """Сравнить записи без общего номера: равные соединить, похожие отправить на проверку."""
    from oncor_cases import config
    from oncor_cases.ops.database import opened
    from oncor_cases.ops.jobs import match_region

    settings = config.read()
    with opened(settings) as db:
        counts = match_region(db, settings)
    typer.echo(
        json.dumps(counts)
        if as_json
        else f"Сравнено людей {counts['persons']}, пар {counts['weighed']}: соединено по имени {counts['equal']}, по весу"
        f" {counts['scored']}, на проверку {counts['review']}, отменено {counts['ended']}"
    )


@people.command()
def queue(as_json: Json = False) -> None:
    """Сколько совпадений ждёт ответа, по организациям; людей не называет."""
    from oncor_cases import config
    from oncor_cases.ops.database import opened
    from oncor_cases.store import likeness_page

    settings = config.read()
    with opened(settings) as db, db.batch() as conn:
        rows = likeness_page.waiting(conn, settings.region)
    if as_json:
        typer.echo(json.dumps([{"org": r.org, "review": r.review, "asked": r.asked} for r in rows]))
        return
    for r in rows:
        typer.echo(f"{r.org or 'без организации'}: ждут проверки {r.review}, спрошено у организации {r.asked}")
