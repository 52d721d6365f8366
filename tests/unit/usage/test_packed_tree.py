"""The stored tree of licensees is always the one built from scratch, also in an old store."""

import random
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych.models.usage import UsageRecord, UsageStore
from diptych.models.usage.packed import BLOCK, node_at, put_leaves, rank
from diptych.models.usage.schema import SCHEMA
from diptych.models.usage.tree import SPAN_BYTES, build_levels, join_packed, unpacked
from diptych_verify.errors import NotIncluded
from diptych_verify.usage import LicenseeTotal, Span, entry_span, joined, verify_usage_total

NODES = "CREATE TABLE node (level INTEGER, block INTEGER, spans BLOB, PRIMARY KEY (level, block))"


def leaf(number: int, units: int) -> Span:
    return entry_span(LicenseeTotal(f"hmac:{number:040x}", 1, units, bytes(32)))


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 3 * BLOCK), st.integers(0, 2**20)), min_size=1, max_size=5)
)
def test_changes_lead_to_the_tree_that_is_built_from_scratch(
    steps: list[tuple[int, int]],
) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute(NODES)
    there: dict[bytes, Span] = {}
    for size, seed in steps:
        rng = random.Random(seed)
        changed = [leaf(rng.randrange(4 * BLOCK), rng.randrange(99)) for _ in range(size)]
        there |= {one.first: one for one in changed}
        height = put_leaves(connection, {one.first: one.encoded() for one in changed})
        levels = build_levels([there[key] for key in sorted(there)])
        assert height == len(levels)
        for level, row in enumerate(levels):
            stored = [node_at(connection, level, at) for at in range(len(row) + 1)]
            assert stored == [*row, None]
    for at, key in enumerate(sorted(there)):
        assert rank(connection, key) == at
    assert rank(connection, b"\xff" * 32) == len(there)
    connection.close()


def test_packed_nodes_join_like_others() -> None:
    left, right = sorted((leaf(1, 5), leaf(2, 7)), key=lambda one: one.first)
    assert unpacked(join_packed(left.encoded(), right.encoded())) == joined(left, right)
    assert len(left.encoded()) == SPAN_BYTES
    with pytest.raises(NotIncluded, match="overlap"):
        join_packed(right.encoded(), left.encoded())


def as_version_1(path: Path) -> None:
    """Turn a store into what version 1 wrote: one node in a row, no table of spool files."""
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE node")
        connection.execute("DROP TABLE spool")
        connection.execute("CREATE TABLE node (level, position, first, last, count, units, hash)")
        connection.execute("PRAGMA user_version=1")
    connection.close()


@pytest.mark.parametrize("licensees", [0, 1, BLOCK + 3])
def test_an_old_store_keeps_its_root_and_its_proofs(tmp_path: Path, licensees: int) -> None:
    path = tmp_path / "usage.sqlite"
    names = [f"hmac:{number:040x}" for number in range(licensees)]
    with UsageStore(path) as store:
        store.append([UsageRecord(name, "ab" * 32, "execute", 7, 3) for name in names])
        made = store.make_root()
        before = [store.proof(name) for name in names]
    as_version_1(path)
    with UsageStore(path) as store:
        assert store.newest_root() == made
        assert [store.proof(name) for name in names] == before
        if made is not None:
            proof = store.proof("hmac:" + "f" * 40)
            verify_usage_total(proof, root=made.root, count=made.count, units=made.units)
        store.append([UsageRecord("hmac:" + "e" * 40, "ab" * 32, "execute", 8, 1)])
        grown = store.make_root()
    assert grown is not None
    assert grown.licensees == licensees + 1
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
    connection.close()
