"""Run every benchmark, keep the merged result, and rewrite docs/benchmarks.md.

Usage: python benchmarks/run.py [--quick] [AREA ...]

A full run writes benchmarks/results/<date>.json after each area, so what is done outlives a run
that is ended; areas that were not run keep the figures of the newest earlier result. A quick run
only shows that the benchmarks work: it keeps and rewrites nothing. The exit code is 1 when a
benchmark failed or a bar was missed.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
PAGE = HERE.parent / "docs" / "benchmarks.md"
Result = dict[str, Any]

_HEAD = """# Benchmarks

<!-- Written by benchmarks/run.py from benchmarks/results/; run `make bench` instead of editing. -->

`make bench` runs us and the peer on the same input in one run and writes this page. Ratio is ours /
peer; a bar is on the ratio where there is a peer, else on our figure. Figures hold for the machine
and load that stand beside them; ratios carry further than seconds. A row without a bar is for
information.
"""


def available() -> dict[str, Path]:
    """Return the benchmark scripts by area."""
    return {path.stem.removeprefix("bench_"): path for path in sorted(HERE.glob("bench_*.py"))}


def run_area(script: Path, *, quick: bool) -> Result | None:
    """Run one script in a process of its own; None when it gave no result."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "result.json"
        command = [sys.executable, str(script), "--json", str(target)]
        print(f"== {script.name}{' --quick' if quick else ''}", file=sys.stderr, flush=True)
        subprocess.run(
            [*command, "--quick"] if quick else command,
            cwd=HERE.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=False,
        )
        if not target.is_file():
            return None
        result: Result = json.loads(target.read_bytes())
        return result


def newest() -> dict[str, Result]:
    """Return the newest kept result by area, empty when there is none."""
    kept = sorted(RESULTS.glob("*.json"))
    return json.loads(kept[-1].read_bytes())["areas"] if kept else {}


def keep(areas: dict[str, Result]) -> None:
    """Write the results of today and the page."""
    RESULTS.mkdir(exist_ok=True)
    stamp = time.strftime("%Y-%m-%d", time.gmtime())
    merged = json.dumps({"areas": areas}, indent=1, sort_keys=True)
    (RESULTS / f"{stamp}.json").write_text(merged + "\n", encoding="utf-8")
    PAGE.write_text(page(areas), encoding="utf-8")


def page(areas: dict[str, Result]) -> str:
    """Return the whole text of docs/benchmarks.md."""
    parts = [_HEAD]
    for area, result in sorted(areas.items()):
        machine = result.get("machine", {})
        about = ", ".join(f"{key} {value}" for key, value in machine.items())
        parts.append(f"## {area}\n")
        parts.append(
            f"`{result.get('command', f'python benchmarks/bench_{area}.py')}`"
            f" at {result.get('time', 'unknown time')} on {about}.\n"
        )
        lines = ["| what | bar | ours | peer | ratio | met |", "|---|---|---|---|---|---|"]
        lines += [_line(each) for each in result.get("rows", [])]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _line(row: Result) -> str:
    unit = row.get("unit", "")
    peer = _figure(row.get("peer"), unit)
    if peer and row.get("peer_name"):
        peer = f"{peer} ({row['peer_name']})"
    met = {"True": "yes", "False": "**no**"}.get(str(row.get("ok")), "")
    cells = [
        row["what"],
        row.get("bar") or "",
        _figure(row.get("ours"), unit),
        peer,
        _figure(row.get("ratio"), "x").replace(" x", "x"),
        met,
    ]
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def _figure(value: object, unit: str) -> str:
    """Format a figure with three significant digits, whole numbers in full."""
    if value is None or isinstance(value, bool | str | list | dict):
        return "" if value is None else str(value)
    number = float(str(value))
    shown = f"{number:,.0f}" if number.is_integer() or abs(number) >= 1000 else f"{number:.3g}"
    return f"{shown} {unit}".strip()


def main() -> int:
    """Run what was asked for; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    scripts = available()
    parser.add_argument("areas", nargs="*", metavar="AREA", help=f"of: {', '.join(scripts)}")
    parser.add_argument("--quick", action="store_true", help="small inputs, keep nothing")
    asked = parser.parse_args()
    unknown = set(asked.areas) - set(scripts)
    if unknown:
        parser.error(f"got {', '.join(unknown)}, expected some of {', '.join(scripts)}")
    fresh: dict[str, Result] = {}
    failed = []
    for area in asked.areas or scripts:
        result = run_area(scripts[area], quick=asked.quick)
        if result is None:
            failed.append(area)
            continue
        fresh[area] = result
        if not asked.quick:
            keep({area: known for area, known in newest().items() if area in scripts} | fresh)
    missed = [
        f"{area}: {each['what']}"
        for area in fresh
        for each in fresh[area]["rows"]
        if each.get("ok") is False
    ]
    for line in [*(f"failed: {area}" for area in failed), *(f"missed: {each}" for each in missed)]:
        print(line, file=sys.stderr)
    return 1 if failed or (missed and not asked.quick) else 0


if __name__ == "__main__":
    sys.exit(main())
