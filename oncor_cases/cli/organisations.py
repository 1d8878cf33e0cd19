"""`oncor organisations`: the region's clinics, the territories they serve, categories of people; from tables."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from collections.abc import Sequence

TABLE = Annotated[Path, typer.Argument(help="CSV (UTF-8 или Windows-1251) или XLSX")]


class LoadByDefault(TyperGroup):
    """`oncor organisations FILE` is `oncor organisations load FILE`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        known = args and (args[0] in self.commands or args[0].startswith("-"))
        return super().resolve_command(ctx, args if known else ["load", *args])


def register(app: typer.Typer) -> None:
    """Adds the group `organisations`."""
    group = typer.Typer(cls=LoadByDefault, help="Организации региона, участки, категории людей.", no_args_is_help=True)
    group.command("load")(load)
    group.command("territories")(territories)
    group.command("categories")(categories)
    app.add_typer(group, name="organisations")


def load(file: Annotated[Path, typer.Argument(help="oid,name,short_name,district,roles,parent,office")]) -> None:
    """Загрузить перечень организаций из CSV или XLSX: новые добавляются, известные обновляются, ничего не удаляется."""
    from oncor_cases import config
    from oncor_cases.actions import organisations as action
    from oncor_cases.ops.database import opened
    from oncor_cases.ops.jobs import today
    from oncor_cases.sources import organisation_table as table

    found = table.organisations(file)
    settings = config.read()
    rows = [{"oid": row["oid"]} | table.values(row) for _, row in found.rows]
    with opened(settings) as db:
        day = today(db, settings)
        with db.batch() as conn:
            done = action.load(conn, settings.region, rows, today=day, by="organisations")
    typer.echo(
        f"Организаций загружено: {len(rows)}; новых {done.new}, изменено {done.changed}, переименовано {done.renamed}"
    )
    if done.waiting:
        typer.echo(f"Ждут пересчёта: {done.waiting}")
    _rejected(found.rejects)


def territories(file: TABLE) -> None:
    """Загрузить участки: населённый пункт, улица, район, OID поликлиники.

    Прежние участки заменяются, поликлиника по месту жительства пересчитывается у всех."""
    from oncor_cases import config
    from oncor_cases.actions import places
    from oncor_cases.ops.database import opened
    from oncor_cases.sources import organisation_table as table

    found = table.territories(file)
    settings = config.read()
    with opened(settings) as db, db.batch() as conn:
        number, touched = places.territories(conn, settings.region, [row for _, row in found.rows], by="territories")
    typer.echo(f"Участков загружено: {number}; другая поликлиника по месту жительства: {touched}")
    _rejected(found.rejects)


def categories(file: TABLE) -> None:
    """Загрузить список людей с категорией: СНИЛС или полис, категория (дом-интернат, колония, служба …), с даты."""
    from oncor_cases import config
    from oncor_cases.actions import places
    from oncor_cases.ops.database import opened
    from oncor_cases.ops.jobs import today
    from oncor_cases.sources import organisation_table as table

    found = table.categories(file)
    settings = config.read()
    with opened(settings) as db:
        day = today(db, settings)
        with db.batch() as conn:
            listed = places.categories(
                conn, settings.region, found.rows, words=table.CATEGORY_OF, today=day, by="categories"
            )
    typer.echo(f"Записано: {listed.written}")
    _rejected([*found.rejects, *listed.rejects])


def _rejected(rows: "Sequence[tuple[int, str]]") -> None:
    """Lines that were not taken, on stderr; exit code 1 tells a script."""
    if not rows:
        return
    for line, reason in sorted(rows):
        typer.echo(f"строка {line}: {reason}", err=True)
    typer.echo(f"Не взято строк: {len(rows)}", err=True)
    raise typer.Exit(1)
