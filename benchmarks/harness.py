"""Shared by all benchmarks: run a child and account for it, get a peer, state the machine, report.

A benchmark is a script `bench_<area>.py [--quick] [--json FILE]` that measures us and the peer on
the same input in one run and calls `report`. Peers live in benchmarks/.venvs/<name>/ (Python, never
our own environment) or benchmarks/work/<name>/ (npm).
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORK = HERE / "work"
_LOAD_BEFORE = os.getloadavg()[0]
# What pip installs has its bytecode; ours, run from the source tree, may keep its own too.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@dataclass(frozen=True)
class Spent:
    """What one child process used; `peak_bytes` is its greatest resident size."""

    exit_code: int
    wall_s: float
    cpu_s: float
    peak_bytes: int
    output: str


def run_child(
    command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> Spent:
    """Run a command to its end and account for it with `wait4` (its waited-for children included).

    Raises:
        RuntimeError: it exited with another code than 0; the message holds its output.
    """
    with tempfile.TemporaryFile() as output:
        start_s = time.perf_counter()
        child = subprocess.Popen(
            command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        _, status, used = os.wait4(child.pid, 0)
        wall_s = time.perf_counter() - start_s
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode(errors="replace")
    if child.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} exited {child.returncode}:\n{text[-2000:]}")
    peak_bytes = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Spent(0, wall_s, used.ru_utime + used.ru_stime, peak_bytes, text)


def peer_python(name: str, *requirements: str) -> Path:
    """Return the Python of the virtual environment of one peer, made on first use."""
    folder = HERE / ".venvs" / name
    python = folder / "bin" / "python"
    stamp = folder / "requirements.txt"
    wanted = "\n".join(requirements)
    if not stamp.is_file() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", *requirements]
        subprocess.run(install, check=True, stdout=sys.stderr)
        stamp.write_text(wanted)
    return python


def peer_node(name: str, *packages: str) -> Path:
    """Return the folder whose `node_modules` holds the given npm packages (`name@version`)."""
    folder = WORK / name
    stamp = folder / "packages.txt"
    wanted = "\n".join(packages)
    if not stamp.is_file() or stamp.read_text() != wanted:
        folder.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder)]
        subprocess.run([*command, *packages], check=True, stdout=sys.stderr)
        stamp.write_text(wanted)
    return folder


@dataclass(frozen=True)
class Row:
    """One measured line: `ratio` is ours / peer; `bar` is what the ratio (or ours) must meet."""

    what: str
    ours: float
    unit: str
    peer: float | None
    peer_name: str
    ratio: float | None
    bar: str
    ok: bool | None
    more: dict[str, object] = field(default_factory=dict)


def row(
    what: str,
    ours: float,
    unit: str,
    *,
    peer: float | None = None,
    peer_name: str = "",
    at_most: float | None = None,
    at_least: float | None = None,
    more: Mapping[str, object] | None = None,
) -> Row:
    """Judge one figure. With a peer the limits are on ours / peer, else on ours."""
    ratio = ours / peer if peer else None
    judged = ours if ratio is None else ratio
    sign, limit = ("<=", at_most) if at_most is not None else (">=", at_least)
    bar, ok = "", None
    if limit is not None:
        bar = f"{sign} {limit:g}{'x' if ratio is not None else ' ' + unit}"
        ok = judged <= limit if sign == "<=" else judged >= limit
    return Row(what, ours, unit, peer, peer_name, ratio, bar, ok, dict(more or {}))


def machine() -> dict[str, object]:
    """Return what the figures were taken on, and how busy it was."""
    try:
        info = Path("/proc/cpuinfo").read_text()
        cpu = next(
            line.split(":", 1)[1].strip() for line in info.splitlines() if "model name" in line
        )
    except (OSError, StopIteration):
        cpu = platform.processor() or platform.machine()
    pages, page_bytes = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "memory_gib": round(pages * page_bytes / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load_before": round(_LOAD_BEFORE, 2),
    }


def arguments(description: str | None) -> argparse.Namespace:
    """Parse `--quick` (small inputs, figures not for publication) and `--json FILE`."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="small inputs, to see that it works")
    parser.add_argument("--json", type=Path, help="also write the result to this file")
    return parser.parse_args()


def report(area: str, rows: Sequence[Row], asked: argparse.Namespace) -> int:
    """Print the result as JSON, write it where asked; return 1 when a bar is missed, else 0.

    A quick run is never judged by its exit code: its inputs are too small for the bars.
    """
    result = {
        "area": area,
        "quick": bool(asked.quick),
        "command": f"python {Path(sys.argv[0]).parent.name}/{Path(sys.argv[0]).name}",
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": machine(),
        "rows": [asdict(each) for each in rows],
    }
    text = json.dumps(result, indent=1)
    print(text)
    if asked.json:
        asked.json.write_text(text + "\n", encoding="utf-8")
    missed = [each.what for each in rows if each.ok is False]
    return 1 if missed and not asked.quick else 0
