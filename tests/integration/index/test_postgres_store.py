"""The PostgreSQL store: the suite, the same digests as DuckDB, one writer, nothing half."""

import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.integration.index.postgres_server import postgres_server
from tests.unit.index import test_graphql
from tests.unit.index.chains import HandMadeChain
from tests.unit.index.killing import told_to_children
from tests.unit.index.test_indexer import by_rows, fresh, random_logs

from diptych.index import Indexer, IndexOptions
from diptych.index.query.graphql.executing import GraphQL
from diptych.index.store.check_rows import ENTITIES, first
from diptych.index.store.checks import check_store
from diptych.index.store.digest import store_digest
from diptych.index.store.errors import QueryRefused, StoreBusy, StoreFailed
from diptych.index.store.opening import open_store
from diptych.index.store.postgres import PostgresStore
from diptych.index.store.postgres_schemas import keep_schema
from diptych.index.store.postgres_sql import connected, run
from diptych.index.store.store import Commit


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with postgres_server() as running:
        yield running


def test_it_passes(url: str) -> None:
    results = check_store(lambda name, entities: PostgresStore(url, entities, schema=name))
    assert [one for one in results if not one.is_passed] == []


def test_reorganisations_leave_the_digest_of_a_fresh_duckdb(url: str) -> None:
    rng = random.Random(7)
    chain = HandMadeChain()
    for _ in range(30):
        chain.mine(*random_logs(rng))
    manifest = by_rows()
    entities = list(manifest.entities.values())
    with open_store(url, "reorganised", entities) as store:
        indexer = Indexer(manifest, chain, store, IndexOptions(window=16, max_span=7))
        for depth in (0, 3, 15, 1):
            chain.fork(depth, [random_logs(rng) for _ in range(depth + 2)])
            indexer.catch_up()
            with (
                fresh(chain, manifest, window=16) as other,
                store.snapshot() as mine,
                other.snapshot() as theirs,
            ):
                assert store_digest(mine, entities) == store_digest(theirs, entities)


def test_kills_leave_the_digest_of_a_fresh_duckdb(url: str) -> None:
    told = told_to_children(url, "told", seed=3, kills=1)
    assert told.kills == 1
    assert told.mine == told.fresh


@pytest.mark.parametrize(
    "run_test",
    [
        test_graphql.test_rows_are_filtered_ordered_and_paged_as_asked,
        test_graphql.test_pages_by_key_meet_every_row_once,
        test_graphql.test_relations_are_followed_both_ways,
        test_graphql.test_a_relation_can_be_filtered_by_what_it_refers_to,
        test_graphql.test_and_or_lists_and_texts,
        test_graphql.test_time_travel_shows_the_rows_of_that_block,
        test_graphql.test_one_row_is_found_by_its_keys,
        test_graphql.test_values_never_become_part_of_a_statement,
    ],
)
def test_graphql_answers_the_same(url: str, run_test: Callable[[Any], None]) -> None:
    ask = test_graphql.Asked()
    cursor, links = ask.store.cursor()
    assert cursor is not None
    entities = ask.store.entities
    with open_store(url, "graphql", entities) as store, ask.store.snapshot() as seen:
        if store.cursor()[0] is None:
            rows = {one.name: seen.query(f"select * from {one.table}") for one in entities}
            store.commit(Commit(cursor, links, versions=rows))
        ask.graphql = GraphQL(entities, amount="NUMERIC")
        ask.store.close()
        ask.store = store  # type: ignore[assignment]
        run_test(ask)


def test_one_process_writes_and_others_read(url: str) -> None:
    with PostgresStore(url, ENTITIES, schema="owned") as writer:
        writer.commit(first())
        with pytest.raises(StoreBusy, match="owned"):
            PostgresStore(url, ENTITIES, schema="owned")
        with PostgresStore(url, None, schema="owned") as reader:
            assert reader.cursor() == writer.cursor()
            assert reader.query("select count(*) as n from balance").to_pylist() == [{"n": 2}]
    PostgresStore(url, ENTITIES, schema="owned").close()


_DIES = """
import sys, time
from diptych.index.store.check_rows import ENTITIES, first, second
from diptych.index.store.postgres import PostgresStore
with PostgresStore(sys.argv[1], ENTITIES, schema="killed") as store:
    store.commit(first())
    with store._transaction() as writer:
        with writer.cursor() as cursor:
            cursor.execute("delete from balance")
        print("ready", flush=True)
        time.sleep(60)
"""


def test_a_killed_writer_leaves_whole_steps_and_no_lock(url: str) -> None:
    child = subprocess.Popen([sys.executable, "-c", _DIES, url], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    with PostgresStore(url, ENTITIES, schema="killed") as store:
        assert store.query("select count(*) as n from balance").to_pylist() == [{"n": 2}]


def test_the_newest_rows_are_shown_under_the_name_of_the_index(url: str) -> None:
    for number in (1, 2):
        schema = f"tokens_{number:016x}"
        with PostgresStore(url, ENTITIES, schema=schema) as store:
            store.commit(first())
        keep_schema(url, "tokens", schema)
    with connected(url, "tokens", read_only=True) as connection:
        assert run(connection, "select count(*) from balance") == [(2,)]
        left = "select nspname from pg_namespace where nspname like 'tokens%' order by 1"
        assert run(connection, left) == [("tokens",), (schema,)]
    with connected(url, "other", read_only=False) as connection:
        run(connection, "create schema others")
        connection.commit()
    with pytest.raises(StoreFailed, match="somebody else"):
        keep_schema(url, "others", schema)


def test_what_its_errors_say_holds_no_password(url: str) -> None:
    wrong = "postgresql://me:hunter2@127.0.0.1:1/none?connect_timeout=1"
    with pytest.raises(StoreFailed) as caught:
        PostgresStore(wrong, ENTITIES, schema="none")
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    "sql",
    [
        "select E'a'\n'\\'' , pg_sleep(9), '",
        "select U&'\\0070g'",
        'select U&"\\0070g_sleep"(9)',
        "select $a$ $b$ $a$, pg_sleep(9), $a$",
        "select /* /* */ 1 */ pg_sleep(9)",
        'select "pg_sleep"(9)',
        "select PG_SLEEP(9)",
        "select 1 /* */ ; /* */ select 2",
        "table balance union select pg_sleep(9)",
        "select '' '', pg_sleep(9), ''",
    ],
)
def test_hidden_calls_are_found(url: str, sql: str) -> None:
    with PostgresStore(url, ENTITIES, schema="hidden") as store, pytest.raises(QueryRefused):
        store.query(sql)


@pytest.mark.parametrize("name", ["has_voted", "lo_limit", "dblinked", '"update"', "nextval"])
def test_columns_may_have_such_names(url: str, name: str) -> None:
    with PostgresStore(url, ENTITIES, schema="hidden") as store:
        assert store.query(f"select 1 as {name}").column(0).to_pylist() == [1]


def test_text_that_looks_like_a_call_is_text(url: str) -> None:
    with PostgresStore(url, ENTITIES, schema="looks") as store:
        sql = "select 'pg_sleep(9); delete' || $a$ pg_ $a$ || E'\\' pg_' as \"a\" -- pg_sleep"
        assert store.query(sql).to_pylist() == [{"a": "pg_sleep(9); delete pg_ ' pg_"}]
