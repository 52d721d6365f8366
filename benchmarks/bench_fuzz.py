"""Hostile input: every reader answers each of a million mutated inputs, soon and within memory.

`--seed N` chooses another series; `--replay FILE` reads a kept input (or one named
`<target>-<number>.bin` of the series) again. Readers, mutations and the judgement stand in
tests/property/fuzz; what a reader did not take as it must is kept in benchmarks/work/fuzz.
"""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from harness import HERE, WORK, Row, report, row

WORKERS = 2
KEPT = WORK / "fuzz"
INPUTS = 1_000_000
QUICK_INPUTS = 30_000
BOUND_MS, BOUND_MIB, BOUND_S_PER_MIB = 1000, 256, 2
Results = dict[str, dict[str, Any]]


def start(*words: str) -> "subprocess.Popen[str]":
    """Start one worker."""
    command = [sys.executable, "-m", "tests.property.fuzz.worker", *words]
    return subprocess.Popen(
        command, cwd=HERE.parent, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )


def run(*words: str) -> tuple[Results, list[str]]:
    """Run the workers; return what happened by target, and which inputs ended a worker."""
    merged: Results = {}
    crashes = []
    with tempfile.TemporaryDirectory() as folder:
        states = [Path(folder) / str(number) for number in range(WORKERS)]
        part = [f"--workers={WORKERS}", f"--keep={KEPT}", *words]
        workers = [
            start(*part, f"--worker={number}", f"--state={state}")
            for number, state in enumerate(states)
        ]
        for worker, state in zip(workers, states, strict=True):
            output, _ = worker.communicate()
            if worker.returncode:
                crashes.append(_crash(worker.returncode, state))
                continue
            for name, result in json.loads(output).items():
                merged[name] = _sum(merged[name], result) if name in merged else result
    if not merged:
        raise RuntimeError(f"no worker came to its end: {crashes}")
    return merged, crashes


def _crash(code: int, state: Path) -> str:
    where = state.read_bytes().rstrip(b"\0").decode() if state.exists() else "start"
    how = "hangs" if code == -signal.SIGALRM else f"ends the process with {code}"
    return f"{where} {how}"


def _sum(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    slower = max(one, other, key=lambda each: each["slowest_ms"])
    return {
        "inputs": one["inputs"] + other["inputs"],
        "codes": dict((Counter(one["codes"]) + Counter(other["codes"])).most_common()),
        "slowest_ms": slower["slowest_ms"],
        "slowest": slower["slowest"],
        "grown_mib": max(one["grown_mib"], other["grown_mib"]),
        "defects": one["defects"] + other["defects"],
        "first_defects": one["first_defects"] + other["first_defects"],
    }


def rows_of(
    kind: str,
    results: Results,
    crashes: list[str],
    *,
    at_least: int,
    bound_ms: float = BOUND_MS,
    bound_mib: float = BOUND_MIB,
) -> list[Row]:
    """Judge one run as a whole."""
    inputs = sum(one["inputs"] for one in results.values())
    slowest = max(results, key=lambda name: float(results[name]["slowest_ms"]))
    largest = max(results, key=lambda name: float(results[name]["grown_mib"]))
    defects = [text for one in results.values() for text in one["first_defects"]]
    codes: Counter[str] = Counter()
    for one in results.values():
        codes.update(one["codes"])
    return [
        row(f"{kind} read", inputs, "inputs", at_least=at_least, more={"targets": len(results)}),
        row(
            f"{kind}: neither success nor an error of ours with a code, or over a limit",
            sum(one["defects"] for one in results.values()) + len(crashes),
            "inputs",
            at_most=0,
            more={"crashes": crashes, "first": defects[:20], "codes": dict(codes.most_common())},
        ),
        row(
            f"{kind}: slowest",
            results[slowest]["slowest_ms"],
            "ms",
            at_most=bound_ms,
            more={"target": slowest, "input": results[slowest]["slowest"]},
        ),
        row(
            f"{kind}: most memory",
            results[largest]["grown_mib"],
            "MiB",
            at_most=bound_mib,
            more={"target": largest},
        ),
    ]


def measure(asked: argparse.Namespace) -> list[Row]:
    """Return the rows of this area."""
    start_s = time.perf_counter()
    inputs = QUICK_INPUTS if asked.quick else asked.inputs
    print(f"seed {asked.seed}, {inputs} inputs, {WORKERS} processes", file=sys.stderr)
    results, crashes = run(f"--seed={asked.seed}", f"--inputs={inputs}")
    rows = rows_of("mutated inputs", results, crashes, at_least=inputs)
    large, crashes = run("--large")
    rows += rows_of("large inputs, up to 32 MiB", large, crashes, at_least=1)
    rows.append(costly_row())
    rows += [
        row(f"{name}: mutated inputs", one["inputs"], "inputs", more=one)
        for name, one in results.items()
    ]
    took_s = time.perf_counter() - start_s
    more = {"seed": asked.seed, "processes": WORKERS}
    return [*rows, row("the whole run", took_s, "s", more=more)]


def costly_row() -> Row:
    """State what the slowest bundle costs: only its size bounds the time to verify it."""
    output, _ = start("--costly").communicate()
    spent = json.loads(output)
    mebibytes = spent["bytes"] / (1 << 20)
    return row(
        "verify_bundle: slowest bundle that could be made, per MiB",
        spent["cpu_s"] / mebibytes,
        "s/MiB",
        at_most=BOUND_S_PER_MIB,
        more={"mib": round(mebibytes, 1), "what": "records of 64 KiB signed by secp256k1"},
    )


def parsed() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few inputs, to see that it works")
    parser.add_argument("--json", type=Path, help="also write the result to this file")
    parser.add_argument("--seed", type=int, default=20_261_123, help="which series of inputs")
    parser.add_argument("--inputs", type=int, default=INPUTS, help="how many, all together")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="read a kept input again")
    return parser.parse_args()


def main() -> int:
    """Measure and report, or replay."""
    asked = parsed()
    if asked.replay:
        worker = start(f"--seed={asked.seed}", f"--replay={asked.replay.resolve()}")
        output, _ = worker.communicate()
        print(json.dumps(json.loads(output), indent=1) if not worker.returncode else "crashed")
        return worker.returncode
    return report("fuzz", measure(asked), asked)


if __name__ == "__main__":
    sys.exit(main())
