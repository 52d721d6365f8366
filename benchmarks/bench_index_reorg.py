"""Reorganisations of the index, counted: a fresh index's digest each time, or it halts.

Random stories on a chain made by hand (forks of forks, depths up to the window, restarts of the
index), random depths on a throwaway anvil, and children that are killed with SIGKILL at random
points while the chain goes on without them. Lies of endpoints are counted by
`tests/unit/index/test_lies.py`, which runs here as well.
"""

import random
import subprocess
import sys
import tempfile

from harness import HERE, Row, arguments, report, row

sys.path.insert(0, str(HERE.parent))

from tests.unit.index.killing import told_to_children
from tests.unit.index.reference import reference
from tests.unit.index.stories import Story, manifest
from tests.unit.index.test_lies import LIES
from tests.unit.index.test_reference import tables

from diptych.core.errors import JsonValue
from diptych.index import Indexer, IndexOptions, Manifest
from diptych.index.blocks import LogSelector, Span, Wanted
from diptych.index.head.ring import Halted
from diptych.index.manifest.ready.erc20 import erc20
from diptych.index.source.rpc.endpoint import Endpoint
from diptych.index.source.rpc.source import RpcSource
from diptych.index.store.digest import StoreDigest, store_digest
from diptych.index.store.duck import DuckStore
from diptych.ledger.devchain.throwaway import throwaway_node
from diptych.ledger.rpc import Rpc

_STORIES = 500
_KILLS = 60
_LIES = "tests/unit/index/test_lies.py"
# Emits ERC-20's Transfer from and to the caller, with the first word of the call as its value.
_TOPIC = "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
_RUNTIME = f"5f355f5233337f{_TOPIC}60205fa300"
_CREATION = f"60{len(_RUNTIME) // 2:02x}80600a5f395ff3" + "00"


def digest_of(store: DuckStore) -> StoreDigest:
    """Return the digest of all rows."""
    with store.snapshot() as seen:
        return store_digest(seen, store.entities)


