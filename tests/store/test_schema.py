"""The schema is the sum of the migrations: what the table classes say and what the migrations make is one thing."""

import psycopg
import pytest
from sqlalchemy import create_engine

from oncor_cases.store import migrate
from oncor_cases.store.tables import metadata

CATALOGUE = {
    "columns": """
        select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity::text,
               pg_get_expr(d.adbin, d.adrelid)
        from pg_attribute a join pg_class c on c.oid = a.attrelid
        left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped""",
    "constraints": """
        select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
        where connamespace = 'public'::regnamespace and contype <> 'n'""",
    "indexes": "select tablename, indexname, indexdef from pg_indexes where schemaname = 'public'",
}


def _catalogue(url: str) -> dict[str, set]:
    with psycopg.connect(url) as conn:
        return {
            name: {row for row in conn.execute(query).fetchall() if not str(row[0]).startswith("alembic_version")}
            for name, query in CATALOGUE.items()
        }


def same_schema(migrated: str, empty: str) -> None:
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(empty))
    metadata.create_all(engine)
    engine.dispose()
    made, said = _catalogue(migrated), _catalogue(empty)
    for name in CATALOGUE:
        assert made[name] == said[name], name


def test_tables_say_what_the_migrations_make(fresh_url):
    same_schema(fresh_url("oncor_template"), fresh_url("template0"))


def test_migrating_twice_does_nothing(fresh_url):
    url = fresh_url("template0")
    assert migrate.current(url) is None
    assert migrate.upgrade(url) is True
    assert migrate.upgrade(url) is False
    assert migrate.current(url) == migrate.head()


def test_revisions_are_named_after_their_files_and_form_one_line():
    import importlib.util

    below = None
    for path in sorted(migrate.VERSIONS.glob("[0-9]*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        assert module.revision == path.stem
        assert module.down_revision == below
        assert path.stem.split("_")[1] in ("pre", "post")
        below = path.stem


def test_every_table_with_a_person_leads_with_its_region_or_is_parted_by_it():
    for table in metadata.tables.values():
        parted = table.dialect_options["postgresql"]["partition_by"] == "LIST (region_id)"
        if {"person_id", "subject_id", "task_id"} & set(table.columns.keys()) and not parted:
            assert next(iter(table.primary_key.columns)).name == "region_id", table.name


def test_every_patient_table_has_forced_row_security(database):
    open_tables = {"user_account", "session", "login_attempt", "api_token", "alembic_version"}
    with database.owner() as conn:
        rows = conn.execute(
            "select relname, relrowsecurity, relforcerowsecurity from pg_class"
            " where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
        ).fetchall()
        parts = conn.execute(
            "select relname, relrowsecurity, relforcerowsecurity from pg_class"
            " where relnamespace = 'insured'::regnamespace and relkind = 'r'"
        ).fetchall()
    assert {row.relname for row in rows} == set(metadata.tables) | {"alembic_version"}
    assert all(row.relrowsecurity and row.relforcerowsecurity for row in parts)
    assert parts
    for row in rows:
        assert (row.relrowsecurity and row.relforcerowsecurity) is (row.relname not in open_tables), row.relname


@pytest.mark.parametrize("table", ["task_event", "audit", "raw_document", "clock_event"])
def test_history_cannot_be_rewritten_by_batch(database, table):
    for statement in (f"update {table} set region_id = 2", f"delete from {table}", f"truncate {table}"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), database.batch() as conn:
            conn.execute(statement)
