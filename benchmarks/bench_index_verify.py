"""Blocks recomputed: 0 differences, and transactions and blocks a second of one core.

Usage: python benchmarks/bench_index_verify.py [--quick] [--json FILE]

The input is a throwaway chain of many kinds of transactions and, where the shared data is at hand,
real mainnet blocks, an era1 file and ethereum-etl's expected rows. Speeds are CPU seconds. Verified
is: header hash, every root, every bloom, every sender, every field that nodes derive.
"""

import gzip
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from tests.unit.index.made_chain import make_chain, write_era1  # noqa: E402

from diptych.core.errors import DiptychError  # noqa: E402
from diptych.index.blocks import LogSelector, Span, Wanted  # noqa: E402
from diptych.index.source.answers import RawBlock, RawReceipt, as_struct  # noqa: E402
from diptych.index.source.bounded import read_json  # noqa: E402
from diptych.index.source.era1.source import Era1Source  # noqa: E402
from diptych.index.source.stored import Stored, read_block  # noqa: E402
from diptych.index.verification.keccak import new_keccak  # noqa: E402
from diptych.index.verification.verifier import Verifier, verify_links  # noqa: E402
from diptych_verify.receipt import parse_header, verify_event  # noqa: E402
from harness import Row, arguments, report, row  # noqa: E402
from index_kinds_chain import kinds_chain, read_back, structs  # noqa: E402

DATA = HERE.parents[1] / "shared/data/watch"
TRANSACTIONS, QUICK_TRANSACTIONS = 51_000, 2_000
TX_BAR, BLOCK_BAR = 5_000, 3_000
_MAX_PROOF_BYTES = 16 << 20
_OFFLINE_PROOFS = 300
_PASSES = 3
"""The real samples are small: the quickest pass counts, each with nothing remembered."""
Told = tuple[RawBlock, Sequence[RawReceipt] | None]


class Tally(NamedTuple):
    """What was verified, in how many CPU seconds, and what differed."""

    blocks: int
    transactions: int
    logs: int
    cpu_s: float
    wrong: list[str]


def verify(blocks: Iterable[Told]) -> Tally:
    """Verify blocks; nothing else is timed."""
    verifier, wrong = Verifier(), []
    count = transactions = logs = 0
    start_s = time.process_time()
    for block, receipts in blocks:
        try:
            evidence = verifier.block(block, receipts)
        except DiptychError as error:
            wrong.append(error.message)
            continue
        count += 1
        transactions += evidence.transactions
        logs += evidence.logs
    return Tally(count, transactions, logs, time.process_time() - start_s, wrong)


def prove_logs(blocks: Iterable[Told]) -> tuple[int, int, list[str]]:
    """Make a proof for every log and check it; return logs, those checked offline, failures."""
    verifier, failed = Verifier(), []
    proven = offline = 0
    for block, receipts in blocks:
        evidence = verifier.block(block, receipts)
        header = parse_header(evidence.header)
        for place, receipt in enumerate(receipts or ()):
            if not receipt.logs or evidence.trie is None:
                continue
            proof = evidence.trie.proof(place)
            proven += len(receipt.logs)
            if not _leads_to(proof, header.receipts_root, receipt, verifier):
                failed.append(f"{block.number} {place}")
            if offline >= _OFFLINE_PROOFS or receipt.status == "0x0":
                continue
            last = len(receipt.logs) - 1
            event = verify_event(header, place, proof, log_index=last, max_bytes=_MAX_PROOF_BYTES)
            offline += 1
            if "0x" + event.data.hex() != receipt.logs[last].data.lower():
                failed.append(f"{block.number} {place} offline")
    return proven, offline, failed


def _leads_to(proof: Sequence[bytes], root: bytes, receipt: RawReceipt, verifier: Verifier) -> bool:
    """Return whether hashes lead from the root to a node that holds the data of all logs."""
    hashes = [verifier.keccak(node) for node in proof]
    linked = all(after in before for before, after in zip(proof, hashes[1:], strict=False))
    held = all(bytes.fromhex(log.data[2:]) in proof[-1] for log in receipt.logs)
    return bool(hashes) and hashes[0] == root and linked and held


