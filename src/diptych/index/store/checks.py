"""Conformance suite for stores: what every store must do, whatever database it is.

Third parties run it on their own: `check_store(opened)` returns what failed, where
`opened(name, entities)` opens the store of that name and makes it if it is not there; with None for
entities it opens one that is there. What is stored under the names `checks-...` is the suite's.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from diptych.core.errors import DiptychError
from diptych.index.manifest.entity import Entity
from diptych.index.store.check_queries import query_checks
from diptych.index.store.check_rows import (
    BALANCE,
    ENTITIES,
    MOST,
    SLOT,
    TRANSFER,
    block,
    ends_of,
    first,
    keys_of,
    rows_of,
    second,
    step,
    third,
    transfer,
    unread_of,
    version,
)
from diptych.index.store.checking import Opened, require, table_rows
from diptych.index.store.digest import store_digest
from diptych.index.store.errors import StoreFormat
from diptych.index.store.store import Store
from diptych.ledger.checks import CheckResult


def check_store(opened: Opened) -> list[CheckResult]:
    """Run all checks, each in a store of its own.

    Returns:
        Every check in order.
    """
    return list(_results(opened))


def _results(opened: Opened) -> Iterator[CheckResult]:
    for place, (name, run) in enumerate(_all(opened)):
        try:
            with opened(f"checks-{place}", ENTITIES) as store:
                run(store)
        except AssertionError as problem:
            yield CheckResult(name, str(problem))
        except DiptychError as error:
            yield CheckResult(name, f"{error.code}: {error.message}")
        except Exception as error:  # A faulty plugin may raise anything.
            yield CheckResult(name, f"{type(error).__name__}: {error}")
        else:
            yield CheckResult(name)


def _all(opened: Opened) -> list[tuple[str, Callable[[Store], None]]]:
    """Return the checks by name."""
    return [
        ("empty", _empty),
        ("commit and cursor", _committed),
        ("several commits", _several),
        ("failed commit", _failed_commit),
        ("current", _current),
        ("current of many keys", _many),
        ("amounts", _amounts),
        ("texts", _texts),
        ("rollback", _rollback),
        ("rollback and another branch", _branches),
        ("links", _links),
        ("children and unread", _own),
        ("snapshot", _snapshot),
        ("opened again", lambda store: _again(store, opened)),
        ("other entities", lambda _: _other_entities(opened)),
        *query_checks(),
    ]


def _empty(store: Store) -> None:
    require(store.cursor() == (None, []), "got a cursor in a store that is new")
    require(store.current(BALANCE, keys_of(BALANCE, [("0x01",)])).num_rows == 0, "got rows")
    require(store.current(BALANCE, keys_of(BALANCE, [])).num_rows == 0, "got rows for no key")
    store.rollback(block(0))
    require(store.cursor() == (None, []), "a rollback of nothing set a cursor")
    for one in ENTITIES:
        require(table_rows(store, one) == [], "got rows in a store that is new")


def _committed(store: Store) -> None:
    store.commit(first())
    cursor, links = store.cursor()
    require(cursor == first().cursor, f"got cursor {cursor}")
    require(links == [block(10)], f"got links {links}")
    expected = first().versions["Transfer"].to_pylist()
    got = table_rows(store, TRANSFER)
    require(got == sorted(expected, key=repr), f"got {got}, expected {expected}")


def _several(store: Store) -> None:
    for one in (first(), second(), step(12)):
        store.commit(one)
    got = [(row["amount"], row["_from"], row["_to"]) for row in table_rows(store, BALANCE)]
    require(sorted(got) == [("-5", 11, None), ("5", 10, 11), ("9", 10, None)], f"got {got}")
    cursor, links = store.cursor()
    require(cursor is not None and cursor.block == block(12), "got another cursor")
    require(links == [block(10), block(11), block(12)], "got other links")


def _failed_commit(store: Store) -> None:
    store.commit(first())
    before = _digest(store)
    wrong = rows_of(BALANCE, [version(11, account="0x0c", amount="no number")])
    good = rows_of(TRANSFER, [transfer(11, "11-0", "1")])
    try:
        store.commit(step(11, versions={"Transfer": good, "Balance": wrong}))
    except Exception:  # Which error is the store's own matter.
        pass
    else:
        raise AssertionError("a commit with an amount that is none went through")
    require(_digest(store) == before, "half of a failed commit is stored")
    require(store.cursor()[0] == first().cursor, "a failed commit moved the cursor")
    store.commit(second())


def _current(store: Store) -> None:
    store.commit(first())
    store.commit(second())
    got = _open(store, BALANCE, [("0x0a",), ("0x0b",), ("0x77",)])
    require(sorted(one["amount"] for one in got) == ["-5", "9"], f"got {got}")
    got = _open(store, SLOT, [(str(MOST), "a", 1), ("0", "a", 1), (str(MOST), "b", 1)])
    require([one["user"] for one in got] == ["first"], f"got {got}")
    require(got[0]["order"] == str(MOST), "got another amount in a key")


def _many(store: Store) -> None:
    number = 5_000
    rows = [version(1, account=f"0x{one:040x}", amount=str(one - 9)) for one in range(number)]
    store.commit(step(1, versions={"Balance": rows_of(BALANCE, rows)}))
    keys = [(row["account"],) for row in rows[::3]]
    got = _open(store, BALANCE, [*keys, ("0x",)])
    expected = [(row["account"], row["amount"]) for row in rows[::3]]
    require(sorted((one["account"], one["amount"]) for one in got) == expected, "got other rows")
    ends = ends_of(BALANCE, [{**row, "_to": 2} for row in rows[::3]])
    store.commit(step(2, closed={"Balance": ends}))
    require(_open(store, BALANCE, keys) == [], "got versions that ended")


def _amounts(store: Store) -> None:
    values = [str(one) for one in (0, 1, 2**63, 2**256 - 1, MOST)]
    signed = [*values, *(str(-int(one)) for one in values[1:])]
    transfers = [transfer(1, f"1-{place}", one) for place, one in enumerate(values)]
    balances = [
        version(1, account=f"0x{place:02x}", amount=one) for place, one in enumerate(signed)
    ]
    made = {"Transfer": rows_of(TRANSFER, transfers), "Balance": rows_of(BALANCE, balances)}
    store.commit(step(1, versions=made))
    got = [row["value"] for row in table_rows(store, TRANSFER)]
    require(got == values, f"got {got}, expected {values}")
    got = [row["amount"] for row in table_rows(store, BALANCE)]
    require(got == signed, f"got {got}, expected {signed}")
    sums = _asked(store, "select sum(amount) as s, sum(value) as v from balance, transfer")
    total = sum(map(int, values)) * len(signed)
    require(sums == [{"s": "0", "v": str(total)}], f"got sums {sums}, expected 0 and {total}")
    most = _asked(store, "select max(value) as v from transfer")
    require(most == [{"v": str(MOST)}], f"got {most} as the greatest amount")


def _texts(store: Store) -> None:
    texts = ["", "'; drop table balance --", 'a"b', "é\U0001f600", "a\0b", "x" * 100_000, "\\x00"]
    rates = [0.1, -0.0, 1e308, 5e-324, 1.5, 2.0, 3.0]
    rows = [
        transfer(1, f"{place}{text}", "1", note=text, rate=rate)
        for place, (text, rate) in enumerate(zip(texts, rates, strict=True))
    ]
    slots = [
        {**version(1), "order": "1", "from": text, "group": -(2**63), "user": text}
        for text in texts
    ]
    made = {"Transfer": rows_of(TRANSFER, rows), "Select": rows_of(SLOT, slots)}
    store.commit(step(1, versions=made))
    stored = [(row["note"], row["rate"], row["id"]) for row in table_rows(store, TRANSFER)]
    expected = [(row["note"], row["rate"], row["id"]) for row in rows]
    require(sorted(stored) == sorted(expected), f"got {stored!r:.200}")
    got = [row["user"] for row in _open(store, SLOT, [("1", text, -(2**63)) for text in texts])]
    require(sorted(got) == sorted(texts), f"got {got!r:.200} by keys of any text")


def _rollback(store: Store) -> None:
    store.commit(first())
    at_first = _digest(store)
    store.commit(second())
    at_second = _digest(store)
    store.commit(third())
    for to, expected in ((block(12), None), (block(11), at_second), (block(10), at_first)):
        store.rollback(to)
        cursor, links = store.cursor()
        require(cursor is not None and cursor.block == to, f"got cursor {cursor}")
        require(max(one.number for one in links) <= to.number, "got links of blocks taken back")
        require(expected in {None, _digest(store)}, f"got other rows after going back to {to[0]}")
    store.rollback(block(2))
    require(all(table_rows(store, one) == [] for one in ENTITIES), "got rows of later blocks")


def _branches(store: Store) -> None:
    store.commit(first())
    store.commit(second())
    once = _digest(store)
    for _ in range(3):
        store.commit(third())
        store.rollback(block(10))
        store.commit(second())
        require(_digest(store) == once, "got other rows after going back and on again")


def _links(store: Store) -> None:
    for number in range(1, 9):
        store.commit(step(number, keep_links=4))
    numbers = [one.number for one in store.cursor()[1]]
    require(numbers == [5, 6, 7, 8], f"got links of {numbers}, expected the newest four")
    store.rollback(block(6))
    store.commit(step(7, branch=1, keep_links=4))
    links = store.cursor()[1]
    require(links[-1] == block(7, branch=1), "got another newest link")
    require([one.number for one in links] == [5, 6, 7], "got other links after a rollback")


def _own(store: Store) -> None:
    import pyarrow as pa

    for number in (1, 2):
        child = {"contract": ["Pool"], "address": [f"0x0{number}"], "block_number": [number]}
        store.commit(step(number, children=pa.table(child), unread=unread_of(number)))
    children = "select address from _children order by 1"
    unread = "select address, data, topic0, reason from _unread"
    got = _asked(store, children)
    require(got == [{"address": "0x01"}, {"address": "0x02"}], f"got children {got}")
    store.rollback(block(1))
    require(_asked(store, children) == [{"address": "0x01"}], "a rollback left a child")
    raw = {"address": "0x" + "01" * 20, "data": "0xff00", "topic0": None, "reason": "too short"}
    got = _asked(store, unread)
    require(got == [raw], f"got {got}, expected {raw}")


def _snapshot(store: Store) -> None:
    store.commit(first())
    with store.snapshot() as seen:
        before = store_digest(seen, ENTITIES)
        store.commit(second())
        require(store_digest(seen, ENTITIES) == before, "a snapshot saw a later commit")
        with store.snapshot() as newer:
            require(store_digest(newer, ENTITIES) != before, "a new snapshot saw no commit")
        store.rollback(block(10))
        cursor = seen.cursor()
        require(cursor is not None and cursor.block == block(10), "a snapshot's cursor moved")
        got = seen.rows("select amount from balance order by account")
        require([str(row[0]) for row in got] == ["5", "9"], f"got {got}")


def _again(store: Store, opened: Opened) -> None:
    with opened("checks-again", ENTITIES) as writer:
        writer.commit(first())
        before = _digest(writer)
    for entities in (ENTITIES, None):
        with opened("checks-again", entities) as again:
            require(_digest(again) == before, "got other rows when opened again")
            require(again.cursor() == (first().cursor, [block(10)]), "got another cursor")
    require(store.cursor() == (None, []), "two stores share their rows")


def _other_entities(opened: Opened) -> None:
    with opened("checks-other", (TRANSFER,)):
        pass
    try:
        with opened("checks-other", ENTITIES):
            pass
    except StoreFormat:
        return
    raise AssertionError("a store of other entities was opened")


def _digest(store: Store) -> str:
    with store.snapshot() as seen:
        return store_digest(seen, ENTITIES).digest


def _asked(store: Store, sql: str) -> list[dict[str, Any]]:
    with store.snapshot() as seen:
        rows: list[dict[str, Any]] = seen.query(sql).to_pylist()
    return rows


def _open(store: Store, entity: Entity, keys: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = store.current(entity, keys_of(entity, keys)).to_pylist()
    return rows
