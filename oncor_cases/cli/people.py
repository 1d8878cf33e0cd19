"""`oncor people …`: the insured list in, persons without a common number compared, questions listed."""

import json
from pathlib import Path
from typing import Annotated

import typer

AUTHOR = "cli"  # who did it, in the audit
Json = Annotated[bool, typer.Option("--json", help="Ответ одним объектом JSON")]
people = typer.Typer(help="Люди: список застрахованных, сопоставление записей, вопросы.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.add_typer(people, name="people")


@people.command()
def load(
    path: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Список застрахованных, CSV")],
    as_of: Annotated[str, typer.Option("--as-of", help="на какой день список, ГГГГ-ММ-ДД")],
    version: Annotated[int | None, typer.Option(min=1, help="номер исправления за этот день")] = None,
    may_leave: Annotated[
        float, typer.Option(min=0, max=1, help="какая доля жителей может выбыть разом; больше похоже на неполный список")
    ] = 0.1,
    as_json: Json = False,
) -> None:
    """Загрузить список застрахованных целиком: годные строки приняты, негодные перечислены с причиной."""
    from oncor_cases import config
    from oncor_cases.actions.residents import load as action
    from oncor_cases.cli.worklist import _day
    from oncor_cases.ops.database import opened

    settings, day = config.read(), _day("--as-of", as_of)
    with opened(settings) as db:
        done = action(db, path, region=settings.region, as_of=day, version=version, by=AUTHOR, may_leave=may_leave)
    if as_json:
        typer.echo(json.dumps(done.told()))
        return
    if done.again:
        typer.echo("Этот файл уже загружен: ничего не изменено")
        return
    typer.echo(
        f"Строк {done.lines}: новых жителей {done.added}, исправлено {done.corrected}, выбыло {done.gone}, отклонено"
        f" {done.rejected}, принято без негодного значения {done.flawed}; уже известны системе {done.known}"
    )


@people.command()
def rejects(
    load: Annotated[int | None, typer.Option(help="номер загрузки; по умолчанию последняя")] = None, as_json: Json = False
) -> None:
    """Отклонённые строки последней загрузки: номер строки и причина; с --json по объекту в строке."""
    from oncor_cases import config
    from oncor_cases.actions.residents import REASONS
    from oncor_cases.ops.database import opened
    from oncor_cases.store import resident_list

    settings = config.read()
    with opened(settings) as db, db.batch() as conn:
        for row in resident_list.rejects(conn, settings.region, load):
            told = {"line": row.line, "code": row.code, "taken": row.taken, "reason": REASONS.get(row.code, row.code)}
            typer.echo(json.dumps(told, ensure_ascii=False) if as_json else f"строка {row.line}: {told['reason']}")


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
