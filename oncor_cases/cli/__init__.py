"""The command line: one typer app, one file per room of commands.

A room is a file beside this one with `register(app)`; whatever is found is registered, in the order of file names.
Rooms import what they need inside their commands, so `oncor --help` stays under 0.3 s (tests/test_house.py).
An OncorError ends as one Russian line on stderr and exit code 1 (2 for wrong usage), never as a traceback."""

import importlib
import pkgutil
from importlib.metadata import version
from platform import python_version
from typing import Any

import typer
from typer.core import TyperGroup

from oncor_cases import compiled
from oncor_cases.kernel.errors import OncorError, UserError


class Friendly(TyperGroup):
    """Shows errors raised on purpose as one line; anything else is a bug and keeps its traceback (without locals)."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except OncorError as error:
            typer.echo(f"oncor: {error.message}", err=True)
            raise typer.Exit(2 if isinstance(error, UserError) else 1) from None


app = typer.Typer(
    cls=Friendly,
    name="oncor",
    help="ONCOR Cases: путь онкологического пациента под присмотром.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # a local variable may be a patient's value
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"oncor {version('oncor-cases')}, Python {python_version()}, ядро: {compiled.told()}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(False, "--version", help="Версия и какое ядро работает.", callback=_version, is_eager=True),
) -> None:
    """ONCOR Cases: путь онкологического пациента под присмотром."""


for room in sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")):
    importlib.import_module(f"{__name__}.{room}").register(app)
