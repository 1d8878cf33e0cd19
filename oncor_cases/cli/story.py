"""`oncor story`: check and run stories, the way a methodologist tests the rules. No database, nothing started."""

import json
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Adds the group of commands."""
    story = typer.Typer(help="Истории пациентов: проверить правила на примерах", no_args_is_help=True)
    app.add_typer(story, name="story")

    @story.command()
    def check(
        files: Annotated[list[Path], typer.Argument(help="файлы YAML с историями")],
        as_json: Annotated[bool, typer.Option("--json", help="вывести JSON")] = False,
    ) -> None:
        """Сверить истории с правилами; код возврата 1, если есть расхождения, 2 — если файл не читается."""
        from oncor_cases.actions.story import check as check_story
        from oncor_cases.kernel.errors import UserError
        from oncor_cases.sources.stories import files_of, stories_of

        results, unreadable = [], False
        for file in files_of(files):  # one that cannot be read keeps nobody from hearing about the others
            try:
                results += [check_story(story) for _, story in stories_of([file])]
            except UserError as error:
                unreadable = True
                typer.echo(f"oncor: {error.message}", err=True)
        if as_json:
            typer.echo(json.dumps(results, ensure_ascii=False, indent=1, default=str))
        else:
            for result in results:
                typer.echo(f"{'верно ' if result['ok'] else 'НЕВЕРНО'}  {result['story']}")
                for d in result["differences"]:
                    typer.echo(f"    {d['today']} {d['field']}: ожидалось {d['expected']}, получено {d['actual']}")
        if unreadable:
            raise typer.Exit(2)
        if not all(result["ok"] for result in results):
            raise typer.Exit(1)

    @story.command()
    def run(
        file: Annotated[Path, typer.Argument(help="файл YAML с историей")],
        today: Annotated[str, typer.Option("--today", help="день, ГГГГ-ММ-ДД")],
        as_json: Annotated[bool, typer.Option("--json", help="вывести JSON")] = False,
    ) -> None:
        """Показать состояние, сроки и задачи истории на день."""
        from oncor_cases.actions.story import run as run_story
        from oncor_cases.kernel.dates import as_date
        from oncor_cases.kernel.errors import UserError
        from oncor_cases.sources.stories import stories_of

        day = as_date(today)
        if day is None:
            raise UserError("--today: нужна дата вида 2026-03-05")
        pathways = [row for _, story in stories_of([file]) for row in run_story(story, day)]
        if as_json:
            typer.echo(json.dumps({"pathways": pathways}, ensure_ascii=False, indent=1, default=str))
            return
        for row in pathways:
            changes = row["wakes_on"] or "только от нового факта"
            typer.echo(f"{row['pathway']} {row['episode']} {row['icd10']}: {row['state']}; изменится {changes}")
            for clock in row["clocks"]:
                typer.echo(f"    {clock['rule']:8} {clock['start']} → {clock['due']}  {clock['status']} {clock['reason']}")
