"""The raw cache: what was fetched once is not fetched again, and never contradicts the chain."""

import errno
import random
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pytest
from tests.unit.index.chains import TOKEN, TRANSFER, HandMadeChain, account, transfer
from tests.unit.index.made_node import made_node, source_of

from diptych.core.files import write_error
from diptych.index.blocks import Chunk, LogSelector, Span, Wanted
from diptych.index.cache import folder as cache_folder
from diptych.index.cache.source import CachedSource
from diptych.index.source.checks import check_source
from diptych.index.source.source import BranchChanged, NotOffered

OTHER = bytes.fromhex("cd" * 20)
OF_TOKEN = LogSelector(frozenset({TOKEN}), stream="token")
OF_OTHER = LogSelector(frozenset({OTHER}), stream="other")
BY_TOPIC = LogSelector(topics=frozenset({TRANSFER}), stream="transfers")
LOGS = Wanted(logs=(OF_TOKEN,))


def chain_of(blocks: int, *, seed: int = 0) -> "Watched":
    """Return a chain with some transfers of two tokens."""
    chance, chain = random.Random(seed), Watched()
    for number in range(blocks):
        tokens = chance.choices((TOKEN, OTHER), k=chance.choice((0, 0, 1, 3)))
        chain.mine(*(transfer(number, place, 1, one) for place, one in enumerate(tokens)))
    return chain


def same(one: Chunk, two: Chunk) -> bool:
    """Whether two chunks hold the same logs, and the same times of their blocks."""
    names = ["number", "hash", "timestamp_s"]
    with_rows = {*two.logs.column("block_number").to_pylist(), two.last.number}
    blocks = [
        {row["number"]: row for row in chunk.blocks.select(names).to_pylist()}
        for chunk in (one, two)
    ]
    known = all(blocks[0][number] == blocks[1][number] for number in with_rows)
    return one.span == two.span and one.last == two.last and one.logs.equals(two.logs) and known


@dataclass
class Watched(HandMadeChain):
    """A chain that remembers what it was asked."""

    asked: list[tuple[Span, Wanted]] = field(default_factory=list)

    def fetch(self, span: Span, wanted: Wanted) -> Chunk:
        """Return the logs of a span."""
        self.asked.append((span, wanted))
        return super().fetch(span, wanted)


def files(folder: Path) -> list[Path]:
    """Return the segments of a cache."""
    return sorted(folder.rglob("*.parquet"))


def test_what_was_fetched_is_read_back_without_the_source(tmp_path: Path) -> None:
    """A second run, and one without the source, give the same rows and fetch nothing."""
    chain = chain_of(60)
    first = CachedSource(chain, tmp_path).fetch(Span(0, 59), LOGS)
    assert chain.fetches == 1
    again = CachedSource(chain, tmp_path).fetch(Span(0, 59), LOGS)
    offline = CachedSource(None, tmp_path, offline=True)
    assert chain.fetches == 1
    for chunk in (first, again, offline.fetch(Span(0, 59), LOGS)):
        assert same(chunk, chain.fetch(Span(0, 59), LOGS))
    assert offline.identity() == chain.identity()
    assert offline.head() == chain.head()
    assert offline.header(59) == chain.head()
    assert offline.header(60) is None


def test_offline_refuses_what_is_not_kept(tmp_path: Path) -> None:
    """Streams and blocks that nobody fetched are no empty answers."""
    CachedSource(chain_of(10), tmp_path).fetch(Span(0, 9), LOGS)
    offline = CachedSource(None, tmp_path, offline=True)
    with pytest.raises(NotOffered, match="other at block 0"):
        offline.fetch(Span(0, 9), Wanted(logs=(OF_OTHER,)))
    with pytest.raises(NotOffered, match="at block 10"):
        offline.fetch(Span(0, 12), LOGS)
    with pytest.raises(NotOffered, match="does not know block 3"):
        offline.header(3)
    with pytest.raises(NotOffered):
        offline.fetch(Span(0, 9), Wanted(logs=(OF_TOKEN,), verified=True))


@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_spans_and_wishes_equals_the_source(tmp_path: Path, seed: int) -> None:
    """Whatever was asked for before, a chunk is what the source alone would have given."""
    chance, chain = random.Random(seed), chain_of(120, seed=seed)
    wishes = (
        LOGS,
        Wanted(logs=(OF_OTHER, OF_TOKEN)),
        Wanted(logs=(BY_TOPIC, OF_TOKEN)),
        Wanted(logs=(OF_TOKEN,), links=True),
    )
    for _ in range(30):
        first = chance.randrange(120)
        span = Span(first, chance.randrange(first, min(first + 30, 120)))
        wanted = chance.choice(wishes)
        chunk = CachedSource(chain, tmp_path).fetch(span, wanted)
        assert same(chunk, chain.fetch(span, wanted))
        if wanted.links:
            assert chunk.blocks.column("number").to_pylist() == list(range(first, span.last + 1))


