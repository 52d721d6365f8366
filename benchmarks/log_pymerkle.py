"""The peer's side of bench_log.py, run by the Python that has pymerkle; prints one JSON object.

Usage: python log_pymerkle.py FOLDER COUNT SIZE_BYTES BATCH PROOFS
"""

import importlib
import json
import statistics
import sys
import time
from pathlib import Path
from random import Random

from log_records import records


def measure(folder: Path, count: int, size_bytes: int, *rest: int) -> dict[str, float]:
    """Append in calls of so many records, each of them one commit; then prove and check."""
    batch_records, proofs = rest
    pymerkle = importlib.import_module("pymerkle")
    batch = records(count, size_bytes)
    random = Random(3)
    figures = {}
    with pymerkle.SqliteTree(str(folder / "peer.sqlite")) as tree:
        start_s, start_cpu_s = time.perf_counter(), time.process_time()
        for at in range(0, count, batch_records):
            tree.append_entries(batch[at : at + batch_records])
        figures["per_s"] = count / (time.perf_counter() - start_s)
        figures["cpu_us"] = 1e6 * (time.process_time() - start_cpu_s) / count
        if not proofs:
            return figures
        start_s = time.perf_counter()
        root = tree.get_state()
        figures["root_ms"] = 1e3 * (time.perf_counter() - start_s)
        make, check = [], []
        for _ in range(proofs):
            index = 1 + random.randrange(count)
            leaf = tree.get_leaf(index)
            start_s = time.perf_counter()
            proof = tree.prove_inclusion(index)
            make.append(time.perf_counter() - start_s)
            start_s = time.perf_counter()
            pymerkle.verify_inclusion(leaf, root, proof)
            check.append(time.perf_counter() - start_s)
    figures["make_ms"] = 1e3 * statistics.median(make)
    figures["check_ms"] = 1e3 * statistics.median(check)
    return figures


if __name__ == "__main__":
    where, *numbers = sys.argv[1:]
    print(json.dumps(measure(Path(where), *map(int, numbers))))
