"""`oncor lists …`: lists in, looked at, withdrawn."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

AUTHOR = "cli"
FAILED, WAITING = 1, 3  # exit codes; 2 is wrong usage, as everywhere
WAITS = {  # Outcome.waits → what it waits for, where to answer
    "columns": (
        "разметки столбцов",
        "Разметить: «Списки», страница {page}/mapping; в следующий раз — ключ --kind или --mapping",
    ),
    "lost": (
        "подтверждения, что столбцов и правда нет",
        "Подтвердить или разметить столбцы: «Списки», страница {page}; в следующий раз — ключ --confirmed",
    ),
    "day": ("дня, на который он составлен", "Указать: «Списки», страница {page}; в следующий раз — ключ --as-of"),
    "region": (
        "отправителя: чей это регистр",
        "Указать: «Списки», страница {page}; в следующий раз — ключ --sender «Канцер-регистр другого региона: название»",
    ),
    "confirmation": (
        "подтверждения, что он полный",
        "Подтвердить: «Списки», страница {page}; в следующий раз — ключ --confirmed",
    ),
    "pair": ("своего файла счетов", "Отвечать не нужно: загрузите файл счетов, они прочитаются вместе"),
}
Json = Annotated[bool, typer.Option("--json", help="Ответ одним объектом JSON")]
lists = typer.Typer(help="Списки: застрахованные, наблюдаемые, умершие, регистр, счета и другие.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Adds the group `lists`."""
    app.add_typer(lists, name="lists")