def test_only_the_new_contract_is_fetched(tmp_path: Path) -> None:
    """Another contract in the manifest leaves what is kept of the others alone."""
    chain = chain_of(40)
    CachedSource(chain, tmp_path).fetch(Span(0, 39), LOGS)
    CachedSource(chain, tmp_path).fetch(Span(0, 39), Wanted(logs=(OF_TOKEN, OF_OTHER)))
    assert [
        [one.addresses for one in logs] for logs in (wanted.logs for _, wanted in chain.asked)
    ] == [
        [frozenset({TOKEN})],
        [frozenset({OTHER})],
    ]


def test_blocks_taken_back_are_forgotten(tmp_path: Path) -> None:
    """After a reorganisation the new branch is fetched, the shared blocks are not."""
    chain = chain_of(30)
    source = CachedSource(chain, tmp_path)
    source.fetch(Span(0, 9), LOGS)
    source.fetch(Span(10, 29), Wanted(logs=(OF_TOKEN,), links=True))
    chain.fork(5, [(transfer(7, 7, 7),)] * 6)
    shared = chain.header(24)
    assert shared is not None
    source.forget_after(shared)
    chain.asked.clear()
    found = source.fetch(Span(0, 30), LOGS)
    assert [span for span, _ in chain.asked] == [Span(25, 30)]
    assert same(found, chain.fetch(Span(0, 30), LOGS))
    assert CachedSource(None, tmp_path, offline=True).head() == chain.head()


def test_a_crash_between_cache_and_store_leaves_no_stale_branch(tmp_path: Path) -> None:
    """Rows kept of a branch that was replaced while nobody ran are dropped at the next start."""
    chain = chain_of(30)
    CachedSource(chain, tmp_path).fetch(Span(0, 27), LOGS)
    for number in (28, 29):
        CachedSource(chain, tmp_path).fetch(Span(number, number), LOGS)
    chain.fork(2, [(transfer(7, 7, 7),)] * 4)
    chunk = CachedSource(chain, tmp_path).fetch(Span(0, 31), LOGS)
    assert same(chunk, chain.fetch(Span(0, 31), LOGS))


