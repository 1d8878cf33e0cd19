"""`oncor go-live` and `oncor organisations`: what a region says about itself before the first document."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    app.command("go-live")(go_live)
    app.command()(organisations)


def go_live(
    observed_from: Annotated[str, typer.Option(help="ГГГГ-ММ-ДД: разовые сроки до этого дня — история, задач нет")],
    name: Annotated[str, typer.Option(help="Как называется регион")] = "",
) -> None:
    """Сказать, с какого дня регион под наблюдением. Все пациенты будут пересчитаны ближайшим разбором."""
    from datetime import date

    from oncor_cases import config
    from oncor_cases.kernel.errors import UserError
    from oncor_cases.ops.database import opened
    from oncor_cases.store import regions, sweeps

    try:
        day = date.fromisoformat(observed_from)
    except ValueError as error:
        raise UserError("--observed-from: нужна дата ГГГГ-ММ-ДД") from error
    settings = config.read()
    with opened(settings) as db:
        with db.owner() as conn:
            regions.change(conn, settings.region, observed_from=day, **({"name": name} if name else {}))
        with db.batch() as conn:
            waiting = sweeps.wake_all(conn, settings.region, day)
    typer.echo(f"Регион под наблюдением с {day:%d.%m.%Y}; ждут пересчёта: {waiting}")


def organisations(file: Annotated[Path, typer.Argument(help="CSV: oid,name,short_name,district,roles,parent")]) -> None:
    """Загрузить перечень организаций; известные обновляются, ничего не удаляется."""
    import csv

    from oncor_cases import config
    from oncor_cases.kernel.errors import UserError
    from oncor_cases.ops.database import opened
    from oncor_cases.store import accounts

    if not file.is_file():
        raise UserError(f"Нет файла: {file}")
    settings, number = config.read(), 0
    with file.open(encoding="utf-8-sig", newline="") as lines, opened(settings) as db, db.owner() as conn:
        for number, row in enumerate(csv.DictReader(lines), 1):
            if not row.get("oid") or not row.get("name"):
                raise UserError(f"Строка {number + 1}: нужны столбцы oid и name")
            roles = [role.strip() for role in (row.get("roles") or "").split(";") if role.strip()]
            accounts.organisation(
                conn, settings.region, row["oid"].strip(), name=row["name"].strip(), short_name=row.get("short_name") or "",
                district=row.get("district") or "", roles=roles, parent=row.get("parent") or "",
            )  # fmt: skip
    typer.echo(f"Организаций загружено: {number}")
