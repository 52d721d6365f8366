"""Queries of a store are bounded in time, rows and bytes, and cannot change it."""

import threading
from collections.abc import Iterator

import pytest

from diptych.index.manifest.entity import Entity, Field
from diptych.index.manifest.kinds import KINDS
from diptych.index.store.duck import DuckStore
from diptych.index.store.errors import QueryRefused
from diptych.index.store.store import QueryLimits
from diptych.index.store.watchdog import Watchdog

_ENDLESS = "select sum(hash(a.range + b.range)) as x from range(1000000) a, range(1000000) b"


@pytest.fixture
def store() -> Iterator[DuckStore]:
    with DuckStore(None, [Entity("Pool", (Field("id", KINDS[str]),), ("id",))]) as made:
        yield made


@pytest.mark.parametrize("how", ["query", "rows"])
def test_what_takes_too_long_is_ended_and_the_store_goes_on(store: DuckStore, how: str) -> None:
    with store.snapshot() as seen, pytest.raises(QueryRefused, match="took longer than"):
        getattr(seen, how)(_ENDLESS, limits=QueryLimits(timeout_s=0.1))
    assert store.query("select 1 as n").to_pylist() == [{"n": 1}]


@pytest.mark.parametrize("how", ["query", "rows"])
def test_rows_and_bytes_are_bounded(store: DuckStore, how: str) -> None:
    limits = QueryLimits(rows=10, bytes=1_000)
    with store.snapshot() as seen:
        ask = getattr(seen, how)
        assert len(ask("select range from range(10)", limits=limits)) == 10
        with pytest.raises(QueryRefused, match="more than 10 rows"):
            ask("select range from range(11)", limits=limits)
        with pytest.raises(QueryRefused, match="more than 1,000 bytes"):
            ask(f"select '{'x' * 600}' as x from range(2)", limits=limits)


@pytest.mark.parametrize(
    "sql",
    [
        "delete from pool",
        "select 1; select 2",
        "insert into pool values ('a', 0, null, '')",
        "copy pool to 'there.csv'",
        "select * from read_csv('/etc/hostname')",
        "select * from read_text('/etc/hostname')",
        "attach 'other.duckdb'",
        "set enable_external_access = true",
        "pragma database_list",
        "select * from nothing",
        "",
        "; select 1",
        "select " + "1, " * 50_000 + "1",
    ],
)
def test_only_one_select_of_what_is_there_is_answered(store: DuckStore, sql: str) -> None:
    with pytest.raises(QueryRefused):
        store.query(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "select 12::bignum as n; -- an end",
        "select 12::bignum as n, 'äöü;' as t; -- ü",
        "/* a;b */ with q as (select 12::bignum as n) select n from q",
        "select 12::bignum as n -- an end",
    ],
)
def test_amounts_are_text_wherever_remarks_stand(store: DuckStore, sql: str) -> None:
    for _ in range(2):  # the second time from memory
        assert store.query(sql).to_pylist()[0]["n"] == "12"


def test_a_watchdog_leaves_alone_what_ended_in_time() -> None:
    ended = threading.Event()
    dog = Watchdog()
    with dog.within(60.0, ended.set):
        pass
    with dog.within(0.0, ended.set):
        assert ended.wait(10.0)
    ended.clear()
    with dog.within(0.02, ended.set):
        pass
    assert not ended.wait(0.05)
    dog.close()
