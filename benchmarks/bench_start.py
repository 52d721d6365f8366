"""Start-up: how much CPU a command takes before it does anything, beside model_signing's.

`diptych --help`, `diptych verify` of a real bundle of this run, the offline verifier alone; then
the tour, which a newcomer waits for.
"""

import os
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from harness import Row, arguments, peer_python, report, row, run_child

BAR_CPU_S = 0.3
TOUR_S = 30
PROGRAMS = Path(sys.executable).parent


def median_cpu_s(
    command: Sequence[str], *, times: int, cwd: Path, env: Mapping[str, str] | None = None
) -> float:
    """Return the median CPU seconds of a command, after one run that fills the caches."""
    run_child(command, cwd=cwd, env=env)
    return statistics.median(run_child(command, cwd=cwd, env=env).cpu_s for _ in range(times))


def bundle_in(folder: Path, env: Mapping[str, str]) -> str:
    """Seal one file in a new workspace and return the name of its bundle."""
    (folder / "a.txt").write_text("one file\n")
    diptych = str(PROGRAMS / "diptych")
    for arguments_ in (["init"], ["seal", "a.txt"], ["bundle", "a.txt", "-o", "a.diptych.json"]):
        run_child([diptych, *arguments_], cwd=folder, env=env)
    return "a.diptych.json"


def measure(times: int) -> list[Row]:
    """Return the rows of this area."""
    peer = peer_python("model-signing", "model-signing==1.1.1", "pyopenssl")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        env = {**os.environ, "DIPTYCH_KEYS__PASSPHRASE": "benchmark"}
        bundle = bundle_in(folder, env)
        diptych = str(PROGRAMS / "diptych")
        peer_s = median_cpu_s(
            [str(peer), "-m", "model_signing", "--help"], times=max(3, times // 4), cwd=folder
        )
        commands = {
            "diptych --help": [diptych, "--help"],
            "diptych verify BUNDLE": [diptych, "verify", bundle],
            "diptych-verify BUNDLE": [str(PROGRAMS / "diptych-verify"), bundle],
        }
        rows = []
        for what, command in commands.items():
            ours_s = median_cpu_s(command, times=times, cwd=folder, env=env)
            # The bar is on our own CPU time; the peer stands beside it for scale.
            judged = row(what, ours_s, "CPU-s", at_most=BAR_CPU_S)
            rows.append(
                replace(
                    judged, peer=peer_s, peer_name="model_signing --help", ratio=ours_s / peer_s
                )
            )
    return [*rows, tour_row("prove", TOUR_S), tour_row("guard", None)]


def tour_row(chapter: str, most_s: float | None) -> Row:
    """Play a chapter once in an empty folder; a step that fails fails the benchmark."""
    with tempfile.TemporaryDirectory(prefix="dt-") as name:
        command = [str(PROGRAMS / "diptych"), "tour", "--chapter", chapter]
        played = run_child(command, cwd=Path(name))
    return row(f"diptych tour, chapter {chapter}", played.wall_s, "s", at_most=most_s)


if __name__ == "__main__":
    asked = arguments(__doc__)
    sys.exit(report("start", measure(3 if asked.quick else 21), asked))
