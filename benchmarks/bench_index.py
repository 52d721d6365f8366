"""The index on a local chain of 50,001 transfers, beside web3.py, cryo and Ponder.

All read the same anvil one after the other. Ponder inserts one row for each event and keeps no
balances, web3.py and cryo store nothing; ours keeps versioned transfers, balances and supply.
"""

import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from harness import HERE, Row, arguments, peer_node, peer_python, report, row, run_child
from index_chain import TokenChain, token_chain
from index_peers import with_ponder

_TRANSACTIONS = 500
_REPEATS = 3
_PONDER_PORT = 42_169
Figures = dict[str, Any]


def ours(chain: TokenChain, how: str, folder: Path) -> Figures:
    """Run our index once in a process of its own."""
    script = str(HERE / "index_child.py")
    spent = run_child([sys.executable, script, how, chain.url, chain.token, str(folder)])
    found: Figures = json.loads(spent.output.splitlines()[-1])
    if found["events"] != chain.events or found["total"] != str(10**30):
        raise AssertionError(f"got {found}, expected {chain.events} events and the minted total")
    return found


def peer(python: Path, how: str, chain: TokenChain) -> Figures:
    """Run web3.py or cryo once."""
    script = str(HERE / "index_peers.py")
    command = [str(python), script, how, chain.url, chain.token, str(chain.head)]
    found: Figures = json.loads(run_child(command).output.splitlines()[-1])
    return found


def typical(figures: list[Figures], name: str) -> float:
    """Return the median of one figure."""
    return float(statistics.median(one[name] for one in figures))


class Measured(NamedTuple):
    """What all took on one chain."""

    events: int
    batch: list[Figures]
    rows: list[Figures]
    replay: list[Figures]
    web3: list[Figures]
    cryo: list[Figures]
    ponder_s: float


def measured(transactions: int, repeats: int) -> Measured:
    """Run all, ours and cryo alternately."""
    web3 = peer_python("index-web3", "web3==8.0.0")
    cryo = peer_python("index-cryo", "cryo==0.3.2", "polars==1.31.0", "pyarrow")
    ponder = peer_node("ponder", "ponder@1.0.0", "viem@2.21.3", "hono@4.6.20")
    with token_chain(transactions) as chain, tempfile.TemporaryDirectory() as name:
        found = Measured(chain.events, [], [], [], [], [], 0.0)
        for place in range(repeats):
            folder = Path(name) / str(place)
            folder.mkdir()
            found.batch.append(ours(chain, "batch", folder))
            found.cryo.append(peer(cryo, "cryo", chain))
            found.replay.append(ours(chain, "replay", folder))
            shutil.rmtree(folder / "cache")
            found.rows.append(ours(chain, "rows", folder))
        found.web3.append(peer(web3, "web3", chain))
        shutil.rmtree(ponder / ".ponder", ignore_errors=True)
        taken_s = with_ponder(ponder, chain.url, chain.token, _PONDER_PORT)
    return found._replace(ponder_s=taken_s)


def judged(found: Measured) -> Iterator[Row]:
    """Yield the rows of the report."""
    events = found.events
    rate, by_ponder = events / typical(found.batch, "wall_s"), events / found.ponder_s
    ponder = "Ponder 1.0.0, PGlite, one insert an event"
    yield row(
        f"{events:,} transfers with balances, by batches",
        rate,
        "events/s",
        peer=by_ponder,
        peer_name=ponder,
        at_least=10,
    )
    yield row(
        "the same, beside web3.py",
        rate,
        "events/s",
        peer=events / typical(found.web3, "wall_s"),
        peer_name="web3.py 8 get_logs, nothing stored",
        at_least=20,
    )
    yield row(
        "the same, time beside cryo",
        typical(found.batch, "wall_s"),
        "s",
        peer=typical(found.cryo, "wall_s"),
        peer_name="cryo 0.3.2, decoded in memory",
        at_most=1.5,
    )
    yield row(
        "one call of a Python handler for each event",
        events / typical(found.rows, "wall_s"),
        "events/s",
        peer=by_ponder,
        peer_name=ponder,
        at_least=3,
    )
    yield from alone(found)


def alone(found: Measured) -> Iterator[Row]:
    """Yield the rows that no peer has."""
    events = found.events
    by_cpu = events / typical(found.batch, "cpu_s")
    yield row("the same, by CPU time", by_cpu, "events/CPU-s", at_least=60_000)
    replay = events / typical(found.replay, "wall_s")
    yield row("replay from the cache", replay, "events/s", at_least=250_000)
    calls = typical(found.replay, "calls")
    yield row("calls to the endpoint while replaying", calls, "calls", at_most=0)
    most = max(one["peak_mib"] for one in found.batch + found.rows)
    yield row("memory at its peak", most, "MiB", at_most=600)


def main() -> int:
    """Measure all on one chain."""
    asked = arguments(__doc__)
    found = measured(40, 1) if asked.quick else measured(_TRANSACTIONS, _REPEATS)
    return report("index", list(judged(found)), asked)


if __name__ == "__main__":
    sys.exit(main())
