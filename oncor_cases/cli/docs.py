"""`oncor docs`: the pages of the manual made from the code and the stories. Works in a working copy of the project."""

import runpy
import sys
from pathlib import Path

import typer

BUILDER = Path(__file__).resolve().parents[2] / "docs" / "build.py"


def register(app: typer.Typer) -> None:
    """Adds the group of commands."""
    docs = typer.Typer(help="Справочник: страницы из кода и историй", no_args_is_help=True)
    app.add_typer(docs, name="docs")

    @docs.command()
    def build() -> None:
        """Написать страницы справочника заново."""
        _run()

    @docs.command()
    def check() -> None:
        """Проверить, что страницы справочника не устарели; код возврата 1, если устарели."""
        _run("--check")


def _run(*arguments: str) -> None:
    from oncor_cases.kernel.errors import UserError

    if not BUILDER.exists():
        raise UserError("Справочник собирается в рабочей копии проекта: здесь нет папки docs")
    before = sys.argv
    sys.argv = [str(BUILDER), *arguments]
    try:
        runpy.run_path(str(BUILDER), run_name="__main__")
    except SystemExit as done:
        raise typer.Exit(int(done.code or 0)) from None
    finally:
        sys.argv = before
