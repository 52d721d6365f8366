"""Usage log: records stored per second, a licensee's proven total out of a million, cost of a call.

Usage: python benchmarks/bench_usage.py [--quick] [--json FILE]. No peer keeps provable totals.
"""

import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import diptych
from diptych.core.secret import Secret
from diptych.models.usage import UsageRecord, UsageStore, dump_usage_proof
from diptych_verify.usage import verify_usage_total
from diptych_verify.usage_proof import parse_usage_proof
from harness import Row, arguments, report, row

LICENSEES = 1_000
ASSETS = 20
BATCH = 1_000
SINGLE = 200
ASKED = 200
REPEATS = 3
MANY_LICENSEES = 100_000
CALLS = 2_000


def uses(number: int, among: int = LICENSEES) -> list[UsageRecord]:
    """Return random uses; a few licensees have most of them."""
    rng = random.Random(11)
    assets = [rng.randbytes(32).hex() for _ in range(ASSETS)]
    licensees = [f"hmac:{rng.randbytes(20).hex()}" for _ in range(among)]
    return [
        UsageRecord(
            licensees[int(rng.random() ** 3 * among)],
            assets[rng.randrange(ASSETS)],
            "execute",
            1_800_000_000 + at // 100,
            rng.randrange(1, 1_000),
        )
        for at in range(number)
    ]


def store_all(store: UsageStore, records: list[UsageRecord]) -> float:
    """Store everything in batches and make one root; return the seconds it took."""
    start_s = time.perf_counter()
    for at in range(0, len(records), BATCH):
        store.append(records[at : at + BATCH])
    store.make_root()
    return time.perf_counter() - start_s


def one_by_one(store: UsageStore, records: list[UsageRecord]) -> float:
    """Store single records, each durable before the next; return the seconds it took."""
    start_s = time.perf_counter()
    for record in records:
        store.append([record])
    return time.perf_counter() - start_s


def ask(store: UsageStore, licensees: list[str]) -> tuple[list[float], list[float], int]:
    """Return the seconds of making and of checking a proof, and the size of the largest."""
    root = store.newest_root()
    if root is None:
        raise RuntimeError("no root")
    made_s, checked_s, largest = [], [], 0
    for licensee in licensees:
        start_s = time.perf_counter()
        raw = dump_usage_proof(store.proof(licensee))
        middle_s = time.perf_counter()
        proof = parse_usage_proof(raw)
        verify_usage_total(proof, root=root.root, count=root.count, units=root.units)
        checked_s.append(time.perf_counter() - middle_s)
        made_s.append(middle_s - start_s)
        largest = max(largest, len(raw))
    return made_s, checked_s, largest


def next_root(number: int) -> list[Row]:
    """Measure a further root over many licensees after a few uses, with and without a new one."""
    records = uses(number, among=MANY_LICENSEES)
    fresh = UsageRecord(f"hmac:{'ab' * 20}", records[0].asset, "execute", 1_800_000_000, 1)
    rows = []
    with tempfile.TemporaryDirectory() as folder, UsageStore(Path(folder) / "u.sqlite") as store:
        store_all(store, records)
        licensees = store.newest_root()
        more = {"licensees": licensees.licensees if licensees else 0}
        for what, few in (("ten uses", records[:10]), ("one new licensee", [fresh])):
            store.append(few)
            start_s = time.perf_counter()
            store.make_root()
            spent_s = time.perf_counter() - start_s
            rows.append(
                row(f"next root over {number:,} uses after {what}", spent_s, "s", more=more)
            )
    return rows


def calls() -> list[Row]:
    """Measure a call of a small model with and without its record, in turns."""
    with tempfile.TemporaryDirectory() as folder:
        book = diptych.create(folder, prompt=lambda _: Secret("only for this benchmark"))
        book.models.zoo()
        models = [book.models.load("diptych/columns", record=record) for record in (True, False)]
        one = {"X": np.zeros((1, models[0].inputs[0].shape[-1] or 1), dtype=np.float32)}
        spent: list[list[float]] = [[], []]
        for _ in range(CALLS):
            for model, times in zip(models, spent, strict=True):
                start_s = time.perf_counter()
                model.predict(one)
                times.append(time.perf_counter() - start_s)
    recorded_s, plain_s = map(statistics.median, spent)
    return [
        row("call of a model of 13 KB, recorded (median)", recorded_s * 1e6, "us"),
        row("the same, not recorded", plain_s * 1e6, "us"),
    ]


def measure(number: int) -> list[Row]:
    """Measure at `number` records."""
    records = uses(number)
    rng = random.Random(5)
    spent = []
    for _ in range(REPEATS - 1):
        with tempfile.TemporaryDirectory() as folder, UsageStore(Path(folder) / "u.sqlite") as one:
            spent.append(store_all(one, records))
    with tempfile.TemporaryDirectory() as folder, UsageStore(Path(folder) / "u.sqlite") as store:
        spent.append(store_all(store, records))
        asked = rng.sample(sorted({record.licensee for record in records}), min(ASKED, LICENSEES))
        made_s, checked_s, largest = ask(store, asked)
        single_s = one_by_one(store, records[:SINGLE])
    together_ms = statistics.median(map(sum, zip(made_s, checked_s, strict=True))) * 1e3
    return [
        row(
            f"{number:,} uses stored durably in batches of {BATCH:,}, root included",
            number / statistics.median(spent),
            "/s",
            at_least=20_000,
        ),
        row(
            f"total of one licensee out of {number:,}, proof made and checked (median)",
            together_ms,
            "ms",
            at_most=10,
            more={"licensees": LICENSEES, "asked": len(asked)},
        ),
        row(
            "the same, worst of all asked",
            max(map(sum, zip(made_s, checked_s, strict=True))) * 1e3,
            "ms",
        ),
        row("the same, checked only (median)", statistics.median(checked_s) * 1e3, "ms"),
        row("largest proof", largest, "B"),
        row("uses stored one by one, each durable", SINGLE / single_s, "/s"),
    ]


def main() -> int:
    """Measure with a million records, or with few."""
    asked = arguments(__doc__)
    number = 20_000 if asked.quick else 1_000_000
    return report("usage", measure(number) + next_root(number) + calls(), asked)


if __name__ == "__main__":
    sys.exit(main())
