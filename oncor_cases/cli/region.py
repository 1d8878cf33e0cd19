"""`oncor region generate`: an invented region on disk."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Adds the group `region`."""
    group = typer.Typer(help="Вымышленный регион для показа и проверок.", no_args_is_help=True)
    app.add_typer(group, name="region")

    @group.callback()
    def root() -> None:
        """Вымышленный регион для показа и проверок."""

    @group.command("generate")
    def generate_command(
        out: Annotated[Path, typer.Option(help="Новая папка, куда писать.")],
        residents: Annotated[int, typer.Option(min=1, help="Сколько жителей.")] = 20_000,
        patients: Annotated[int, typer.Option(min=0, help="Сколько пациентов с историями.")] = 600,
        seed: Annotated[int, typer.Option(help="Зерно: то же зерно и день дают те же файлы.")] = 1,
        today: Annotated[
            datetime | None, typer.Option(formats=["%Y-%m-%d"], help="День, к которому история доведена.")
        ] = None,
        mean_kb: Annotated[
            float, typer.Option("--mean-kb", help="Средний размер документа, КБ (0: без добавочного текста).")
        ] = 0,
        json_: Annotated[bool, typer.Option("--json", help="Итог одной строкой JSON.")] = False,
    ) -> None:
        """Придумать регион: жителей, клиники, истории пациентов, документы СЭМД и их доставку."""
        import json
        import sys
        from dataclasses import asdict

        from oncor_cases.region.generate import generate

        arguments = {
            "residents_count": residents,
            "patients_count": patients,
            "seed": seed,
            "today": (today or datetime.now().astimezone()).date(),  # the edge reads the clock, nothing below does
            "mean_kb": mean_kb,
        }
        if sys.stderr.isatty() and not json_:
            from rich.console import Console
            from rich.progress import Progress

            with Progress(console=Console(stderr=True)) as bar:
                shown: dict[str, object] = {}

                def tell(what: str, done: int, total: int) -> None:
                    if what not in shown:
                        shown[what] = bar.add_task(f"Придумываю: {what}", total=total)
                    bar.update(shown[what], completed=done)  # type: ignore[arg-type]

                summary = generate(out, progress=tell, **arguments)  # type: ignore[arg-type]
        else:
            summary = generate(out, **arguments)  # type: ignore[arg-type]
        if json_:
            typer.echo(json.dumps(asdict(summary), ensure_ascii=False))
            return
        typer.echo(
            f"Жителей: {summary.residents}, пациентов: {summary.patients}, документов: {summary.documents}"
            f" ({summary.bytes / 2**20:.0f} МБ), доставок: {summary.deliveries}."
        )

    @group.command("story")
    def story_command(
        name: Annotated[str, typer.Argument(help="Имя истории из seeds/stories; без имени — список.")] = "",
        site: Annotated[str, typer.Option(help="Локализация опухоли из seeds/region/sites.yml.")] = "",
        start: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Первый день истории.")] = datetime(2026, 3, 2),  # noqa: DTZ001
        seed: Annotated[int, typer.Option(help="Зерно: задержки берутся случайно.")] = 1,
    ) -> None:
        """Показать историю региона с датами, как её читает `oncor story`."""
        from oncor_cases.region.as_story import as_story, named, text_of
        from oncor_cases.region.stories import stories
        from oncor_cases.sources.seeds import default_calendar

        if not name:
            for one in stories():
                typer.echo(f"{one.name}: {one.title}")
            return
        typer.echo(text_of(as_story(named(name), site, start.date(), seed, default_calendar())), nl=False)