def of_own_chain(count: int) -> list[Row]:
    """Verify the throwaway chain."""
    with kinds_chain(count) as client:
        answers = list(read_back(client))
    blocks: list[Told] = [structs(*answer) for answer in answers]
    verify_links(block for block, _ in blocks)
    kinds = Counter(receipt.type for _, receipts in blocks for receipt in receipts or ())
    tally = verify(blocks)
    start_s = time.process_time()
    for answer in answers:
        structs(*answer)
    parse_s = time.process_time() - start_s
    proven, offline, failed = prove_logs(blocks)
    more = {"kinds": dict(kinds), "blocks": tally.blocks, "logs": tally.logs}
    return [
        row("own chain: transactions", tally.transactions, "transactions", more=more),
        row("own chain: blocks that differ", len(tally.wrong), "blocks", at_most=0),
        row(
            "own chain: verified",
            tally.transactions / tally.cpu_s,
            "transactions/s",
            at_least=TX_BAR,
        ),
        row(
            "own chain: parsed and verified",
            tally.transactions / (tally.cpu_s + parse_s),
            "transactions/s",
        ),
        row(
            "own chain: logs without a proof",
            len(failed),
            "logs",
            at_most=0,
            more={"logs": proven, "checked by the offline verifier": offline},
        ),
    ]


def of_mainnet() -> list[Row]:
    """Verify real blocks, with and without receipts."""
    keccak, whole = new_keccak(), []
    for path in sorted(DATA.glob("mainnet-receipts/*.yaml.gz")):
        lines = gzip.decompress(path.read_bytes()).decode().splitlines()
        parts = dict(line.split(": 0x", 1) for line in lines if ": 0x" in line)
        names = ("header", "body", "receipts")
        header, body, receipts = (bytes.fromhex(parts[name]) for name in names)
        read = read_block(Stored(header, body, receipts), keccak)
        whole.append((read.block, read.receipts))
    told: list[Told] = []
    for path in sorted(DATA.glob("mainnet-blocks/*.block.json.gz")):
        raw = read_json(gzip.decompress(path.read_bytes()), max_bytes=1 << 26)
        told.append((as_struct(raw, RawBlock), None))
    rows = []
    for name, blocks in (("mainnet-receipts", whole), ("mainnet-blocks", told)):
        if not blocks:
            continue
        tally = min((verify(blocks) for _ in range(_PASSES)), key=lambda each: each.cpu_s)
        more = {"transactions": tally.transactions, "logs": tally.logs, "blocks": tally.blocks}
        speed = tally.transactions / tally.cpu_s
        rows += [
            row(f"{name}: blocks that differ", len(tally.wrong), "blocks", at_most=0, more=more),
            row(f"{name}: verified", speed, "transactions/s", at_least=TX_BAR),
        ]
    if whole:
        proven, offline, failed = prove_logs(whole)
        more = {"logs": proven, "checked by the offline verifier": offline}
        rows.append(
            row("mainnet-receipts: logs without a proof", len(failed), "logs", at_most=0, more=more)
        )
    return rows


def of_era1(*, quick: bool) -> list[Row]:
    """Read era1 files, real ones where there are some, with everything verified."""
    wanted = Wanted(logs=(LogSelector(),), transactions=True, receipts=True)
    real = sorted(DATA.glob("sepolia-era/*.era1"))
    with tempfile.TemporaryDirectory() as folder:
        made = write_era1(Path(folder) / "made.era1", make_chain(60 if quick else 600))
        rows = []
        for name, path, bar in (("real", real[:1], BLOCK_BAR), ("made, full blocks", [made], None)):
            if not path:
                continue
            start_s = time.process_time()
            with Era1Source(path) as source:
                first, last = source.identity().first, source.head().number
                transactions = 0
                for at in range(first, last + 1, 1024):
                    chunk = source.fetch(Span(at, min(last, at + 1023)), wanted)
                    transactions += 0 if chunk.transactions is None else chunk.transactions.num_rows
            speed = (last - first + 1) / (time.process_time() - start_s)
            more = {"blocks": last - first + 1, "transactions": transactions}
            rows.append(row(f"era1, {name}: verified", speed, "blocks/s", at_least=bar, more=more))
    return rows


def of_etl() -> list[Row]:
    """Compare with ethereum-etl's expected rows, as the tests do."""
    if not (DATA / "etl-fixtures").is_dir():
        return []
    test = "tests/unit/index/test_etl_fixtures.py"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test]
    done = subprocess.run(
        command, cwd=HERE.parent, capture_output=True, text=True, check=False, timeout=300
    )
    last = done.stdout.strip().splitlines()[-1]
    return [
        row(
            "etl-fixtures: cases with a field that differs",
            done.stdout.count("FAILED ") if done.returncode in (0, 1) else 1,
            "cases",
            at_most=0,
            more={"cases": last},
        )
    ]


def main() -> int:
    """Measure and report."""
    asked = arguments(__doc__)
    rows = of_own_chain(QUICK_TRANSACTIONS if asked.quick else TRANSACTIONS)
    rows += of_mainnet() + of_era1(quick=asked.quick) + of_etl()
    return report("index_verify", rows, asked)


if __name__ == "__main__":
    sys.exit(main())
