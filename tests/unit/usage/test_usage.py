"""Usage: totals that can be checked, and nothing acknowledged that is lost."""

import random
import sqlite3
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych.core.errors import MalformedError
from diptych.models.usage import (
    BadUsage,
    UsageRecord,
    UsageRoot,
    UsageStore,
    UsageWriter,
    dump_usage_proof,
)
from diptych.models.usage.record import leaf_entry
from diptych.models.usage.store import UsageStoreFault
from diptych.models.usage.tree import build_levels
from diptych.models.usage.writer import WriterTerms
from diptych_verify.errors import NotIncluded, VerificationError
from diptych_verify.usage import (
    EMPTY_ROOT,
    LicenseeTotal,
    Span,
    UsageProof,
    entry_span,
    licensee_key,
    read_usage_record,
    usage_root,
    verify_usage_total,
)
from diptych_verify.usage_proof import parse_usage_proof

ASSET = "ab" * 32
NOW_S = 1_800_000_000


def licensee(number: int) -> str:
    return f"hmac:{number:040x}"


def use(number: int, units: int = 1) -> UsageRecord:
    return UsageRecord(licensee(number), ASSET, "execute", NOW_S, units)


def checked(proof: UsageProof, root: UsageRoot) -> LicenseeTotal:
    """Check a proof after it travelled as a file."""
    travelled = parse_usage_proof(dump_usage_proof(proof))
    assert travelled == proof
    return verify_usage_total(travelled, root=root.root, count=root.count, units=root.units)


def rooted(store: UsageStore) -> UsageRoot:
    root = store.make_root()
    assert root is not None
    return root


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 9)), max_size=30), max_size=4)
)
def test_every_total_is_proven_whatever_was_used(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[tuple[int, int]]]
) -> None:
    records, units = Counter[int](), Counter[int]()
    with UsageStore(tmp_path_factory.mktemp("usage") / "usage.sqlite") as store:
        for batch in batches:
            store.append([use(*one) for one in batch])
            for number, amount in batch:
                records[number] += 1
                units[number] += amount
            store.make_root()
        root = store.newest_root()
        if root is None:
            assert not records
            return
        assert (root.count, root.units) == (records.total(), units.total())
        for number in range(14):
            total = checked(store.proof(licensee(number)), root)
            assert (total.count, total.units) == (records[number], units[number])


@pytest.fixture
def store(tmp_path: Path) -> UsageStore:
    made = UsageStore(tmp_path / "usage.sqlite")
    rng = random.Random(7)
    made.append([use(rng.randrange(0, 40, 2), rng.randrange(5)) for _ in range(500)])
    return made


def test_a_root_covers_all_uses_since_the_beginning(store: UsageStore) -> None:
    first = rooted(store)
    assert store.make_root() is None
    store.append([use(3, 5)])
    assert store.pending() == 1
    second = rooted(store)
    assert (second.count, second.units, second.number) == (501, first.units + 5, 2)
    assert checked(store.proof(licensee(3)), second).units == 5
    assert store.pending() == 0


def test_a_proof_fits_its_own_root_only(store: UsageStore) -> None:
    first = rooted(store)
    proof = store.proof(licensee(4))
    store.append([use(4)])
    second = rooted(store)
    with pytest.raises(NotIncluded):
        verify_usage_total(proof, root=second.root, count=second.count, units=second.units)
    checked(store.proof(licensee(4)), second)
    with pytest.raises(NotIncluded, match="sums up"):
        verify_usage_total(proof, root=first.root, count=first.count + 1, units=first.units)


def test_no_part_of_a_proof_can_be_changed(store: UsageStore) -> None:
    root = rooted(store)
    proof = store.proof(licensee(8))
    assert proof.total is not None
    side, sibling = proof.path[0]
    changed = [
        replace(proof, licensee=licensee(10)),
        replace(proof, total=replace(proof.total, count=proof.total.count - 1)),
        replace(proof, total=replace(proof.total, units=proof.total.units + 1)),
        replace(proof, total=replace(proof.total, root=bytes(32))),
        replace(proof, path=proof.path[1:]),
        replace(proof, path=((not side, sibling), *proof.path[1:])),
        replace(proof, path=((side, replace(sibling, count=sibling.count + 1)), *proof.path[1:])),
        replace(proof, path=((side, replace(sibling, first=bytes(32))), *proof.path[1:])),
        replace(proof, last_proof=proof.last_proof[1:]),
        replace(proof, last=proof.last.replace(b"execute", b"execuse")),
        replace(proof, total=None, gap=(sibling,)),
    ]
    for forged in changed:
        with pytest.raises(VerificationError):
            verify_usage_total(forged, root=root.root, count=root.count, units=root.units)


def test_a_licensee_in_the_tree_cannot_be_denied(store: UsageStore) -> None:
    root = rooted(store)
    proof, there = store.proof(licensee(99)), store.proof(licensee(8))
    assert checked(proof, root) == LicenseeTotal(licensee(99), 0, 0, b"")
    with pytest.raises(NotIncluded):
        verify_usage_total(
            replace(proof, licensee=licensee(8)),
            root=root.root,
            count=root.count,
            units=root.units,
        )
    assert there.total is not None


