"""Commands on a long log: a million records, each command a process of its own, start to end."""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from harness import HERE, WORK, Row, Spent, arguments, report, row, run_child

FULL, QUICK = 1_000_000, 20_000
BAR_S, BAR_MIB = 1.0, 300
TIMES = 3
DIPTYCH = str(Path(sys.executable).parent / "diptych")
COMMANDS: Mapping[str, str] = {
    "status": "status",
    "log": "log",
    "seal": "seal study",
    "verify PATH": "verify study",
    "bundle": "bundle study -o study.diptych.json",
    "verify BUNDLE": "verify study.diptych.json study",
    "data show": "data show visits",
    "data history": "data history visits",
    "data lineage": "data lineage risk@1",
    "data impact": "data impact visits@1",
    "data catalogue": "data catalogue visits --to site",
    "data accesses list": "data accesses list",
    "model list": "model list",
    "model show": "model show risk",
    "model verify": "model verify risk:production",
    "model publish": "model publish risk.safetensors risk",
    "model alias": "model alias risk production",
    "model history": "model history risk",
    "model license check": "model license check risk@2 execute --actor Clinic",
    "checkpoint": "checkpoint",
    "export policy": "export policy policy.toml",
}

FIRST: Mapping[str, str] = {
    "data show": "first `data show`, which builds both caches",
    "data catalogue": "first `data catalogue`, which exports the whole log beside the page",
}


def spent(folder: Path, env: Mapping[str, str], command: str) -> Spent:
    """Run one command; `status` exits with 1 where something is not anchored."""
    shell = f'"$0" {command} > /dev/null 2> error.txt || [ $? -eq 1 -a ! -s error.txt ]'
    quiet = ["sh", "-c", shell if command == "status" else f'"$0" {command} > /dev/null', DIPTYCH]
    return run_child(quiet, cwd=folder, env=env)


def rows(count: int) -> list[Row]:
    """Measure every command on one workspace."""
    WORK.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=WORK) as name:
        folder = Path(name) / "team"
        folder.mkdir()
        env = {
            **os.environ,
            "DIPTYCH_KEYS__PASSPHRASE": "benchmark",
            "DIPTYCH_KEYS__SCRYPT_LOG2_N": "14",
            "XDG_STATE_HOME": str(Path(name) / "state"),
        }
        run_child([DIPTYCH, "init"], cwd=folder, env=env)
        begun_s = time.perf_counter()
        run_child(
            [sys.executable, str(HERE / "long_workspace.py"), ".", str(count)], cwd=folder, env=env
        )
        grown_s = time.perf_counter() - begun_s
        (folder / ".diptych/registry.index").unlink(missing_ok=True)
        (folder / ".diptych/graph.sqlite").unlink(missing_ok=True)
        first = {what: spent(folder, env, COMMANDS[what]) for what in FIRST}
        measured = [
            each
            for what, command in COMMANDS.items()
            for each in judged(f"{count:,} records: {what}", folder, env, command)
        ]
    begun = [
        row(f"{count:,} records: {what}", one.wall_s, "s", more={"peak_mib": _mib(one)})
        for what, one in zip(FIRST.values(), first.values(), strict=True)
    ]
    return [row(f"{count:,} records: write the workspace", grown_s, "s"), *begun, *measured]


def judged(what: str, folder: Path, env: Mapping[str, str], command: str) -> list[Row]:
    """Return time and memory of a command, the caches being there; medians."""
    found = [spent(folder, env, command) for _ in range(TIMES)]
    wall_s = statistics.median(one.wall_s for one in found)
    cpu_s = statistics.median(one.cpu_s for one in found)
    peak = statistics.median(map(_mib, found))
    return [
        row(what, wall_s, "s", at_most=BAR_S, more={"cpu_s": round(cpu_s, 3)}),
        row(f"{what}, peak memory", peak, "MiB", at_most=BAR_MIB),
    ]


def _mib(one: Spent) -> float:
    return round(one.peak_bytes / (1 << 20), 1)


def main() -> int:
    """Measure everything."""
    asked = arguments(__doc__)
    return report("long", rows(QUICK if asked.quick else FULL), asked)


if __name__ == "__main__":
    sys.exit(main())
