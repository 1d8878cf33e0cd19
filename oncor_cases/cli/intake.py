"""`oncor ingest`, `oncor withdraw`, `oncor quarantine …`: documents in, out and aside."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from oncor_cases.actions.post import Taken
    from oncor_cases.config import Settings
    from oncor_cases.store.session import Database

AUTHOR = "cli"  # who did it, in the audit
CONTRACT = ("received", "new", "duplicates", "superseded", "quarantined", "facts")  # other programs count on exactly these
Json = Annotated[bool, typer.Option("--json", help="Ответ одним объектом JSON")]
quarantine = typer.Typer(help="Документы, которые не прочитаны или противоречат другим.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(ingest)
    app.command()(withdraw)
    app.add_typer(quarantine, name="quarantine")


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Файлы, папки и архивы zip")],
    as_json: Json = False,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Процессов чтения")] = 2,
) -> None:
    """Принять документы: сначала сохранить байты, затем прочитать."""
    from oncor_cases import config
    from oncor_cases.ops.database import opened

    settings = config.read()
    with opened(settings) as db:
        counts = _ingest(db, settings, paths, workers, quiet=as_json)
    if as_json:
        typer.echo(json.dumps({name: counts[name] for name in CONTRACT}))
    else:
        typer.echo(_said(counts))
    if counts["withdrawn"] or counts["skipped"]:
        typer.echo(
            f"Отзывы из deliveries.csv: исполнено {counts['withdrawn']}, пропущено {counts['skipped']} "
            "(исполняются только в демонстрации и один раз; иначе — oncor withdraw)",
            err=as_json,
        )


def _said(counts: "Taken") -> str:
    return (
        f"Получено {counts['received']}, новых {counts['new']}, повторов {counts['duplicates']}, "
        f"заменено версий {counts['superseded']}, в карантине {counts['quarantined']}, фактов {counts['facts']}"
    )


def _ingest(db: "Database", settings: "Settings", paths: list[Path], workers: int, quiet: bool) -> "Taken":
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from oncor_cases.actions.deliveries import post
    from oncor_cases.actions.post import take_in

    columns = (SpinnerColumn(), TextColumn("Принято документов: {task.completed:.0f}"), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=quiet or not console.is_terminal) as bar:
        line = bar.add_task("", total=None)
        return take_in(
            db, post(paths), region=settings.region, workers=workers, progress=lambda n: bar.update(line, completed=n)
        )


def withdraw(
    sha256: Annotated[str, typer.Argument(help="SHA-256 документа, 64 знака")],
    reason: Annotated[str, typer.Option(help="Причина отзыва")],
    whole_set: Annotated[bool, typer.Option("--set", help="Все версии этого документа")] = False,
    as_json: Json = False,
) -> None:
    """Отозвать документ, аннулированный отправителем: факты перестают действовать, байты остаются."""
    from oncor_cases import config
    from oncor_cases.actions.withdraw import withdraw as action
    from oncor_cases.ops.database import opened

    settings, mark = config.read(), _hash(sha256)
    with opened(settings) as db:
        done = action(db, mark, reason, by=AUTHOR, region=settings.region, whole_set=whole_set)
    typer.echo(
        json.dumps(done)
        if as_json
        else f"Отозвано документов: {done['withdrawn']}; снова действует: {done['restored']}; пациентов: {done['persons']}"
    )


@quarantine.command("list")
def quarantine_list(as_json: Json = False) -> None:
    """Что лежит в карантине, новое сверху; с --json по объекту в строке."""
    from oncor_cases import config
    from oncor_cases.actions.quarantine import listed
    from oncor_cases.ops.database import opened

    settings = config.read()
    with opened(settings) as db, db.batch() as conn:
        after = None
        while page := listed(conn, settings.region, after=after, limit=200):
            for row in page:
                line = f"{row.sha256.hex()}  {row.known_at:%Y-%m-%d %H:%M}  {row.reason_code}: {row.reason}"
                typer.echo(json.dumps(_told(row), ensure_ascii=False) if as_json else line)
            after = page[-1].id


@quarantine.command("show")
def quarantine_show(sha256: Annotated[str, typer.Argument(help="SHA-256 документа")], as_json: Json = False) -> None:
    """Причина и начало текста документа."""
    from oncor_cases import config
    from oncor_cases.actions.quarantine import look
    from oncor_cases.ops.database import opened

    settings = config.read()
    with opened(settings) as db, db.batch() as conn:
        found = look(conn, settings.region, _hash(sha256))
    if as_json:
        typer.echo(json.dumps(_told(found.document) | {"text": found.text, "cut": found.cut}, ensure_ascii=False))
        return
    typer.echo(f"{found.document.reason_code}: {found.document.reason}\n")
    typer.echo(found.text + ("\n…" if found.cut else ""))


@quarantine.command("retry")
def quarantine_retry(
    sha256: Annotated[list[str] | None, typer.Argument(help="SHA-256 документов; без них — все")] = None,
    as_json: Json = False,
) -> None:
    """Прочитать заново."""
    from oncor_cases import config
    from oncor_cases.actions.quarantine import retry
    from oncor_cases.ops.database import opened

    settings = config.read()
    with opened(settings) as db:
        done = retry(db, settings.region, [_hash(mark) for mark in sha256] if sha256 else None, by=AUTHOR)
    typer.echo(
        json.dumps(done)
        if as_json
        else f"Повторено {done['retried']}: прочитано {done['read']}, снова в карантине {done['quarantined']}"
    )


def _told(row: Any) -> dict[str, Any]:
    return {
        "sha256": row.sha256.hex(), "known_at": row.known_at.isoformat(), "code": row.reason_code, "reason": row.reason,
        "kind": row.kind, "organisation": row.sender_org, "origin": row.origin, "size": row.size,
    }  # fmt: skip


def _hash(text: str) -> bytes:
    from oncor_cases.kernel.errors import UserError

    try:
        mark = bytes.fromhex(text.strip())
    except ValueError:
        mark = b""
    if len(mark) != 32:
        raise UserError("SHA-256 — это 64 шестнадцатеричных знака")
    return mark