@lists.command("load")
def load(
    files: Annotated[
        list[Path],
        typer.Argument(help="Файлы: CSV, XLSX, XLS, ODS, DBF, XML, JSON, один файл в zip; архив со счетами", exists=True),
    ],
    kind: Annotated[str, typer.Option(help="Вид списка; без него узнаётся по столбцам")] = "",
    as_of: Annotated[
        datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="День, на который составлен список")
    ] = None,
    sender: Annotated[str, typer.Option(help="Кто составил: OID организации или название (ТФОМС, ЗАГС)")] = "",
    part: Annotated[str, typer.Option(help="Часть списка, если он приходит частями (например, код поликлиники)")] = "",
    mapping: Annotated[str, typer.Option(help="Имя сохранённой разметки столбцов")] = "",
    confirmed: Annotated[
        bool, typer.Option("--confirmed", help="Список полный, хотя он намного короче прежнего или без его столбца")
    ] = False,
    as_json: Json = False,
) -> None:
    """Загрузить списки: сначала сохранить байты, затем прочитать; плохие строки перечисляются с причинами. Код возврата 1,
    если список не загружен, 3 — если ни один не отвергнут, но какой-то сохранён и ждёт ответа или своей пары."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from oncor_cases import config
    from oncor_cases.actions import list_drop
    from oncor_cases.ops.database import opened

    settings = config.read()
    console = Console(stderr=True)
    told: list[dict[str, Any]] = []
    columns = (SpinnerColumn(), TextColumn("{task.description}: {task.completed:.0f} строк"), TimeElapsedColumn())
    with opened(settings) as db, Progress(*columns, console=console, disable=as_json or not console.is_terminal) as bar:
        for path in (one for one in files if not list_drop.beside_its_claims(one, files)):
            line = bar.add_task(path.name, total=None)
            done = list_drop.take(
                db,
                path,
                region=settings.region,
                author=AUTHOR,
                kind=kind,
                as_of=as_of.date() if as_of else None,
                sender=sender,
                part=part,
                mapping=mapping,
                confirmed=confirmed,
                progress=_Bar(bar, line, path.name),
            )
            told.append(done.told())
            if not as_json:
                typer.echo(_said(done))
    if as_json:
        typer.echo(json.dumps(told if len(told) != 1 else told[0], ensure_ascii=False))
    _end({one["state"] for one in told})


def _end(states: set[str]) -> None:
    if code := FAILED if states - {"loaded", "replaced", "waiting"} else WAITING if "waiting" in states else 0:
        raise typer.Exit(code)


class _Bar:
    """Progress of a load in its line of the console."""

    def __init__(self, bar: Any, line: Any, name: str) -> None:
        self.bar, self.line, self.name = bar, line, name

    def __call__(self, rows: int) -> None:
        self.bar.update(self.line, completed=rows)

    def stage(self, name: str, done: int = 0, of: int = 0) -> None:
        from oncor_cases.actions.list_stages import STAGES

        far = f" {done} из {of}" if of else ""
        self.bar.update(self.line, description=f"{self.name}: {STAGES[name]}{far}")


def _said(done: Any) -> str:
    if done.duplicate:
        return f"{done.name}: уже загружен (№ {done.id}), ничего не изменилось"
    if done.state == "waiting":
        what, answer = WAITS[done.waits]
        reason = done.error.rstrip(".")
        return f"{done.name}: сохранён, ждёт {what} (№ {done.id}). {reason}. {answer.format(page=f'/lists/{done.id}')}"
    if done.state == "failed":
        return f"{done.name}: не загружен (№ {done.id}). {done.error}"
    c = done.counts
    if "added" in c:
        return (
            f"{done.name}: загружен (№ {done.id}), вид {done.kind}. Строк {c['rows']}: принято {c['good']}, "
            f"повторов {c['repeated']}, отклонено {c['rejected']}; новых жителей {c['added']}, исправлено {c['corrected']}, "
            f"выбыло {c['gone']}, узнано среди известных людей {c['known']}"
        )
    return (
        f"{done.name}: загружен (№ {done.id}), вид {done.kind}. Строк {c['rows']}: принято {c['good']}, "
        f"повторов {c['repeated']}, отклонено {c['rejected']}; "
        f"новых и изменённых записей {c['documents']}, исчезло {c['gone']}, фактов {c['facts']}"
    )


@lists.command("show")
def show(
    number: Annotated[int | None, typer.Argument(help="Номер загрузки; без него — последние загрузки")] = None,
    as_json: Json = False,
) -> None:
    """Загрузки, а с номером — одна загрузка и её отклонённые строки."""
    from oncor_cases import config
    from oncor_cases.facts.listed import place
    from oncor_cases.kernel.errors import NotFound
    from oncor_cases.ops.database import opened
    from oncor_cases.store import lists as rows

    settings = config.read()
    with opened(settings) as db, db.batch() as conn:
        if number is None:
            page = [_row(one) for one in rows.page(conn, settings.region)]
            rejects: list[dict[str, Any]] = []
        else:
            found = rows.get(conn, settings.region, number)
            if found is None:
                raise NotFound("Такой загрузки нет")
            page = [_row(found)]
            sheets = found.reading.get("sheets", ())
            rejects = [
                row._asdict() | {"place": place(row.line, sheets)}
                for row in rows.rejects(conn, settings.region, number, limit=1000)
            ]
    if as_json:
        typer.echo(json.dumps(page if number is None else page[0] | {"rejects": rejects}, ensure_ascii=False))
        return
    for one in page:
        typer.echo(
            f"№ {one['id']}  {one['received_at'][:16]}  {one['state']:9} {one['kind']:20} {one['name']}  "
            f"{one['error'] or _step(one)}".rstrip()
        )
        for title, words in _read_of(one):
            typer.echo(f"  {title}: {words}")
    for row in rejects:
        typer.echo(
            f"  строка {row['place']}: {row['field'] + ': ' if row['field'] else ''}{row['message']}"
            f"{' (строка принята без этого значения)' if row['accepted'] else ''}"
        )


def _step(one: dict[str, Any]) -> str:
    from oncor_cases.actions.list_stages import STAGES, in_order

    if one["state"] != "reading" or not one["stages"]:
        return ""
    since, name, _ = in_order(one["stages"])[-1]
    return f"{STAGES[name]} с {since.astimezone():%H:%M:%S}, прочитано строк {one['progress']}"


def _row(one: Any) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "kind": one.kind,
        "sender": one.sender_org,
        "as_of": str(one.as_of or ""),
        "state": one.state,
        "counts": one.counts,
        "progress": one.progress,
        "stages": one.stages,
        "error": one.error,
        "received_at": one.received_at.isoformat(),
        "author": one.author,
        "size": one.size,
        "sha256": one.sha256.hex(),
        "reading": one.reading,
    }


def _read_of(one: dict[str, Any]) -> list[tuple[str, str]]:
    """What of the file was not read; the sheets that were, if there were several."""
    reading = one["reading"]
    sheets = [name for name, _ in reading.get("sheets", ())]
    told = (
        ("столбцы не прочитаны", reading.get("unread", ())),
        ("прочитаны листы", sheets if len(sheets) > 1 else ()),
        ("листы не прочитаны", reading.get("left", ())),
    )
    return [(title, ", ".join(names)) for title, names in told if names]


@lists.command("withdraw")
def withdraw(
    number: Annotated[int, typer.Argument(help="Номер загрузки")],
    reason: Annotated[str, typer.Option(help="Причина отзыва")],
    as_json: Json = False,
) -> None:
    """Отозвать загрузку: сказанное только в ней перестаёт действовать, байты остаются."""
    from oncor_cases import config
    from oncor_cases.actions.lists import withdraw as action
    from oncor_cases.ops.database import opened

    settings = config.read()
    with opened(settings) as db:
        counts = action(db, number, reason, region=settings.region, by=AUTHOR)
    typer.echo(
        json.dumps(counts) if as_json else f"Отозвано записей {counts['withdrawn']}, восстановлено {counts['documents']}"
    )


@lists.command("finish")
def finish(
    drop: Annotated[Path | None, typer.Option(help="Папка приёма: сначала забрать списки из неё", exists=True)] = None,
    as_json: Json = False,
) -> None:
    """Загрузить всё, что сохранено и не прочитано; то же делает расписание. Коды возврата — как у load."""
    from oncor_cases import config
    from oncor_cases.actions import list_drop
    from oncor_cases.actions import lists as door
    from oncor_cases.ops.database import opened

    settings = config.read()
    with opened(settings) as db:
        if drop is not None:
            list_drop.take_lists(db, drop, settings.region)
        done = door.finish(db, region=settings.region)
    typer.echo(json.dumps([one.told() for one in done], ensure_ascii=False) if as_json else "\n".join(map(_said, done)))
    _end({one.state for one in done})


@lists.command("codes")
def codes(
    file: Annotated[Path, typer.Argument(help="CSV с двумя столбцами: код и значение", exists=True)],
    of: Annotated[
        str, typer.Option(help="org_codes — коды организаций (код, OID); stages — коды стадий N002 (код, стадия)")
    ] = "org_codes",
) -> None:
    """Справочники региона для чтения списков: коды организаций и коды стадий."""
    import csv

    from oncor_cases import config
    from oncor_cases.kernel.errors import UserError
    from oncor_cases.ops.database import opened
    from oncor_cases.store import regions

    if of not in ("org_codes", "stages"):
        raise UserError("Справочники: org_codes или stages")
    with file.open(encoding="utf-8-sig", newline="") as handle:
        found = {row[0].strip(): row[1].strip() for row in csv.reader(handle, delimiter=_delimiter(file)) if len(row) >= 2}
    settings = config.read()
    with opened(settings) as db, db.owner() as conn:
        place = regions.get(conn, settings.region)
        regions.change(conn, settings.region, settings=place.settings | {of: place.settings.get(of, {}) | found})
    typer.echo(f"Справочник {of}: записей {len(found)}")


def _delimiter(file: Path) -> str:
    with file.open(encoding="utf-8-sig") as handle:
        return ";" if ";" in handle.readline() else ","
