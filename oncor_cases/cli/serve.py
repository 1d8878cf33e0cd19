"""`oncor serve`: the whole system on this machine, without inventing anything."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    app.command()(serve)


def serve(
    port: Annotated[int | None, typer.Option(help="Порт веба (ONCOR_PORT)")] = None,
    prefect_port: Annotated[int | None, typer.Option(help="Порт сервера Prefect (ONCOR_PREFECT_PORT)")] = None,
    drop: Annotated[Path | None, typer.Option(help="Папка приёма документов (ONCOR_DROP)")] = None,
) -> None:
    """Запустить всё: базу, веб, расписания, приём документов. Ctrl-C останавливает каждый процесс."""
    from oncor_cases.cli import _running
    from oncor_cases.config import read

    _running.run(_running.with_ports(read(), port, prefect_port, drop))
