"""Checks of what a query of a store may do and cost."""

import threading
import time
from collections.abc import Callable

from diptych.index.store.check_rows import BALANCE, SLOT, rows_of, step, version
from diptych.index.store.checking import require
from diptych.index.store.errors import QueryRefused
from diptych.index.store.store import QueryLimits, Store

_FEW = QueryLimits(rows=3, timeout_s=10)
_SHORT_S = 1.0
_ENDLESS = "with recursive r(n) as (select 1 union all select n + 1 - n from r) select n from r"

WRITES = (
    "insert into balance select * from balance",
    "update balance set amount = 0",
    "delete from balance",
    "truncate balance",
    "create table mine as select 1 as a",
    "create view mine as select 1 as a",
    "drop table balance",
    "alter table balance add column extra bigint",
    "create index mine on balance (account)",
    "with gone as (delete from balance returning *) select * from gone",
    "with more as (insert into _children values ('a', 'b', 1) returning *) select * from more",
    "with other as (update balance set amount = 0 returning *) select * from other",
    "select * into mine from balance",
    "select * from balance for update",
    "begin",
    "commit",
    "rollback",
    "vacuum",
    "analyze",
    "checkpoint",
    "explain select 1",
    "explain analyze delete from balance",
    "prepare mine as select 1",
    "grant select on balance to public",
    "lock table balance",
    "do $$ begin delete from balance; end $$",
    "call nothing()",
    "comment on table balance is 'mine'",
)
SETTINGS = (
    "set search_path = 'other'",
    "set memory_limit = '9GB'",
    "set enable_external_access = true",
    "reset all",
    "pragma threads = 9",
    "set local transaction_read_only = off",
    "select set_config('transaction_read_only', 'off', false)",
    "select current_setting('data_directory')",
    "select getenv('HOME')",
    "select * from duckdb_settings()",
    "select * from duckdb_databases()",
    "select * from pg_settings",
    "select * from pg_catalog.pg_stat_activity",
    "select * from pg_shadow",
    "select * from information_schema.tables",
    'select * from "pg_authid"',
    "select * from sqlite_master",
)
FILES = (
    "copy balance to '/tmp/mine.csv'",
    "copy balance from '/etc/passwd'",
    "copy (select 1) to program 'id'",
    "attach '/tmp/mine.duckdb' as mine",
    "detach main",
    "install httpfs",
    "load httpfs",
    "create extension dblink",
    "export database '/tmp/mine'",
    "import database '/tmp/mine'",
    "select * from '/etc/passwd'",
    "select * from read_csv('/etc/passwd')",
    "select * from read_csv_auto('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from read_blob('/etc/passwd')",
    "select * from read_json('http://127.0.0.1/a.json')",
    "select * from read_parquet('http://127.0.0.1/a.parquet')",
    "select * from parquet_metadata('/etc/passwd')",
    "select * from sniff_csv('/etc/passwd')",
    "select * from glob('/etc/*')",
    "select pg_read_file('/etc/passwd')",
    "select pg_catalog.pg_read_file('/etc/passwd')",
    "select pg_ls_dir('/')",
    "select lo_import('/etc/passwd')",
    "select lo_export(1, '/tmp/mine')",
    "select * from dblink('host=127.0.0.1', 'select 1') as t(a int)",
    "select query_to_xml('select 1', true, false, '')",
    "select * from query('select 1')",
    "select * from query_table('balance')",
    "select json_execute_serialized_sql('{}')",
)
EFFECTS = (
    "select pg_sleep(5)",
    "select sleep_ms(5000)",
    "select pg_terminate_backend(1)",
    "select pg_advisory_lock(1)",
    "select pg_notify('a', 'b')",
    "select nextval('mine')",
    "select setval('mine', 1)",
    "select write_log('mine')",
    "select repeat('x', 1000000000)",
    "select lpad('x', 1000000000, 'y')",
    "notify mine",
    "listen mine",
)
SEVERAL = (
    "select 1; select 2",
    "select 1; drop table balance",
    "select 1 /* ; */; delete from balance",
    "select 1; -- end\ndelete from balance",
    "select ';'; delete from balance",
    "select $$;$$; delete from balance",
    "",
    " ",
    "-- nothing",
    "selec 1",
    "select * from no_such_table",
    "select no_such_column from balance",
    "select (1",
    "select 'no end",
    "select 1 /* no end",
)
ALLOWED = (
    "select 1 as n",
    "select 1 as n;",
    "  select 1 as n -- ; drop table balance",
    "select /* ; drop table balance */ 1 as n",
    "with one as (select 1 as n) select n from one",
    "select count(*) as n from (select 'delete from balance; --' as a) t where a <> 'it''s'",
    "select n from (values (1), (2)) as t(n) where n < 2",
    "(select 1 as n) union (select 1 as n)",
    'select count(*) as n from (select "order", "group" from "select" limit 1) t',
)


