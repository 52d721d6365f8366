"""The log beside pymerkle 7, bare SQLite commits and MLflow's metric store."""

import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import HERE, WORK, Row, arguments, peer_python, report, row, run_child

PYMERKLE = ("pymerkle", "pymerkle==7.0.0")
MLFLOW = ("mlflow", "mlflow==3.17.2")
MEBIBYTE = 1 << 20
Figures = dict[str, float]
ENVELOPE_BYTES = 1_104  # a signed statement of about 600 bytes, as in the row on statements


@dataclass(frozen=True)
class Load:
    """How much is measured."""

    repeats: int
    appended: int
    singles: int
    statements: int
    metrics: int
    leaves: int
    peer_proofs: int
    large: int


FULL = Load(5, 200_000, 10_000, 50_000, 20_000, 1_000_000, 5, 10_000_000)
QUICK = Load(1, 20_000, 1_000, 4_000, 2_000, 70_000, 3, 200_000)


def ours(task: str, folder: str, *numbers: int) -> Figures:
    """Run one task on our log in a process of its own; add its peak memory."""
    return _child(Path(sys.executable), "log_child.py", task, folder, *numbers)


def peer(python: Path, script: str, *arguments_: object) -> Figures:
    """Run a peer's script with the Python that has the peer."""
    return _child(python, script, *arguments_)


def _child(python: Path, script: str, *rest: object) -> Figures:
    spent = run_child([str(python), str(HERE / script), *map(str, rest)])
    figures: Figures = json.loads(spent.output.splitlines()[-1])
    return {**figures, "peak_mib": spent.peak_bytes / MEBIBYTE}


def append_rows(load: Load) -> list[Row]:
    """Batches of 1,000 beside pymerkle: in the same batches, and all in one call."""
    rows = []
    for size_bytes in (78, ENVELOPE_BYTES):
        runs = append_runs(load, size_bytes)
        what = f"append {load.appended:,} records of {size_bytes} B in batches of 1,000"
        rows += [
            _paired_row(
                f"{what}, each synced with its root and signed checkpoint",
                [(mine, same) for mine, same, _ in runs],
                peer_name="pymerkle append_entries, batches of 1,000, no root",
                at_least=0.8,
            ),
            _paired_row(
                f"{what}, beside one call and one sync for all",
                [(mine, bulk) for mine, _, bulk in runs],
                peer_name="pymerkle append_entries, one call, no root",
            ),
        ]
    return rows


def append_runs(load: Load, size_bytes: int) -> list[list[Figures]]:
    """Return the figures of each repetition: ours, pymerkle in batches, pymerkle in one call."""
    python = peer_python(*PYMERKLE)
    runs = []
    for _ in range(load.repeats):  # in turn, so that a busy disk slows all of them
        with scratch() as one, scratch() as two, scratch() as three:
            mine = ours("append", one, load.appended, size_bytes)
            peers = [
                peer(python, "log_pymerkle.py", folder, load.appended, size_bytes, batch, 0)
                for folder, batch in ((two, 1_000), (three, load.appended))
            ]
        runs.append([mine, *peers])
    return runs


def single_row(load: Load) -> Row:
    """Single appends beside bare commits."""
    runs = []
    for _ in range(load.repeats):
        with scratch() as folder:
            used = ours("single", folder, load.singles, ENVELOPE_BYTES)
        runs.append(
            tuple(
                {"per_s": 1e6 / used[f"{who}_us"], "cpu_us": used[f"{who}_cpu_us"]}
                for who in ("ours", "bare")
            )
        )
    return _paired_row(
        f"append {load.singles:,} records of {ENVELOPE_BYTES} B singly, each synced with its root "
        "and signed checkpoint",
        runs,
        peer_name="bare SQLite WAL commit, synchronous=FULL",
        at_least=0.8,
    )


