"""The index on a local chain of 50,001 transfers, beside web3.py, cryo and Ponder.

All read the same anvil one after the other. Ponder inserts one row for each event and keeps no
balances, web3.py and cryo store nothing; ours keeps versioned transfers, balances and supply.
"""

import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from harness import HERE, arguments, peer_node, peer_python, report, row, run_child
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


def main() -> None:
    """Measure all on one chain."""
    options = arguments(__doc__)
    transactions = 40 if options.quick else _TRANSACTIONS
    web3 = peer_python("index-web3", "web3==8.0.0")
    cryo = peer_python("index-cryo", "cryo==0.3.2", "polars==1.31.0", "pyarrow")
    ponder = peer_node("ponder", "ponder@1.0.0", "viem@2.21.3")
    batch, rows, replay, others, least = [], [], [], [], []
    with token_chain(transactions) as chain, tempfile.TemporaryDirectory() as name:
        for place in range(1 if options.quick else _REPEATS):
            folder = Path(name) / str(place)
            folder.mkdir()
            batch.append(ours(chain, "batch", folder))
            least.append(peer(cryo, "cryo", chain))
            replay.append(ours(chain, "replay", folder))
            shutil.rmtree(folder / "cache")
            rows.append(ours(chain, "rows", folder))
        others.append(peer(web3, "web3", chain))
        shutil.rmtree(ponder / ".ponder", ignore_errors=True)
        ponder_s = with_ponder(ponder, chain.url, chain.token, _PONDER_PORT)
    events = chain.events
    rate = events / typical(batch, "wall_s")
    by_peer = events / ponder_s
    report(
        "index",
        [
            row(
                f"{events:,} transfers with balances, by batches",
                rate,
                "events/s",
                peer=by_peer,
                peer_name="Ponder 1.0.0, PGlite, one insert an event",
                at_least=10,
            ),
            row(
                "the same, beside web3.py",
                rate,
                "events/s",
                peer=events / typical(others, "wall_s"),
                peer_name="web3.py 8 get_logs, nothing stored",
                at_least=20,
            ),
            row(
                "the same, time beside cryo",
                typical(batch, "wall_s"),
                "s",
                peer=typical(least, "wall_s"),
                peer_name="cryo 0.3.2, decoded in memory",
                at_most=1.5,
            ),
            row(
                "the same, by CPU time",
                events / typical(batch, "cpu_s"),
                "events/CPU-s",
                at_least=60_000,
            ),
            row(
                "one call of a Python handler for each event",
                events / typical(rows, "wall_s"),
                "events/s",
                peer=by_peer,
                peer_name="Ponder 1.0.0, PGlite, one insert an event",
                at_least=3,
            ),
            row(
                "replay from the cache",
                events / typical(replay, "wall_s"),
                "events/s",
                at_least=250_000,
            ),
            row(
                "calls to the endpoint while replaying",
                typical(replay, "calls"),
                "calls",
                at_most=0,
            ),
            row(
                "memory at its peak",
                max(one["peak_mib"] for one in batch + rows),
                "MiB",
                at_most=600,
            ),
        ],
        options,
    )


if __name__ == "__main__":
    main()
