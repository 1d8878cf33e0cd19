"""`oncor contingents`: lists of people without the web: shown, saved, exported, compared, made anew."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from uuid import UUID

    from oncor_cases.store.session import Scope

AsJson = Annotated[bool, typer.Option("--json", help="вывести JSON")]
List = Annotated[str, typer.Argument(help="адрес списка (из `oncor contingents list`)")]
Day = Annotated[str, typer.Option("--today", help="день, ГГГГ-ММ-ДД; по умолчанию день системы")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(
        name="contingents", help="Списки людей: из файла, по условиям, из других списков.", no_args_is_help=True
    )
    for command, name in ((listed, "list"), (show, "show"), (save, "save"), (export, "export"), (diff, "diff"),
                          (refresh, "refresh")):  # fmt: skip
        group.command(name)(command)
    app.add_typer(group)


def listed(as_json: AsJson = False) -> None:
    """Все списки региона: адрес, название, как сделан, на какой день, сколько человек."""
    from oncor_cases.config import read
    from oncor_cases.ops.database import opened
    from oncor_cases.store import contingents

    settings = read()
    with opened(settings) as db, db.web(_reader(settings.region)) as conn:
        rows = contingents.listed(conn, _reader(settings.region))
    for row in rows:
        told = {
            "address": str(row.public_id), "name": row.name, "kind": row.kind, "owner_org": row.owner_org,
            "owner": row.owner_user, "shared": row.shared, "as_of": row.as_of and row.as_of.isoformat(), "size": row.size,
        }  # fmt: skip
        if as_json:
            typer.echo(json.dumps(told, ensure_ascii=False))
        else:
            typer.echo(f"{row.public_id}  {row.as_of}  {row.size:>9}  {row.kind:10} {row.name}")


def show(address: List, as_json: AsJson = False) -> None:
    """Один список: определение, состав по клиникам, история. Имён не печатает: для них есть выгрузка."""
    from oncor_cases.actions import contingents as lists
    from oncor_cases.config import read
    from oncor_cases.ops.database import opened
    from oncor_cases.store import contingents, members

    settings = read()
    reader = _reader(settings.region)
    with opened(settings) as db, db.web(reader) as conn:
        row = lists.visible(conn, reader, _address(address))
        history = contingents.snapshots(conn, reader.region, row.id)
        held = contingents.snapshot_members(conn, reader.region, row.snapshot) if row.snapshot else None
        lists.become_batch(conn)
        clinics = members.clinics(conn, reader.region, held) if held is not None else []
    told = {
        "address": str(row.public_id), "name": row.name, "kind": row.kind, "definition": dict(row.definition),
        "size": row.size, "clinics": [{"org": c.org, "name": c.name, "count": c.count} for c in clinics],
        "snapshots": [{"id": s.id, "as_of": s.as_of.isoformat(), "size": s.size} for s in history],
    }  # fmt: skip
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    typer.echo(f"{row.name} ({row.kind}): {row.size} чел. на {row.as_of}")
    for c in clinics:
        typer.echo(f"  {c.count:>9}  {c.name or 'не прикреплены'}")
    for s in history:
        typer.echo(f"  снимок {s.id}: {s.as_of}, {s.size} чел.")


def save(
    name: Annotated[str, typer.Argument(help="название списка")],
    expression: Annotated[str, typer.Option("--expression", help='JSON: {"op": "minus", "of": ["c:АДРЕС", "alive"]}')] = "",
    query: Annotated[str, typer.Option("--query", help='JSON условий: {"alive": true, "icd10": "C50"}')] = "",
    registry: Annotated[str, typer.Option("--register", help="oncology или precancer")] = "",
    file: Annotated[Path | None, typer.Option("--file", help="CSV, XLSX, XLS, ODS", exists=True, dir_okay=False)] = None,
    shared: Annotated[bool, typer.Option("--shared", help="виден всем организациям, каждой — её люди")] = False,
    today: Day = "",
    as_json: AsJson = False,
) -> None:
    """Сохранить список: из выражения, условий, регистра или файла (ровно одно из них)."""
    from oncor_cases.actions import contingent_files
    from oncor_cases.actions import contingents as lists
    from oncor_cases.config import read
    from oncor_cases.kernel.errors import UserError
    from oncor_cases.ops.database import opened

    if sum(map(bool, (expression, query, registry, file))) != 1:
        raise UserError("Укажите одно из: --expression, --query, --register, --file")
    settings = read()
    with opened(settings) as db:
        day, reader = _day(db, settings, today), _reader(settings.region)
        if file is not None:
            loaded = contingent_files.load(
                db, reader, name=name, file=file.name, data=file.read_bytes(), as_of=day, today=day, shared=shared
            )
            told: dict[str, Any] = {
                "address": str(loaded.address), "rows": loaded.rows, "persons": loaded.persons, "rejected": loaded.rejected,
            }  # fmt: skip
        else:
            kind = "expression" if expression else "query" if query else "register"
            definition = {kind: _json(expression or query) if kind != "register" else registry}
            address = lists.save(db, reader, name=name, kind=kind, definition=definition, today=day, shared=shared)
            with db.web(reader) as conn:
                told = {"address": str(address), "persons": lists.visible(conn, reader, address).size}
    typer.echo(json.dumps(told) if as_json else " ".join(f"{k}={v}" for k, v in told.items()))


def export(
    address: List,
    to: Annotated[Path, typer.Argument(help="файл .csv или .xlsx", dir_okay=False)],
    columns: Annotated[str, typer.Option(help="столбцы через запятую")] = "family,given,patronymic,birth_date,attached_name",
    as_json: AsJson = False,
) -> None:
    """Выгрузить список в файл. Записывается в журнал с числом строк и столбцами."""
    from oncor_cases.actions import exporting
    from oncor_cases.config import read
    from oncor_cases.ops.database import opened

    settings = read()
    with opened(settings) as db:
        n = exporting.export(
            db, _reader(settings.region), _address(address), columns=columns.split(","), kind=to.suffix[1:], to=to
        )
    typer.echo(json.dumps({"rows": n}) if as_json else f"Выгружено строк: {n}")


def diff(
    address: List,
    before: Annotated[int, typer.Argument(help="номер снимка")],
    after: Annotated[int, typer.Argument(help="номер другого снимка")],
    as_json: AsJson = False,
) -> None:
    """Сколько вошло и вышло между двумя снимками, по клиникам прикрепления."""
    from oncor_cases.actions import contingents as lists
    from oncor_cases.config import read
    from oncor_cases.kernel.errors import NotFound
    from oncor_cases.ops.database import opened
    from oncor_cases.store import contingents, members

    settings = read()
    reader = _reader(settings.region)
    with opened(settings) as db, db.web(reader) as conn:
        row = lists.visible(conn, reader, _address(address))
        if not {before, after} <= {s.id for s in contingents.snapshots(conn, reader.region, row.id)}:
            raise NotFound("У списка нет такого снимка")
        old, new = (contingents.snapshot_members(conn, reader.region, n) for n in (before, after))
        lists.become_batch(conn)
        told = {
            name: {"count": len(who), "clinics": {c.org: c.count for c in members.clinics(conn, reader.region, who)}}
            for name, who in (("entered", new - old), ("left", old - new))
        }
    if as_json:
        typer.echo(json.dumps(told))
    else:
        typer.echo(f"вошли: {told['entered']['count']}, вышли: {told['left']['count']}")


def refresh(today: Day = "", as_json: AsJson = False) -> None:
    """Пересчитать все списки с определением и сообщить подписчикам, кто вошёл и вышел."""
    from oncor_cases.actions import contingents as lists
    from oncor_cases.config import read
    from oncor_cases.ops.database import opened
    from oncor_cases.ops.jobs import complete

    settings = read()
    with opened(settings) as db:
        counts = lists.refresh(db, _day(db, settings, today), region=settings.region)
    typer.echo(json.dumps(counts) if as_json else " ".join(f"{k}={v}" for k, v in counts.items()))
    complete(counts)


def _reader(region: int) -> "Scope":
    """The command line answers for the region, as a coordinator does."""
    from oncor_cases.store.session import Scope

    return Scope(region, "oncor", "coordinator")


def _address(text: str) -> "UUID":
    from uuid import UUID

    from oncor_cases.kernel.errors import UserError

    try:
        return UUID(text)
    except ValueError as error:
        raise UserError("Адрес списка — номер вида 00000000-0000-0000-0000-000000000000") from error


def _json(text: str) -> Any:
    from oncor_cases.kernel.errors import UserError

    try:
        return json.loads(text)
    except ValueError as error:
        raise UserError("Выражение или условия не читаются как JSON") from error


def _day(db: Any, settings: Any, text: str) -> Any:
    from oncor_cases.kernel.dates import as_date
    from oncor_cases.kernel.errors import UserError
    from oncor_cases.ops import jobs

    if not text:
        return jobs.today(db, settings)
    day = as_date(text)
    if day is None:
        raise UserError("--today: нужна дата вида 2026-03-05")
    return day
