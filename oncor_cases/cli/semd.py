"""`oncor semd read`: what a document says, without a database and without starting anything."""

from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import typer

LIMIT = 64 * 1024 * 1024  # a file larger than this is not even opened; documents end far below it


def register(app: typer.Typer) -> None:
    """Adds the `semd` group."""
    semd = typer.Typer(help="Медицинские документы (СЭМД, ВИМИС).", no_args_is_help=True)
    app.add_typer(semd, name="semd")

    @semd.callback()
    def group() -> None:
        """Медицинские документы (СЭМД, ВИМИС)."""

    @semd.command("read")
    def read(
        files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="файлы документов")],
        json: Annotated[bool, typer.Option("--json", help="один объект JSON на строку")] = False,
    ) -> None:
        """Прочитать документы и показать извлечённые факты."""
        from oncor_cases.sources.semd import read as read_bytes

        for file in files:
            line = _line(file, read_bytes)
            if json:
                import json as encoder

                typer.echo(encoder.dumps(line, ensure_ascii=False))
            else:
                _show(line)


def _line(file: Path, read: Any) -> dict[str, Any]:
    """One object of the contract; a file that cannot be opened is `unreadable` too."""
    try:
        data = file.read_bytes() if file.stat().st_size <= LIMIT else b""
    except OSError as error:
        reason = {"FileNotFoundError": "Файл не найден", "IsADirectoryError": "Это папка, а не файл"}.get(
            type(error).__name__, "Файл не открывается"
        )
        return _missing(file, reason)
    if not data and file.stat().st_size > LIMIT:
        return _missing(file, f"Файл больше {LIMIT // 1024 // 1024} МБ")
    reading = read(data)
    who = reading.patient
    return {
        "file": str(file),
        "sha256": sha256(data).hexdigest(),
        "status": reading.status,
        "kind": {
            "name": reading.kind.name,
            "remd": reading.kind.remd or None,
            "generation": reading.kind.generation or None,
        },
        "document": {
            "set_id": reading.document.set_id or None,
            "version": reading.document.version,
            "date": reading.document.date or None,
        },
        "patient": {
            "snils": who.snils or None,
            "enp": who.enp or None,
            "birth_date": who.birth_date or None,
            "sex": who.sex or None,
        },
        "organisation": reading.organisation or None,
        "facts": [
            {
                "fact": f.kind,
                "on": f.on,
                **_plain(f.attributes),
                "certainty": f.certainty,
                "evidence": f.evidence,
                "path": f.path,
            }
            for f in reading.facts
        ],
        "problems": [{"code": p.code, "message": p.message, "path": p.path} for p in reading.problems],
    }


def _missing(file: Path, reason: str) -> dict[str, Any]:
    return {
        "file": str(file),
        "sha256": None,
        "status": "unreadable",
        "kind": {"name": "unknown", "remd": None, "generation": None},
        "document": {"set_id": None, "version": None, "date": None},
        "patient": {"snils": None, "enp": None, "birth_date": None, "sex": None},
        "organisation": None,
        "facts": [],
        "problems": [{"code": "file_unreadable", "message": reason, "path": ""}],
    }


def _plain(attributes: Any) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in attributes.items()}


_STATUS = {"read": "прочитан", "unknown_kind": "вид не читается", "unreadable": "не читается"}


def _show(line: dict[str, Any]) -> None:
    kind = line["kind"]
    number = f" (РЭМД {kind['remd']})" if kind["remd"] else ""
    typer.echo(
        f"{line['file']}: {_STATUS[line['status']]}, {kind['name']}{number}, {line['document']['date'] or 'без даты'}"
    )
    for fact in line["facts"]:
        rest = {k: v for k, v in fact.items() if k not in ("fact", "on", "certainty", "evidence", "path")}
        words = ", ".join(f"{k}={' → '.join(v) if isinstance(v, list) else v}" for k, v in rest.items())
        typer.echo(f"  {fact['on'] or 'без даты':<10}  {fact['fact']:<20}  {words}")
    for problem in line["problems"]:
        typer.echo(f"  ! {problem['message']}" + (f" [{problem['path']}]" if problem["path"] else ""))