def query_checks() -> list[tuple[str, Callable[[Store], None]]]:
    """Return the checks by name."""
    return [
        ("queries", _allowed),
        ("queries that write", lambda store: _refused(store, WRITES)),
        ("queries of settings", lambda store: _refused(store, SETTINGS)),
        ("queries of files and servers", lambda store: _refused(store, FILES)),
        ("queries with effects", lambda store: _refused(store, EFFECTS)),
        ("several statements, or none", lambda store: _refused(store, SEVERAL)),
        ("parameters", _parameters),
        ("words of SQL as names", _words),
        ("limits of rows", _rows),
        ("limits of time", _time),
        ("queries while steps are stored", _meanwhile),
    ]


def _allowed(store: Store) -> None:
    _fill(store)
    for sql in ALLOWED:
        with store.snapshot() as seen:
            got = seen.query(sql).to_pylist()
            require(got == [{"n": 1}], f"got {got} for {sql}")


def _refused(store: Store, queries: tuple[str, ...]) -> None:
    _fill(store)
    before = store.cursor()
    for sql in queries:
        began_s = time.monotonic()
        try:
            with store.snapshot() as seen:
                got = seen.query(sql, limits=QueryLimits(rows=10, timeout_s=2.0))
        except QueryRefused:
            require(time.monotonic() - began_s < _SHORT_S, f"ran for a while: {sql}")
            continue
        raise AssertionError(f"got {got.num_rows} rows for {sql}")
    with store.snapshot() as seen:
        got = seen.query("select count(*) as n from balance").to_pylist()
    require(got == [{"n": 5}], "a query changed rows")
    require(store.cursor() == before, "a query changed the cursor")
    store.commit(step(2))


def _parameters(store: Store) -> None:
    _fill(store)
    sql = "select amount from balance where account = $1 and _from <= $2 and _from <= $2"
    with store.snapshot() as seen:
        got = seen.query(sql, ["0x01", 1]).to_pylist()
        require(got == [{"amount": "-1"}], f"got {got}")
        hostile = "0x01' or '1' = '1"
        require(seen.query(sql, [hostile, 1]).num_rows == 0, "a parameter was read as SQL")
        got = [str(row[0]) for row in seen.rows(sql, ["0x01", 1])]
        require(got == ["-1"], f"got {got} without a check")
        twice = seen.query("select amount, amount from balance where account = $1", ["0x01"])
        got = [one.to_pylist() for one in twice.columns]
        require(got == [["-1"], ["-1"]], f"got {got} for a column asked for twice")


def _words(store: Store) -> None:
    _fill(store)
    sql = 'select "order", "from", "group", "user" from "select" where "group" = $1'
    with store.snapshot() as seen:
        got = seen.query(sql, [1]).to_pylist()
    require(got == [{"order": "7", "from": "x", "group": 1, "user": None}], f"got {got}")


def _rows(store: Store) -> None:
    _fill(store)
    with store.snapshot() as seen:
        got = seen.query("select * from balance limit 3", limits=_FEW)
        require(got.num_rows == 3, "got fewer rows than allowed")
        got = seen.query("select account from balance order by account desc", limits=QueryLimits(5))
        accounts = got.column("account").to_pylist()
        require(accounts == [f"0x0{one}" for one in range(4, -1, -1)], f"got order {accounts}")
    for many in ("select * from balance", _ENDLESS):
        _expect_refused(store, many, _FEW)
    _expect_refused(store, "select account from balance", QueryLimits(bytes=2))


def _time(store: Store) -> None:
    _fill(store)
    began_s = time.monotonic()
    endless = f"select count(*) as n from ({_ENDLESS}) t"
    _expect_refused(store, endless, QueryLimits(timeout_s=0.2))
    require(time.monotonic() - began_s < 10 * _SHORT_S, "a query ran far longer than allowed")
    with store.snapshot() as seen:
        require(seen.query("select 1 as n").num_rows == 1, "no query works after a long one")


def _meanwhile(store: Store) -> None:
    """Steps of two rows each: no snapshot sees one without the other, or another cursor."""
    problems: list[str] = []
    done = threading.Event()

    def ask() -> None:
        try:
            while not done.is_set() and not problems:
                with store.snapshot() as seen:
                    cursor = seen.cursor()
                    (row,) = seen.query("select count(*) as n from balance").to_pylist()
                expected = 0 if cursor is None else 2 * cursor.block.number
                if row["n"] != expected:
                    problems.append(f"got {row['n']} rows at {cursor}, expected {expected}")
        except Exception as error:
            problems.append(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for one in threads:
        one.start()
    try:
        for number in range(1, 21):
            rows = [version(number, account=f"0x{number}{end}", amount=str(number)) for end in "ab"]
            store.commit(step(number, versions={"Balance": rows_of(BALANCE, rows)}))
    finally:
        done.set()
        for one in threads:
            one.join()
    require(not problems, "; ".join(problems))


def _expect_refused(store: Store, sql: str, limits: QueryLimits) -> None:
    try:
        with store.snapshot() as seen:
            seen.query(sql, limits=limits)
    except QueryRefused:
        return
    raise AssertionError(f"limits {limits} did not hold for {sql}")


def _fill(store: Store) -> None:
    rows = [version(1, account=f"0x0{one}", amount=str(-one)) for one in range(5)]
    slots = [{**version(1), "order": "7", "from": "x", "group": 1, "user": None}]
    made = {"Balance": rows_of(BALANCE, rows), "Select": rows_of(SLOT, slots)}
    store.commit(step(1, versions=made))
