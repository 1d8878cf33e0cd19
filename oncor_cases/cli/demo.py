"""`oncor demo`: an invented region, then the whole system over it."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from oncor_cases.config import Settings
    from oncor_cases.ops.demo import Login, Size


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    port: Annotated[int | None, typer.Option(help="Порт веба (ONCOR_PORT)")] = None,
    prefect_port: Annotated[int | None, typer.Option(help="Порт сервера Prefect (ONCOR_PREFECT_PORT)")] = None,
    residents: Annotated[int, typer.Option(min=1, help="Сколько жителей придумать")] = 20_000,
    patients: Annotated[int, typer.Option(min=1, help="Сколько пациентов с историями")] = 600,
    seed: Annotated[int, typer.Option(help="Зерно: то же зерно и тот же день дают тот же регион")] = 1,
    fresh: Annotated[bool, typer.Option("--fresh", help="Удалить прежний показ и начать заново")] = False,
    build_only: Annotated[bool, typer.Option("--build-only", help="Только подготовить данные, ничего не запускать")] = False,
) -> None:
    """Показ на вымышленном регионе: база, документы, расписания, веб. Ctrl-C останавливает каждый процесс."""
    from oncor_cases.cli import _running
    from oncor_cases.config import read
    from oncor_cases.ops import demo as story
    from oncor_cases.ops.supervisor import alone

    settings = _running.with_ports(read(), port, prefect_port)
    typer.echo(f"Показ ONCOR Cases. Папка данных: {settings.home}")
    with alone(settings.home):
        if fresh:
            story.forget(settings)
        if not story.is_ready(settings):
            _build(settings, story.Size(residents, patients, seed))
        logins = story.logins(settings)
    if build_only:
        _print(logins)
        return
    _running.run(settings, lambda: _print(logins))


def _build(settings: "Settings", size: "Size") -> None:
    """With bars in a terminal, with a line per step elsewhere."""
    import logging

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from oncor_cases.ops import demo as story

    settings.logs.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(
        filename=settings.logs / "demo.log", level=logging.WARNING, format="%(asctime)s %(name)s %(message)s"
    )
    console = Console(highlight=False)
    columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        shown: dict[str, object] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in shown:
                shown[what] = bars.add_task(what, total=total)
                if not console.is_terminal:
                    console.print(f"  {what}…")
            bars.update(shown[what], completed=done, total=total)  # type: ignore[arg-type]

        failed = story.build(settings, size, tell)
    if failed:
        console.print(f"  Не разобрано пациентов: {failed}; причины — на странице разборов")


def _print(logins: "list[Login]") -> None:
    typer.echo("  Учётные записи показа (вход, пароль):")
    for login, password, about in logins:
        typer.echo(f"    {login:14} {password:12} {about}")
