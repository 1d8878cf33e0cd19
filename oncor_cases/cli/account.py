"""`oncor account …` and `oncor token …`: who may sign in, who is away, which machine may send documents."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from datetime import date

    from oncor_cases.config import Settings
    from oncor_cases.store.session import Database, Scope

Password = Annotated[str, typer.Option(prompt="Пароль", hide_input=True, confirmation_prompt=True, envvar="ONCOR_PASSWORD")]
account = typer.Typer(help="Учётные записи: кто входит в систему.", no_args_is_help=True)
token = typer.Typer(help="Ключи машин, которые присылают документы.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(account, name="account")
    app.add_typer(token, name="token")


@contextmanager
def _opened() -> "Iterator[tuple[Database, Settings]]":
    from oncor_cases import config
    from oncor_cases.ops.database import opened

    settings = config.read()
    with opened(settings) as db:
        yield db, settings


@account.command("add")
def add(
    login: str,
    password: Password,
    role: Annotated[str, typer.Option(help="navigator, head, coordinator, methodologist, registrar, admin")],
    name: Annotated[str, typer.Option(help="Фамилия и имя")] = "",
    org: Annotated[list[str] | None, typer.Option(help="OID организации; можно несколько раз")] = None,
) -> None:
    """Открыть учётную запись."""
    from oncor_cases.actions import accounts

    with _opened() as (db, settings):
        fresh = accounts.add(db, login, password, name=name, role=role, orgs=org or (), region=settings.region)
    typer.echo("Учётная запись открыта" if fresh else "Такая запись уже есть; она открыта, пароль прежний")


@account.command("password")
def password(login: str, password: Password) -> None:
    """Сменить пароль; все сеансы записи закрываются."""
    from oncor_cases.actions import accounts

    with _opened() as (db, settings):
        accounts.change_password(db, login, password, region=settings.region)
    typer.echo("Пароль сменён")


@account.command("close")
def close(login: str) -> None:
    """Закрыть учётную запись; сделанное ею остаётся в истории, взятое в работу возвращается в клинику."""
    from oncor_cases.actions import accounts

    with _opened() as (db, settings):
        returned = accounts.close(db, login, today=_today(db, settings), region=settings.region)
    typer.echo(f"Учётная запись закрыта; пациентов возвращено в клинику: {returned}")


@account.command("absent")
def absent(
    login: str,
    substitute: Annotated[str, typer.Option(help="кто замещает: вход сотрудника тех же организаций")],
    first: Annotated[str, typer.Option("--from", help="первый день, ГГГГ-ММ-ДД")],
    last: Annotated[str, typer.Option("--to", help="последний день, ГГГГ-ММ-ДД")],
) -> None:
    """Записать отсутствие: задачи и уведомления видит замещающий."""
    from oncor_cases.actions import absences

    with _opened() as (db, settings):
        number = absences.register(
            db,
            login,
            substitute,
            _day("--from", first),
            _day("--to", last),
            by=_keeper(settings),
            today=_today(db, settings),
        )
    typer.echo(f"Отсутствие записано, номер {number}")


@account.command("absences")
def listed() -> None:
    """Кого нет сейчас и кого не будет."""
    from oncor_cases.store import absences

    with _opened() as (db, settings), db.batch() as conn:
        for row in absences.lasting(conn, settings.region, _today(db, settings)):
            typer.echo(f"{row.id:6}  {row.first_day} — {row.last_day}  {row.login} → {row.substitute}")


@account.command("remove")
def remove(number: Annotated[int, typer.Argument(help="номер отсутствия из `oncor account absences`")]) -> None:
    """Отменить записанное отсутствие."""
    from oncor_cases.actions import absences

    with _opened() as (db, settings):
        absences.remove(db, number, by=_keeper(settings), today=_today(db, settings))
    typer.echo("Отсутствие отменено")


def _keeper(settings: "Settings") -> "Scope":
    """The command line answers for the whole installation."""
    from oncor_cases.store.session import Scope

    return Scope(settings.region, "oncor account", "admin")


def _today(db: "Database", settings: "Settings") -> "date":
    """The day of the system; a store without a region yet is no demonstration."""
    from oncor_cases.store import regions

    with db.batch() as conn:
        found = regions.find(conn, settings.region)
    return settings.day(demo=found is not None and found.demo)


def _day(option: str, text: str) -> "date":
    from oncor_cases.kernel.dates import as_date
    from oncor_cases.kernel.errors import UserError

    day = as_date(text)
    if day is None:
        raise UserError(f"{option}: нужна дата вида 2026-03-05")
    return day


@token.command("add")
def add_token(name: Annotated[str, typer.Argument(help="Чей это ключ")]) -> None:
    """Выпустить ключ для POST /api/v1/documents; показывается один раз."""
    from oncor_cases.actions import accounts

    with _opened() as (db, settings):
        typer.echo(accounts.new_token(db, name, region=settings.region))
