"""One process of a fuzzing run: `python -m tests.property.fuzz.worker --help`.

Prints one JSON object: target to what happened to its inputs. Inputs that a reader did not take as
it must are kept in `--keep`, named `<target>-<number>.bin`. `--state` names the input in hand, so
that whoever started this process can make it again if the process dies.
"""

import argparse
import json
import mmap
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tests.property.fuzz.engine import Tally, Target, input_of, judge, outcome, run
from tests.property.fuzz.oversize import oversize_inputs
from tests.property.fuzz.resealed import costly_bundle
from tests.property.fuzz.targets import all_targets

HANG_S = 60.0
MAX_ADDRESS_BYTES = 4 << 30
_STATE_BYTES = 256
_KEPT_PER_TARGET = 20
_COSTLY_RECORDS = 32


def planned(targets: Iterable[Target], inputs: int) -> dict[str, int]:
    """Return how many inputs each target gets, `inputs` or a few more together."""
    shares = {target.name: target.share for target in targets}
    whole = sum(shares.values())
    return {name: -(-inputs * share // whole) for name, share in shares.items()}


def report(tally: Tally) -> dict[str, Any]:
    """Return a tally as JSON."""
    kinds = [f"{one.kind} #{one.number}: {one.text[-600:]}" for one in tally.defects]
    return {
        "inputs": tally.inputs,
        "codes": dict(tally.codes.most_common()),
        "slowest_ms": round(1000 * tally.slowest_s, 1),
        "slowest": tally.slowest,
        "grown_mib": round(tally.grown_bytes / (1 << 20), 1),
        "defects": len(tally.defects),
        "first_defects": kinds[:5],
    }


def keep(folder: Path, tally: Tally) -> None:
    """Write the inputs of a tally's defects."""
    for defect in tally.defects[:_KEPT_PER_TARGET]:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{defect.target}-{defect.number}.bin").write_bytes(defect.raw)


def state_writer(path: Path | None) -> Callable[[str], None]:
    """Return what notes the input in hand where it outlives this process."""
    if path is None:
        return lambda text: None
    path.write_bytes(bytes(_STATE_BYTES))
    with path.open("r+b") as stream:
        memory = mmap.mmap(stream.fileno(), _STATE_BYTES)

    def write(text: str) -> None:
        memory[:] = text.encode().ljust(_STATE_BYTES, b"\0")

    return write


def series(asked: argparse.Namespace, targets: list[Target]) -> dict[str, Any]:
    """Run this worker's part of every target's series."""
    note = state_writer(asked.state)
    results = {}
    for target in targets:
        total = planned(targets, asked.inputs)[target.name]

        def before(number: int, name: str = target.name) -> None:
            note(f"{name}-{number}")
            # Its default action ends the process, also within C code.
            signal.setitimer(signal.ITIMER_REAL, HANG_S)

        tally = run(
            target, range(asked.worker, total, asked.workers), seed=asked.seed, before=before
        )
        keep(asked.keep, tally)
        results[target.name] = report(tally)
    return results


def large(asked: argparse.Namespace, targets: list[Target]) -> dict[str, Any]:
    """Run the large inputs of every target."""
    note = state_writer(asked.state)
    results = {}
    for target in targets[asked.worker :: asked.workers]:
        whole = Tally()
        for number, (name, raw) in enumerate(oversize_inputs(target)):
            note(f"{target.name}-large-{number}")
            signal.setitimer(signal.ITIMER_REAL, HANG_S)
            tally = judge(target, raw, number=number)
            whole.inputs += 1
            whole.codes += tally.codes
            whole.grown_bytes = max(whole.grown_bytes, tally.grown_bytes)
            if tally.slowest_s > whole.slowest_s:
                whole.slowest_s, whole.slowest = tally.slowest_s, number
            whole.defects += tally.defects
            for defect in tally.defects:
                print(f"{target.name}: {name}: {defect.kind} {defect.text}", file=sys.stderr)
        results[target.name] = report(whole)
    return results


def costly(asked: argparse.Namespace, targets: list[Target]) -> dict[str, Any]:
    """Verify a hostile bundle that is as slow as can be for its size."""
    del asked
    target = next(one for one in targets if one.name == "verify_bundle")
    raw = costly_bundle(_COSTLY_RECORDS)
    start_s = time.process_time()
    outcome(target, raw)
    return {"bytes": len(raw), "cpu_s": time.process_time() - start_s}


def replay(asked: argparse.Namespace, targets: list[Target]) -> dict[str, Any]:
    """Read one kept input again."""
    name, _, number = asked.replay.stem.rpartition("-")
    target = next(one for one in targets if one.name == name.removesuffix("-large"))
    found = asked.replay.read_bytes() if asked.replay.exists() else None
    raw = input_of(target, asked.seed, int(number)) if found is None else found
    return {target.name: report(judge(target, raw, number=int(number)))}


def main() -> int:
    """Run, and print what happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="which series of inputs")
    parser.add_argument("--inputs", type=int, default=10_000, help="of all workers together")
    parser.add_argument("--worker", type=int, default=0, help="number of this worker, from 0")
    parser.add_argument("--workers", type=int, default=1, help="how many share the work")
    parser.add_argument("--keep", type=Path, default=Path("benchmarks/work/fuzz"))
    parser.add_argument("--state", type=Path, help="file that names the input in hand")
    parser.add_argument("--only", default="", help="targets whose names begin so")
    parser.add_argument("--large", action="store_true", help="run the large inputs instead")
    parser.add_argument("--costly", action="store_true", help="time the slowest bundle instead")
    parser.add_argument("--replay", type=Path, help="read this kept input again")
    asked = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MAX_ADDRESS_BYTES, MAX_ADDRESS_BYTES))
    chosen = ((asked.replay, replay), (asked.large, large), (asked.costly, costly), (True, series))
    action = next(action for wanted, action in chosen if wanted)
    with tempfile.TemporaryDirectory() as folder:
        targets = [each for each in all_targets(Path(folder)) if each.name.startswith(asked.only)]
        print(json.dumps(action(asked, targets)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
