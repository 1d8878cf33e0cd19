"""What `oncor serve` and `oncor demo` share: ports from options, and the lines printed while the parts come up."""

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oncor_cases.config import Settings

NAMES = {"database": "База данных", "web": "Веб", "prefect": "Сервер расписаний", "schedules": "Расписания"}


def with_ports(settings: "Settings", port: int | None, prefect_port: int | None, drop: Path | None = None) -> "Settings":
    """Options win over the environment."""
    given = {"port": port, "prefect_port": prefect_port, "drop": drop and drop.expanduser().resolve()}
    return dataclasses.replace(settings, **{name: value for name, value in given.items() if value is not None})


def run(settings: "Settings", when_ready: Callable[[], None] = lambda: None) -> None:
    """Runs the supervisor in the foreground; `when_ready` is called once, when the web serves."""
    import logging

    from rich.console import Console

    from oncor_cases.ops.supervisor import Supervisor

    settings.logs.mkdir(parents=True, exist_ok=True)
    form = "%(asctime)s %(name)s %(message)s"
    logging.basicConfig(filename=settings.logs / "service.log", level=logging.INFO, format=form, force=True)
    logging.getLogger("watchfiles").setLevel(logging.WARNING)
    console, began, told = Console(highlight=False, soft_wrap=True), time.monotonic(), set[str]()

    def tell(part: str, up: bool) -> None:
        seconds = time.monotonic() - began
        words = f"работает ({seconds:.0f} с)" if up else f"остановлен, запускаю снова; журнал: {settings.logs / part}.log"
        console.print(f"  {NAMES[part]}: {words}")
        if part == "web" and up and not told:
            told.add(part)
            console.print(f"  Адрес: [bold]http://{settings.host}:{settings.port}[/bold]")
            console.print(f"  Расписания запускаются, их страница: http://{settings.host}:{settings.prefect_port}")
            console.print(f"  Папка приёма документов: {settings.drop}")
            when_ready()
            console.print("  Ctrl-C — остановить всё")

    Supervisor(settings, tell).run()
    console.print("Остановлено, процессов не осталось")
