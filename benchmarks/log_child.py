"""One measured task on our log, in a process of its own; prints one JSON object.

Usage: python log_child.py TASK FOLDER COUNT [SIZE_BYTES]
"""

import json
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random

from diptych.provenance.keys.log_signer import LogSigner
from diptych.provenance.keys.signer import Ed25519Signer
from diptych.provenance.log import Log
from diptych.provenance.statement import Draft, Edge, Subject, sign_statements
from diptych_verify.merkle import leaf_hash, verify_inclusion
from log_records import records

Figures = dict[str, float]
_BATCH = 1_000
_BLOCK = 250
_SIGNER = LogSigner("diptych.log/00112233445566778899aabbccddeeff", b"\x07" * 32)


def append(folder: Path, count: int, size_bytes: int) -> Figures:
    """Batches of 1,000; each is synced, and its root and signed checkpoint are included."""
    batch = records(count, size_bytes)
    with Log.create(folder / "log.sqlite", _SIGNER) as log, log.writer() as writer:
        start_s, start_cpu_s = time.perf_counter(), time.process_time()
        for at in range(0, count, _BATCH):
            writer.append(batch[at : at + _BATCH])
        return {
            "per_s": count / (time.perf_counter() - start_s),
            "cpu_us": 1e6 * (time.process_time() - start_cpu_s) / count,
        }


def single(folder: Path, count: int, size_bytes: int) -> Figures:
    """Single appends, in turn with bare commits of the same records, block by block.

    The bare file has SQLite's defaults (pages of 4,096 bytes) but for the two settings that make a
    commit in a write-ahead log durable.
    """
    batch = records(count, size_bytes)
    bare = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    bare.execute("PRAGMA journal_mode=WAL")
    bare.execute("PRAGMA synchronous=FULL")
    bare.execute("CREATE TABLE entries (idx INTEGER PRIMARY KEY, envelope BLOB NOT NULL)")
    spent = {"ours": 0.0, "bare": 0.0, "ours_cpu": 0.0, "bare_cpu": 0.0}

    with Log.create(folder / "log.sqlite", _SIGNER) as log, log.writer() as writer:

        def commit(block: list[tuple[int, bytes]]) -> None:
            for numbered in block:
                bare.execute("INSERT INTO entries VALUES (?, ?)", numbered)

        def append_each(block: list[tuple[int, bytes]]) -> None:
            for _, record in block:
                writer.append([record])

        turns = [("bare", commit), ("ours", append_each)]
        for at in range(0, count, _BLOCK):
            block = list(enumerate(batch[at : at + _BLOCK], start=at))
            for name, task in turns:
                start_s, start_cpu_s = time.perf_counter(), time.process_time()
                task(block)
                spent[name] += time.perf_counter() - start_s
                spent[f"{name}_cpu"] += time.process_time() - start_cpu_s
            turns.reverse()
    bare.close()
    return {f"{name}_us": 1e6 * seconds / count for name, seconds in spent.items()}


def statements(folder: Path, count: int) -> Figures:
    """Build, canonicalise, sign, wrap and append statements of about 600 bytes."""
    signer = Ed25519Signer(b"\x08" * 32)
    with Log.create(folder / "log.sqlite", _SIGNER) as log, log.writer() as writer:
        start_s = time.perf_counter()
        for at in range(0, count, _BATCH):
            writer.append(sign_statements(_drafts(at, min(count, at + _BATCH)), signer))
        return {
            "per_s": count / (time.perf_counter() - start_s),
            "envelope_bytes": len(log.entry(0)),
        }


def _drafts(start: int, stop: int) -> Iterator[Draft]:
    for number in range(start, stop):
        digest = f"{number:064x}"
        yield Draft(
            kind="dataset",
            subjects=(Subject(f"visits-{number}", {"diptychManifest1": digest}),),
            time_s=1_800_000_000 + number,
            edges=(Edge("derivedFrom", digest),),
            fields={
                "manifest": {
                    "algorithms": ["sha256"],
                    "root": digest,
                    "files": 12,
                    "bytes": str(34_567 + number),
                    "object": digest,
                },
                "note": "weekly export of the visits table, de-identified",
            },
        )


def proofs(folder: Path, count: int) -> Figures:
    """Inclusion proofs of random entries: each on a log just opened, then on one kept open."""
    path = folder / "log.sqlite"
    _fill(path, count)
    random = Random(3)
    cold, warm, check = [], [], []
    kept = Log.open(path)
    root = kept.head().root
    for _ in range(100):
        index = random.randrange(count)
        leaf = leaf_hash(kept.entry(index))
        with Log.open(path) as fresh:
            cold.append(_timed(partial(fresh.inclusion_proof, index)))
        warm.append(_timed(partial(kept.inclusion_proof, index)))
        proof = kept.inclusion_proof(index)
        verify = partial(verify_inclusion, leaf, index=index, size=count, proof=proof, root=root)
        check.append(_timed(verify))
    kept.close()
    return {
        "make_ms": 1e3 * statistics.median(cold),
        "make_worst_ms": 1e3 * max(cold),
        "make_open_ms": 1e3 * statistics.median(warm),
        "check_ms": 1e3 * statistics.median(check),
        "hashes": len(proof),
    }


def grow(folder: Path, count: int) -> Figures:
    """Make a large log."""
    return {"per_s": count / _timed(partial(_fill, folder / "log.sqlite", count))}


def use(folder: Path, count: int) -> Figures:
    """Open a large log, look up records, prove one, append a hundred."""
    with Log.open(folder / "log.sqlite", signer=_SIGNER) as log:
        wanted = [leaf_hash(log.entry(Random(5).randrange(count))) for _ in range(20)]
        find_ms = [1e3 * _timed(partial(log.find, one)) for one in wanted]
        log.inclusion_proof(count // 3)
        open_s = time.perf_counter()
        with log.writer() as writer:
            ready_ms = 1e3 * (time.perf_counter() - open_s)
            for one in records(100, 77):
                writer.append([one])
        return {"find_ms": statistics.median(find_ms), "writer_ready_ms": ready_ms}


def check(folder: Path, count: int) -> Figures:
    """Recompute everything."""
    with Log.open(folder / "log.sqlite") as log:
        return {"per_s": count / _timed(partial(log.check, full=True))}


def _fill(path: Path, count: int) -> None:
    step = 10_000
    with Log.create(path, _SIGNER) as log, log.writer() as writer:
        for at in range(0, count, step):
            numbers = range(at, min(count, at + step))
            writer.append([b"%077d" % number for number in numbers])


def _timed(task: Callable[[], object]) -> float:
    start_s = time.perf_counter()
    task()
    return time.perf_counter() - start_s


_TASKS: dict[str, Callable[..., Figures]] = {
    task.__name__: task for task in (append, single, statements, proofs, grow, use, check)
}

if __name__ == "__main__":
    name, where, *numbers = sys.argv[1:]
    print(json.dumps(_TASKS[name](Path(where), *map(int, numbers))))
