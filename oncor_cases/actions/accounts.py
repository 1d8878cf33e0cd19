"""Accounts of people and keys of machines."""

import secrets
from collections.abc import Sequence
from datetime import date
from hashlib import sha256

from argon2 import PasswordHasher

from oncor_cases.actions.region_rules import region_rules
from oncor_cases.actions.sweep_batch import sweep_persons
from oncor_cases.kernel.errors import NotFound, UserError
from oncor_cases.store import absences, accounts, audit
from oncor_cases.store.session import Database

ROLES = ("navigator", "head", "coordinator", "methodologist", "registrar", "admin")
CLINICAL = {"navigator", "head", "registrar"}  # these see their own organisations only
SHORTEST = 8
BATCH = 500  # persons of one transaction
_HASHER = PasswordHasher()


def add(db: Database, login: str, password: str, *, name: str, role: str, orgs: Sequence[str] = (), region: int = 1) -> bool:
    """Opens an account; True if it is new, False if the login was there (its password stays). Raises UserError."""
    if role not in ROLES:
        raise UserError(f"Роль: {', '.join(ROLES)}")
    if role in CLINICAL and not orgs:
        raise UserError("Этой роли нужна хотя бы одна организация (--org OID)")
    with db.owner() as conn:
        return accounts.add(
            conn, region, login, name=name, role=role, orgs=orgs, password_hash=_HASHER.hash(_long_enough(password))
        )


def change_password(db: Database, login: str, password: str, *, region: int = 1) -> None:
    """Raises NotFound for an unknown login, UserError for a short password."""
    with db.owner() as conn:
        if not accounts.change_password(conn, region, login, _HASHER.hash(_long_enough(password))):
            raise NotFound("Такой учётной записи нет")


def close(db: Database, login: str, *, today: date | None = None, region: int = 1) -> int:
    """Nobody signs in with it any more, and what the person had taken returns to the clinic: how many patients.

    `today`: reconciles them in the same transaction; without it, or where they are more than one batch, the next sweep
    does. Raises NotFound for an unknown login."""
    with db.batch() as conn:
        if not accounts.close(conn, region, login):
            raise NotFound("Такой учётной записи нет")
        persons = absences.left_with(conn, region, login)
        audit.note(conn, region, "account.closed", author="oncor account", object=login, detail={"persons": len(persons)})
        if persons and today is not None and len(persons) <= BATCH:
            mine = region_rules(conn, region)
            sweep_persons(conn, today, region, mine.rules, persons, demo=mine.demo, wait=True)
        return len(persons)


def new_token(db: Database, name: str, *, region: int = 1) -> str:
    """A key for POST /api/v1/documents; it is shown once, the store keeps its hash."""
    token = secrets.token_urlsafe(32)
    with db.owner() as conn:
        accounts.add_token(conn, region, name, sha256(token.encode()).digest())
    return token


def _long_enough(password: str) -> str:
    if len(password) < SHORTEST:
        raise UserError(f"Пароль короче {SHORTEST} знаков")
    return password