def test_kept_blocks_near_the_head_are_compared_with_the_source(tmp_path: Path) -> None:
    """A branch that changed while it was kept is told, not given; then the new one is."""
    chain = chain_of(30)
    source = CachedSource(chain, tmp_path)
    near = Wanted(logs=(OF_TOKEN,), links=True)
    source.fetch(Span(20, 29), near)
    chain.fork(3, [(transfer(7, 7, 7),)] * 3)
    with pytest.raises(BranchChanged, match="since it was kept"):
        source.fetch(Span(25, 29), near)
    assert same(source.fetch(Span(25, 29), near), chain.fetch(Span(25, 29), near))


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "swap"])
def test_damaged_files_are_dropped_and_fetched_anew(tmp_path: Path, damage: str) -> None:
    """No damaged byte becomes a row."""
    chain = chain_of(40)
    source = CachedSource(chain, tmp_path)
    source.fetch(Span(0, 19), LOGS)
    source.fetch(Span(20, 39), LOGS)
    one, two = files(tmp_path)
    content = bytearray(one.read_bytes())
    if damage == "swap":
        one.write_bytes(two.read_bytes())
    elif damage == "flip":
        content[len(content) // 2] ^= 1
        one.write_bytes(content)
    else:
        one.write_bytes(content[: 0 if damage == "empty" else -9])
    again = CachedSource(chain, tmp_path)
    assert same(again.fetch(Span(0, 39), LOGS), chain.fetch(Span(0, 39), LOGS))
    assert again.damaged == 1
    assert chain.fetches == 4
    offline = CachedSource(None, tmp_path, offline=True)
    assert same(offline.fetch(Span(0, 39), LOGS), chain.fetch(Span(0, 39), LOGS))


def test_left_overs_of_a_crash_do_no_harm(tmp_path: Path) -> None:
    """Temporary files are swept; of files that overlap, the one that covers more is kept."""
    chain = chain_of(40)
    source = CachedSource(chain, tmp_path)
    source.fetch(Span(0, 9), LOGS)
    part = files(tmp_path)[0]
    content = part.read_bytes()
    part.unlink()
    CachedSource(chain, tmp_path).fetch(Span(0, 39), LOGS)
    part.write_bytes(content)
    left = part.with_name(".half.tmp")
    left.write_bytes(b"half")
    much_later_s = left.stat().st_mtime + 7_200
    late = CachedSource(chain, tmp_path, clock=lambda: much_later_s)
    assert same(late.fetch(Span(0, 39), LOGS), chain.fetch(Span(0, 39), LOGS))
    assert not left.exists()
    assert len(files(tmp_path)) == 1
    assert chain.fetches == 3


def test_small_files_are_merged_when_they_are_final(tmp_path: Path) -> None:
    """Following block by block leaves few files, and the same rows."""
    chain = chain_of(200)
    source = CachedSource(chain, tmp_path, window=20)
    source.head()
    for number in range(200):
        source.fetch(Span(number, number), Wanted(logs=(OF_TOKEN,), links=True))
    assert len(files(tmp_path)) < 2 * 100
    offline = CachedSource(None, tmp_path, offline=True)
    assert same(offline.fetch(Span(0, 199), LOGS), chain.fetch(Span(0, 199), LOGS))
    near = Wanted(logs=(OF_TOKEN,), links=True)
    assert same(offline.fetch(Span(150, 199), near), chain.fetch(Span(150, 199), near))


def test_a_full_disk_is_told_once_and_indexing_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows matter more than what could be replayed later."""

    def full(*_: object, **__: object) -> None:
        raise write_error(tmp_path, OSError(errno.ENOSPC, "full"))

    told: list[str] = []
    chain = chain_of(20)
    source = CachedSource(chain, tmp_path, notice=told.append)
    source.fetch(Span(0, 4), LOGS)
    monkeypatch.setattr(cache_folder, "write_durably", full)
    for first in (5, 10, 15):
        span = Span(first, first + 4)
        assert same(source.fetch(span, LOGS), chain.fetch(span, LOGS))
    assert len(told) == 1
    assert "nothing more is kept" in told[0]
    assert len(files(tmp_path)) == 1


def test_offline_ends_where_it_knows_a_block(tmp_path: Path) -> None:
    """No hash is made up: a chunk ends where a segment ends."""
    chain = chain_of(40)
    source = CachedSource(chain, tmp_path)
    source.fetch(Span(0, 9), LOGS)
    source.fetch(Span(10, 39), LOGS)
    offline = CachedSource(None, tmp_path, offline=True)
    for asked, got in ((Span(0, 20), Span(0, 9)), (Span(10, 20), Span(10, 39))):
        assert same(offline.fetch(asked, LOGS), chain.fetch(got, LOGS))


def test_what_was_verified_serves_without_verification_but_not_the_other_way(
    tmp_path: Path,
) -> None:
    """So an index that was made with verification replays without an endpoint."""
    node, span = made_node(), Span(0, 11)
    every = (LogSelector(),)
    proven = Wanted(logs=every, verified=True)
    CachedSource(source_of(node), tmp_path / "one").fetch(span, proven)
    offline = CachedSource(None, tmp_path / "one", offline=True)
    assert offline.fetch(span, Wanted(logs=every)).logs.equals(offline.fetch(span, proven).logs)
    CachedSource(source_of(node), tmp_path / "two").fetch(span, Wanted(logs=every))
    with pytest.raises(NotOffered):
        CachedSource(None, tmp_path / "two", offline=True).fetch(span, proven)


def test_whole_blocks_come_back_from_the_cache(tmp_path: Path) -> None:
    """With all their columns; and the suite of sources passes with the cache in front."""
    node, span = made_node(), Span(0, 11)
    wanted = Wanted(transactions=True, receipts=True)
    cached = CachedSource(source_of(node), tmp_path)
    true = source_of(node).fetch(span, wanted)
    cached.fetch(Span(0, 4), wanted)
    for source in (cached, CachedSource(None, tmp_path, offline=True)):
        chunk = source.fetch(span, wanted)
        for kind in ("blocks", "logs", "transactions", "receipts"):
            assert getattr(chunk, kind).equals(getattr(true, kind)), kind
    results = check_source(CachedSource(source_of(node), tmp_path), span)
    assert [one for one in results if not one.is_passed] == []


def test_two_chains_are_kept_apart(tmp_path: Path) -> None:
    """Offline, one of several must be named."""
    one, two = chain_of(5, seed=1), HandMadeChain(salt=9)
    two.mine(transfer(1, 2, 3))
    CachedSource(one, tmp_path).fetch(Span(0, 4), LOGS)
    CachedSource(two, tmp_path).fetch(Span(0, 0), LOGS)
    with pytest.raises(Exception, match="2 chains"):
        CachedSource(None, tmp_path, offline=True).head()
    genesis = two.identity().genesis_hash
    chosen = CachedSource(None, tmp_path, offline=True, genesis_hash=genesis)
    assert chosen.head() == two.head()


def test_kept_files_are_plain_parquet(tmp_path: Path) -> None:
    """Other tools read them."""
    chain = chain_of(20)
    CachedSource(chain, tmp_path).fetch(Span(0, 19), LOGS)
    table = pa.parquet.read_table(files(tmp_path)[0])
    assert set(table.column("address").to_pylist()) == {TOKEN}
    assert account(0)
