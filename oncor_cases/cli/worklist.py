"""`oncor sweep`, `tasks`, `upcoming`, `explain`: the worklist without the web and without schedules."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from datetime import date

Today = Annotated[str, typer.Option("--today", help="день, ГГГГ-ММ-ДД")]
KnownOn = Annotated[str, typer.Option("--known-on", help="ответить по тому, что было известно на этот день")]
AsJson = Annotated[bool, typer.Option("--json", help="вывести JSON")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    for command in (sweep, escalate, tasks, upcoming, explain):
        app.command()(command)


def sweep(
    today: Today,
    as_json: AsJson = False,
    rewind: Annotated[
        bool, typer.Option("--rewind", help="вернуться на прошлый день (только демонстрационная база)")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, max=16, help="процессов для большого разбора")] = 2,
) -> None:
    """Разбор на день: пересчитать всех, у кого что-то изменилось, и привести задачи в порядок."""
    from oncor_cases.actions.sweep import sweep as action
    from oncor_cases.config import read
    from oncor_cases.ops.database import opened
    from oncor_cases.ops.jobs import complete

    settings, day = read(), _day("--today", today)
    with opened(settings) as db:
        counts = action(db, day, region=settings.region, rewind=rewind, workers=workers)
    if as_json:
        typer.echo(json.dumps(counts))
    else:
        typer.echo(
            f"Разобрано: {counts['persons']}; открыто {counts['opened']}, изменено {counts['changed']}, закрыто"
            f" {counts['closed']}, открыто вновь {counts['reopened']}, повышено {counts['escalated']}; {counts['seconds']} с"
        )
    complete(counts)


def escalate(today: Today, as_json: AsJson = False) -> None:
    """Поднять уровни, которые поднимаются сегодня, и раздать уведомления."""
    from oncor_cases.actions.sweep import escalate as action
    from oncor_cases.config import read
    from oncor_cases.ops.database import opened
    from oncor_cases.ops.jobs import complete

    settings, day = read(), _day("--today", today)
    with opened(settings) as db:
        counts = action(db, day, region=settings.region)
    if as_json:
        typer.echo(json.dumps(counts))
    else:
        typer.echo(f"Повышено {counts['escalated']}, уведомлений роздано {counts['delivered']}")
    complete(counts)


def tasks(
    today: Today,
    known_on: KnownOn = "",
    shown: Annotated[bool, typer.Option("--shown", help="как было показано в тот день (по журналу задач)")] = False,
    as_json: AsJson = False,
) -> None:
    """Задачи, открытые на день. Ничего не записывает."""
    from oncor_cases.actions import explain as asked
    from oncor_cases.config import read
    from oncor_cases.kernel.errors import UserError
    from oncor_cases.ops.database import opened

    settings, day, known = read(), _day("--today", today), _known(known_on)
    if shown and known is not None:
        raise UserError("--shown отвечает по журналу задач; --known-on с ним не сочетается")
    with opened(settings) as db:
        answer = (
            asked.shown(db, day, region=settings.region)
            if shown
            else asked.tasks(db, day, region=settings.region, known_on=known)
        )
    _print(answer.rows, as_json)
    _complete(answer.failed)


def upcoming(
    today: Today,
    days: Annotated[int, typer.Option(min=0, help="на сколько дней вперёд")] = 14,
    known_on: KnownOn = "",
    as_json: AsJson = False,
) -> None:
    """Предстоящее: сроки, которые идут и кончаются в ближайшие дни. Ничего не записывает."""
    from oncor_cases.actions import explain as asked
    from oncor_cases.config import read
    from oncor_cases.ops.database import opened

    settings, day, known = read(), _day("--today", today), _known(known_on)
    with opened(settings) as db:
        answer = asked.upcoming(db, day, days, region=settings.region, known_on=known)
    _print(answer.rows, as_json)
    _complete(answer.failed)


def explain(
    person: Annotated[str, typer.Argument(help="адрес пациента (случайный номер, не СНИЛС)")],
    today: Today,
    known_on: KnownOn = "",
    as_json: AsJson = False,
) -> None:
    """Где пациент на каждом пути и почему: сроки, пропущенные дни, основания. Ничего не записывает."""
    from uuid import UUID

    from oncor_cases.actions import explain as asked
    from oncor_cases.config import read
    from oncor_cases.kernel.errors import UserError
    from oncor_cases.ops.database import opened

    settings, day, known = read(), _day("--today", today), _known(known_on)
    try:
        address = UUID(person)
    except ValueError as error:
        raise UserError("Адрес пациента — случайный номер вида 00000000-0000-0000-0000-000000000000") from error
    with opened(settings) as db:
        told = asked.explain(db, address, day, region=settings.region, known_on=known)
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    for case in told["pathways"]:
        typer.echo(
            f"{case['pathway']} {case['episode']} {case['icd10']}: {case['state']}; изменится {case['wakes_on'] or '—'}"
        )
        for clock in case["clocks"]:
            typer.echo(f"    {clock['rule']:8} {clock['due']}  {clock['status']:8} {clock['text']}")
            for skipped in clock["skipped"]:
                typer.echo(f"             не считается {skipped['day']}: {skipped['reason']}")


def _print(rows: Iterable[dict[str, Any]], as_json: bool) -> None:
    for row in rows:
        if as_json:
            typer.echo(json.dumps(row, ensure_ascii=False))
        else:
            level = row["level"] or "предстоит"
            typer.echo(f"{row['due']} {row['days_overdue']:>5}  {row['rule']:8} {level:12} {row['state']:9} {row['person']}")


def _complete(failed: int) -> None:
    from oncor_cases.ops.jobs import complete

    complete({"failed": failed})


def _day(option: str, text: str) -> "date":
    from oncor_cases.kernel.dates import as_date
    from oncor_cases.kernel.errors import UserError

    day = as_date(text)
    if day is None:
        raise UserError(f"{option}: нужна дата вида 2026-03-05")
    return day


def _known(text: str) -> "date | None":
    return _day("--known-on", text) if text else None