def test_a_second_entry_for_one_licensee_needs_overlapping_ranges() -> None:
    mine = LicenseeTotal(licensee(1), 1, 1, bytes(32))
    other = replace(mine, units=9)
    with pytest.raises(NotIncluded, match="overlap"):
        build_levels([entry_span(mine), entry_span(other)])
    # A dishonest builder hides the second entry below a node that claims another range.
    key = licensee_key(licensee(1))
    low, high = bytes(32), b"\xff" * 32
    hidden = Span(low, key[:-1] + bytes([key[-1] - 1 & 255]), 1, 9, entry_span(other).hash)
    top = build_levels(sorted([hidden, entry_span(mine)], key=lambda span: span.first))[-1][0]
    leaf = leaf_entry(UsageRecord(licensee(1), ASSET, "execute", NOW_S, 9), 0, 9)
    forged = UsageProof(licensee(1), other, (), ((False, entry_span(mine)),), leaf, ())
    with pytest.raises(NotIncluded):
        verify_usage_total(forged, root=usage_root(top), count=2, units=10)
    assert high > low


def test_nothing_used_is_proven_too(tmp_path: Path) -> None:
    with UsageStore(tmp_path / "usage.sqlite") as store:
        proof = store.proof(licensee(1))
    assert verify_usage_total(proof, root=EMPTY_ROOT, count=0, units=0).count == 0
    with pytest.raises(VerificationError):
        verify_usage_total(proof, root=EMPTY_ROOT, count=1, units=0)


@pytest.mark.parametrize(
    "change",
    [
        {"licensee": "Hospital A"},
        {"asset": "model"},
        {"action": "Execute now"},
        {"units": -1},
        {"units": 2**41},
        {"time_s": -1},
    ],
)
def test_a_bad_use_is_refused_and_its_batch_with_it(
    store: UsageStore, change: dict[str, object]
) -> None:
    with pytest.raises(BadUsage):
        store.append([use(1), replace(use(1), **change)])  # type: ignore[arg-type]
    assert store.count()[0] == 500


@given(st.integers(0, 2**40), st.integers(0, 2**40))
def test_a_hashed_use_reads_back(sequence: int, running: int) -> None:
    raw = leaf_entry(use(5, 3), sequence, running)
    read = read_usage_record(raw)
    assert (read.sequence, read.running_units, read.units) == (sequence, running, 3)
    assert (read.licensee, read.asset, read.action) == (licensee(5), ASSET, "execute")


@pytest.mark.parametrize("raw", [b"[]", b"{}", b'["a",1,2,"b","c",3]', b'["a", 1,2,"b","c",3,4]'])
def test_what_is_no_hashed_use_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        read_usage_record(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"{}",
        b'{"format":"diptych-usage/2"}',
        b'{"format":"diptych-usage/1","licensee":"a b","path":[],"gap":[]}',
        b'{"format":"diptych-usage/1","licensee":"a","path":[],"gap":[],"x":1}',
        b'{"format":"diptych-usage/1","licensee":"a","path":[{"side":"up"}],"gap":[]}',
    ],
)
def test_what_is_no_proof_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_usage_proof(raw)


def test_a_writer_groups_commits_and_asks_for_roots(tmp_path: Path) -> None:
    now, roots = [1000.0], list[UsageRoot | None]()
    with UsageStore(tmp_path / "usage.sqlite") as store:
        terms = WriterTerms(commit_records=3, commit_s=10, root_records=6, root_s=100)
        with UsageWriter(
            store, lambda: roots.append(store.make_root()), terms=terms, clock=lambda: now[0]
        ) as writer:
            writer.add(use(1))
            assert store.count()[0] == 0
            writer.add(use(1), durable=True)
            assert store.count()[0] == 2
            writer.add(use(2))
            now[0] += 11
            writer.add(use(2))
            assert (store.count()[0], roots) == (4, [])
            for _ in range(3):
                writer.add(use(3))
            assert len(roots) == 1
            now[0] += 101
            writer.add(use(3))
            assert len(roots) == 2
            writer.add(use(4))
        assert len(roots) == 3
        assert store.pending() == 0


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "usage.sqlite"
    path.write_bytes(b"not a database, but long enough to be one" * 99)
    with pytest.raises(UsageStoreFault):
        UsageStore(path)
    other = tmp_path / "newer.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("PRAGMA user_version=9")
    connection.close()
    with pytest.raises(UsageStoreFault, match="schema 9"):
        UsageStore(other)


_CHILD = """
import sys
from pathlib import Path
from diptych.models.usage import UsageRecord, UsageStore
store = UsageStore(Path(sys.argv[1]))
for number in range(100_000):
    store.append([UsageRecord("hmac:" + "0" * 40, "ab" * 32, "execute", 1, 1)] * 7)
    print(number + 1, flush=True)
    if number % 9 == 0:
        store.make_root()
"""


def test_a_killed_program_loses_no_acknowledged_use(tmp_path: Path) -> None:
    path = tmp_path / "usage.sqlite"
    with subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(path)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        for _ in range(25):
            acknowledged = int(child.stdout.readline())
        child.kill()
        acknowledged = max([acknowledged, *map(int, child.stdout.read().split())])
    with UsageStore(path) as store:
        kept, units = store.count()
        assert kept >= 7 * acknowledged
        assert kept % 7 == 0
        assert units == kept
        rooted_now = store.make_root() or store.newest_root()
        assert rooted_now is not None
        assert checked(store.proof("hmac:" + "0" * 40), rooted_now).count == kept
