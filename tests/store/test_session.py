"""Transactions, kept connections and what a fork or a restart does to them."""

import os

import psycopg
import pytest

from oncor_cases.store.session import again_on_deadlock


def _half(database):
    with database.batch() as conn:
        conn.execute("insert into region (id, name) values (2, 'y')")
        raise RuntimeError


def test_a_batch_commits_or_rolls_back_with_its_block(database):
    with database.batch() as conn:
        conn.execute("insert into region (id, name) values (1, 'x')")
    with pytest.raises(RuntimeError):
        _half(database)
    with database.batch() as conn:
        assert [row.id for row in conn.execute("select id from region")] == [1]


def test_a_connection_is_kept_for_the_next_call_and_locks_are_not(database):
    with database.batch_session() as conn:
        first = conn.info.backend_pid
        conn.execute("select pg_advisory_lock(1, 1)")
    with database.batch() as conn:
        assert conn.info.backend_pid == first
        assert conn.execute("select count(*) n from pg_locks where locktype = 'advisory'").fetchone().n == 0
        assert conn.execute("select current_user as me").fetchone().me == "oncor_batch"


def test_a_connection_the_server_ended_is_replaced(database):
    with database.batch_session() as conn:
        first = conn.info.backend_pid
    with database.owner() as conn:
        conn.execute("select pg_terminate_backend(%s)", (first,))
    with database.batch() as conn:
        assert conn.info.backend_pid != first


def test_a_forked_child_uses_a_connection_of_its_own(database):
    with database.batch_session() as conn:
        first = conn.info.backend_pid
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        with database.batch() as conn:
            os.write(writer, str(conn.info.backend_pid).encode())
        database.close()
        os._exit(0)
    os.waitpid(child, 0)
    assert int(os.read(reader, 20)) != first
    os.close(reader)
    os.close(writer)
    with database.batch() as conn:
        assert conn.info.backend_pid == first


def test_a_victim_of_a_deadlock_is_run_again():
    runs = []

    def transaction():
        runs.append(1)
        if len(runs) < 3:
            raise psycopg.errors.DeadlockDetected
        return "done"

    assert again_on_deadlock(transaction) == "done"
    assert len(runs) == 3
    with pytest.raises(psycopg.errors.DeadlockDetected):
        again_on_deadlock(_always)


def _always():
    raise psycopg.errors.DeadlockDetected


def test_a_database_may_be_used_again_after_closing(database):
    with database.batch() as conn:
        conn.execute("select 1")
    database.close()
    with database.web(None) as conn:
        assert conn.execute("select current_user as me").fetchone().me == "oncor_web"


@pytest.mark.parametrize("number", [1, 30_000])
@pytest.mark.parametrize("column", ["smallint", "integer", "bigint"])
def test_a_list_of_numbers_is_of_the_type_of_its_column(database, column, number):
    """Else the server would compare every row with every number of the list."""
    with database.batch() as conn:
        conn.execute(f"create temporary table numbers as select 1::{column} as n")
        plan = [row[0] for row in conn.execute("explain select from numbers where n = any(%s)", ([number, 2],))]
    assert f"  Filter: (n = ANY ('{{{number},2}}'::{column}[]))" in plan