def _paired_row(
    what: str,
    runs: Sequence[Sequence[Figures]],
    *,
    peer_name: str,
    at_least: float | None = None,
) -> Row:
    """Judge the repetition whose ratio is the median; the row holds the other ratios too."""
    by_ratio = sorted(runs, key=_ratio)
    mine, theirs = by_ratio[len(by_ratio) // 2]
    return row(
        what,
        mine["per_s"],
        "records/s",
        peer=theirs["per_s"],
        peer_name=peer_name,
        at_least=at_least,
        more={
            "ratios": [round(_ratio(run), 3) for run in by_ratio],
            "overhead_us": 1e6 / mine["per_s"] - 1e6 / theirs["per_s"],
            "cpu_us": mine["cpu_us"],
            "peer_cpu_us": theirs["cpu_us"],
        },
    )


def _ratio(run: Sequence[Figures]) -> float:
    mine, theirs = run
    return mine["per_s"] / theirs["per_s"]


def statement_rows(load: Load) -> list[Row]:
    """Statements built, signed and logged, beside MLflow's metrics."""
    with scratch() as one, scratch() as two:
        mine = ours("statements", one, load.statements)
        theirs = peer(peer_python(*MLFLOW), "log_mlflow.py", two, load.metrics)
    what = f"statements built, signed and logged in batches of 1,000 ({load.statements:,})"
    more: dict[str, object] = {"envelope_bytes": mine["envelope_bytes"]}
    return [
        row(what, mine["per_s"], "records/s", at_least=10_000, more=more),
        row(
            "the same beside metrics in batches of 1,000",
            mine["per_s"],
            "records/s",
            peer=theirs["per_s"],
            peer_name="MLflow log_batch, SQLite",
        ),
    ]


def proof_rows(load: Load) -> list[Row]:
    """Inclusion proofs of a large tree."""
    with scratch() as one, scratch() as two:
        mine = ours("proofs", one, load.leaves)
        theirs = peer(
            peer_python(*PYMERKLE),
            *("log_pymerkle.py", two, load.leaves, 78, load.leaves, load.peer_proofs),
        )
    rows = []
    for step, limit in (("make", 5.0), ("check", 0.1)):
        what = f"inclusion proof at {load.leaves:,} leaves: {step}"
        figure, other = mine[f"{step}_ms"], theirs[f"{step}_ms"]
        more: dict[str, object] = {"hashes": mine["hashes"]}
        if step == "make":
            more |= {"worst_ms": mine["make_worst_ms"], "kept_open_ms": mine["make_open_ms"]}
        rows.append(row(what, figure, "ms", at_most=limit, more=more))
        rows.append(row(f"{what}, beside", figure, "ms", peer=other, peer_name="pymerkle"))
    return rows


def large_rows(load: Load) -> list[Row]:
    """A log larger than the memory it may use."""
    with scratch() as folder:
        made = ours("grow", folder, load.large)
        used = ours("use", folder, load.large)
        checked = ours("check", folder, load.large)
        size_bytes = sum(path.stat().st_size for path in Path(folder).iterdir())
    name = f"log of {load.large:,} records"
    peak = max(made["peak_mib"], used["peak_mib"], checked["peak_mib"])
    return [
        row(
            f"{name}: peak memory of appending, using and checking it",
            peak,
            "MiB",
            at_most=300,
            more={
                "append": made["peak_mib"],
                "use": used["peak_mib"],
                "check": checked["peak_mib"],
            },
        ),
        row(f"{name}: find by record id", used["find_ms"], "ms"),
        row(f"{name}: ready to append", used["writer_ready_ms"], "ms"),
        row(f"{name}: append in batches of 10,000", made["per_s"], "records/s"),
        row(f"{name}: full check", checked["per_s"], "records/s"),
        row(f"{name}: on disk for each 77 B record", size_bytes / load.large, "B"),
    ]


def scratch() -> tempfile.TemporaryDirectory[str]:
    """Return a folder on the disk of the repository, not in memory."""
    WORK.mkdir(exist_ok=True)
    return tempfile.TemporaryDirectory(dir=WORK)


def main() -> int:
    """Measure everything."""
    asked = arguments(__doc__)
    load = QUICK if asked.quick else FULL
    rows = [
        *append_rows(load),
        single_row(load),
        *statement_rows(load),
        *proof_rows(load),
        *large_rows(load),
    ]
    return report("log", rows, asked)


if __name__ == "__main__":
    sys.exit(main())
