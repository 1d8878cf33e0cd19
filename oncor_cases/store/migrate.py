"""Migrations run forward on start, under an advisory lock: several processes may start at once."""

from pathlib import Path

import psycopg

from oncor_cases.store.locks import MIGRATION

VERSIONS = Path(__file__).parent / "migrations" / "versions"


def head() -> str:
    """The newest revision: files are named NNNN_pre_words or NNNN_post_words, and the name is the revision."""
    return max(path.stem for path in VERSIONS.glob("[0-9]*.py"))


def current(url: str) -> str | None:
    """The revision a database is at; None for an empty one."""
    with psycopg.connect(url, autocommit=True) as conn:
        if conn.execute("select to_regclass('public.alembic_version')").fetchone()[0] is None:
            return None
        row = conn.execute("select version_num from alembic_version").fetchone()
        return row[0] if row else None


def upgrade(url: str, to: str = "head") -> bool:
    """Brings the database to the newest schema. True if anything was done. Alembic is loaded only when needed."""
    if to == "head" and current(url) == head():
        return False
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine, pool, text

    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.execute(text("select pg_advisory_lock(:lock)"), {"lock": MIGRATION})
        connection.commit()  # the lock outlives this transaction, the migrations run in their own
        config.attributes["connection"] = connection
        command.upgrade(config, to)
        connection.execute(text("select pg_advisory_unlock(:lock)"), {"lock": MIGRATION})
        connection.commit()
    engine.dispose()
    return True
