"""Decoding of logs: equal to eth-abi on a million random logs, and logs a second beside it.

Usage: python benchmarks/bench_index_decode.py [--quick] [--json FILE] [--seed N]

Logs are of random events with nested types; most are damaged. Speeds are CPU seconds of one core,
ours with block, hashes and address as text, eth-abi's for the values alone.
"""

import argparse
import sys
import time
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from harness import Row, report, row  # noqa: E402
from index_decoder import compare, speed, speed_events  # noqa: E402

LOGS, QUICK_LOGS = 1_000_000, 5_000
SPEED_LOGS, QUICK_SPEED_LOGS = 400_000, 20_000
BARS = {"ERC-20 Transfer": 1_500_000}
DYNAMIC_BAR = 60_000


def measure(asked: argparse.Namespace) -> list[Row]:
    """Return the rows of this area."""
    start_s = time.process_time()
    tally = compare(asked.seed, QUICK_LOGS if asked.quick else LOGS)
    took_s = time.process_time() - start_s
    name = f"eth-abi {version('eth_abi')}"
    more = {"events": tally.events, "refused by both": tally.refused, "cpu_s": round(took_s, 1)}
    rows = [
        row("random logs compared with eth-abi", tally.logs, "logs", at_least=LOGS, more=more),
        row(
            "random logs read or refused otherwise than by eth-abi",
            len(tally.different),
            "logs",
            at_most=0,
            more={"first": tally.different[:5]},
        ),
        row("random logs that only we refuse, for too many values", tally.capped, "logs"),
    ]
    for what, event in speed_events().items():
        ours, peer = speed(event, QUICK_SPEED_LOGS if asked.quick else SPEED_LOGS)
        bar = BARS.get(what, DYNAMIC_BAR)
        rows.append(row(f"{what}: decoded", ours, "logs/s", at_least=bar))
        rows.append(
            row(f"{what}: beside the peer", ours, "logs/s", peer=peer, peer_name=name, at_least=10)
        )
    return rows


def parsed() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few logs, to see that it works")
    parser.add_argument("--json", type=Path, help="also write the result to this file")
    parser.add_argument("--seed", type=int, default=20_261_123, help="which series of logs")
    return parser.parse_args()


def main() -> int:
    """Measure and report."""
    asked = parsed()
    return report("index_decode", measure(asked), asked)


if __name__ == "__main__":
    sys.exit(main())