def stories(count: int) -> tuple[int, int, int]:
    """Tell random stories; return reorganisations, the deepest, and how many differed."""
    followed = deepest = wrong = 0
    for seed in range(count):
        rng = random.Random(seed)
        window = rng.choice([4, 16, 64, 256])
        story = Story(seed, window=window, length=rng.randint(2, 40))
        made = manifest()
        options = IndexOptions(window=window, max_span=rng.choice([1, 5, 1_000]))
        with DuckStore(None, list(made.entities.values())) as store:
            indexer = Indexer(made, story.chain, store, options)
            for _ in range(rng.randint(1, 3)):
                indexer.catch_up(until=rng.choice([None, len(story.chain.blocks) // 2]))
                story.go_on()
                if rng.random() < 0.3:
                    followed += indexer.counters.reorganisations
                    deepest = max(deepest, indexer.counters.deepest)
                    indexer = Indexer(made, story.chain, store, options)
            indexer.catch_up()
            followed += indexer.counters.reorganisations
            deepest = max(deepest, indexer.counters.deepest)
            wrong += tables(store) != reference(story.chain)
            wrong += digest_of(store) != fresh(made, story, options)
    return followed, deepest, wrong


def fresh(made: Manifest, story: Story, options: IndexOptions) -> StoreDigest:
    """Return the digest of an index that saw the last branch only."""
    with DuckStore(None, list(made.entities.values())) as store:
        Indexer(made, story.chain, store, options).catch_up()
        return digest_of(store)


def depths(chosen: list[int]) -> tuple[int, int]:
    """Take back so many blocks at once, on long chains; return how many, and how many differed."""
    wrong = 0
    for depth in chosen:
        story = Story(depth, window=256, length=depth + 10)
        made = manifest()
        with DuckStore(None, list(made.entities.values())) as store:
            indexer = Indexer(made, story.chain, store)
            indexer.catch_up()
            story.go_on(depth)
            indexer.catch_up()
            wrong += digest_of(store) != fresh(made, story, IndexOptions())
            wrong += indexer.counters.reorganisations != 1
    return len(chosen), wrong


def beyond(count: int) -> int:
    """Take back more than the window; return how many did not halt with their rows as they were."""
    wrong = 0
    for seed in range(count):
        story = Story(seed, window=64, length=80)
        made = manifest()
        with DuckStore(None, list(made.entities.values())) as store:
            indexer = Indexer(made, story.chain, store, IndexOptions(window=16))
            indexer.catch_up()
            before = digest_of(store)
            story.go_on(17 + 4 * seed)
            try:
                indexer.catch_up()
                wrong += 1
            except Halted:
                wrong += digest_of(store) != before
    return wrong


def killed(count: int) -> tuple[int, int]:
    """Kill children that index, ten a story; return kills and how many stories differed."""
    kills = wrong = 0
    for seed in range(max(1, count // 10)):
        with tempfile.TemporaryDirectory() as folder:
            told = told_to_children(folder, "rows", seed, min(count, 10))
        kills += told.kills
        wrong += told.mine != told.fresh
    return kills, wrong


def on_anvil(chosen: list[int]) -> tuple[int, int]:
    """Reorganise a throwaway node; return how often, and how often the rows differed."""
    wrong = 0
    with throwaway_node(extra=["--no-mining"]) as url:
        rpc = Rpc(url)
        sender = first_account(rpc)
        token = deployed(rpc, sender)
        made = erc20(token)
        with DuckStore(None, list(made.entities.values())) as store:
            indexer = Indexer(made, RpcSource(Endpoint(url)), store)
            for place, depth in enumerate(chosen):
                mine(rpc, sender, token, depth + 3, seed=place)
                indexer.catch_up()
                call: JsonValue = {"from": sender, "to": token, "data": f"0x{place + 1:064x}"}
                rpc.call("anvil_reorg", depth, [[call, 0]])
                rpc.call("evm_mine")
                indexer.catch_up()
                again = RpcSource(Endpoint(url))
                with DuckStore(None, list(made.entities.values())) as other:
                    Indexer(made, again, other).catch_up()
                    wrong += digest_of(store) != digest_of(other)
                    head = again.head().number
                    wanted = Wanted(logs=(LogSelector(frozenset([bytes.fromhex(token[2:])])),))
                    logs = again.fetch(Span(0, head), wanted).logs.num_rows
                    with store.snapshot() as seen:
                        rows = seen.query("select count(*) as n from transfer").to_pylist()
                    wrong += rows[0]["n"] != logs
            wrong += indexer.counters.reorganisations != len(chosen)
    return len(chosen), wrong


def deployed(rpc: Rpc, sender: str) -> str:
    """Deploy a contract that emits a transfer at each call; return its address."""
    data = "0x" + _CREATION + _RUNTIME
    digest = rpc.call("eth_sendTransaction", {"from": sender, "data": data})
    rpc.call("evm_mine")
    receipt = rpc.call("eth_getTransactionReceipt", digest)
    assert isinstance(receipt, dict)
    return str(receipt["contractAddress"])


def first_account(rpc: Rpc) -> str:
    """Return an account that the node signs for."""
    accounts = rpc.call("eth_accounts")
    assert isinstance(accounts, list)
    return str(accounts[0])


def mine(rpc: Rpc, sender: str, token: str, count: int, *, seed: int) -> None:
    """Mine blocks with a call in about every third."""
    rng = random.Random(seed)
    for _ in range(count):
        if rng.random() < 0.3:
            data = "0x" + rng.randbytes(8).hex().rjust(64, "0")
            rpc.call("eth_sendTransaction", {"from": sender, "to": token, "data": data})
        rpc.call("evm_mine")


def lies() -> tuple[int, int]:
    """Run the suite of lying endpoints; return how many lies, and whether one became a row."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", _LIES]
    done = subprocess.run(command, cwd=HERE.parent, stdout=sys.stderr, check=False)
    return len(LIES), int(done.returncode != 0)


def main() -> None:
    """Count all."""
    options = arguments(__doc__)
    quick = options.quick
    followed, deepest, wrong = stories(20 if quick else _STORIES)
    at_depths, wrong_depths = depths([1, 256] if quick else [*range(1, 17), 31, 64, 100, 255, 256])
    kills, wrong_kills = killed(3 if quick else _KILLS)
    anvil, wrong_anvil = on_anvil([1, 3] if quick else [1, 2, 3, 7, 16, 33, 64, 128, 200, 256])
    told, wrong_lies = lies()
    rows: list[Row] = [
        row("random reorganisations that were followed", followed, "times", at_least=10),
        row("the deepest of them", deepest, "blocks", at_least=1),
        row("stories with other rows than a fresh index", wrong, "stories", at_most=0),
        row("single depths from 1 to 256", at_depths, "depths", at_least=2),
        row("of them with other rows than a fresh index", wrong_depths, "depths", at_most=0),
        row("beyond the window without a halt", beyond(2 if quick else 10), "chains", at_most=0),
        row("kills -9 at random points", kills, "kills", at_least=1),
        row("stories with kills that differ from a fresh index", wrong_kills, "stories", at_most=0),
        row("reorganisations of anvil", anvil, "times", at_least=2),
        row("of them with other rows than a fresh index", wrong_anvil, "times", at_most=0),
        row("kinds of lies told", told, "lies", at_least=10),
        row("suites in which a lie became a row", wrong_lies, "suites", at_most=0),
    ]
    report("index_reorg", rows, options)


if __name__ == "__main__":
    main()
