"""`oncor account …` and `oncor token …`: who may sign in, which machine may send documents."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from oncor_cases.config import Settings
    from oncor_cases.store.session import Database

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
    """Закрыть учётную запись; сделанное ею остаётся в истории."""
    from oncor_cases.actions import accounts

    with _opened() as (db, settings):
        accounts.close(db, login, region=settings.region)
    typer.echo("Учётная запись закрыта")


@token.command("add")
def add_token(name: Annotated[str, typer.Argument(help="Чей это ключ")]) -> None:
    """Выпустить ключ для POST /api/v1/documents; показывается один раз."""
    from oncor_cases.actions import accounts

    with _opened() as (db, settings):
        typer.echo(accounts.new_token(db, name, region=settings.region))
