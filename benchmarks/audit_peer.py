"""Slither beside us: its compilers from npm, its own environment, the same files."""

import json
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from audit_scoring import lines_of
from harness import HERE, WORK, peer_node, peer_python, run_child

SLITHER = "slither-analyzer==0.11.6"
_VERSIONS = (
    *("0.4.11", "0.4.19", "0.4.24", "0.4.25", "0.4.26"),
    *("0.5.16", "0.5.17", "0.6.12", "0.7.6", "0.8.28", "0.8.34"),
)


class Target(NamedTuple):
    """A file, its compiler, and whether its trees are enough (libraries: no code is made)."""

    file: Path
    version: str
    trees_only: bool = False


class Told(NamedTuple):
    """What Slither said: findings in our form, files it finished, its CPU and peak memory."""

    findings: list[dict[str, Any]]
    finished: int
    cpu_s: float
    peak_bytes: int


def labelled(folders: Iterable[Path]) -> list[Target]:
    """List the files of labelled sets with the compilers the sets name."""
    return [
        Target(folder / file["file"], file["solc"])
        for folder in folders
        for file in lines_of(folder / "files.jsonl")
        if file.get("solc") in _VERSIONS
    ]


def gathered(name: str, version: str, packages: Mapping[str, Path]) -> Target:
    """Write one file that imports all files of packages, which is how Slither takes a library."""
    lines = ["pragma solidity >=0.4.0;"]
    for package, folder in packages.items():
        files = sorted(folder.rglob("*.sol"))
        names = [f"{package}/{file.relative_to(folder).as_posix()}" for file in files]
        lines += [f'import "{each}" as I{len(lines) + at};' for at, each in enumerate(names)]
    place = WORK / "audit-slither" / f"{name}.sol"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("\n".join(lines))
    return Target(place, version, trees_only=True)


def slither(targets: Iterable[Target], modules: Path | None = None) -> Told:
    """Compile and analyse; only the analysis is accounted for.

    Args:
        targets: the files.
        modules: a folder that imports of packages are looked for in.
    """
    python = peer_python("slither", SLITHER)
    work = WORK / "audit-slither"
    work.mkdir(parents=True, exist_ok=True)
    by_version: dict[str, list[Target]] = defaultdict(list)
    for target in targets:
        by_version[target.version].append(target)
    plan = [line for v, some in by_version.items() for line in _compiled(v, some, work, modules)]
    (work / "plan.jsonl").write_text("\n".join(plan))
    command = [str(python), str(HERE / "audit_slither.py"), str(work / "plan.jsonl")]
    spent = run_child(command, cwd=modules)
    answer = json.loads(spent.output.splitlines()[-1])
    finished = sum(not file["problem"] for file in answer["files"])
    cpu_s = sum(file["cpu_s"] for file in answer["files"])
    return Told(answer["findings"], finished, cpu_s, spent.peak_bytes)


def compilers() -> Path:
    """Return the folder whose `node_modules` holds every version of solc that sets name."""
    return peer_node("audit-solc", *(f"solc-{v}@npm:solc@{v}" for v in _VERSIONS))


def _compiled(
    version: str, targets: Iterable[Target], work: Path, modules: Path | None
) -> Iterator[str]:
    """Compile files; yields a line of the plan for each that compiles."""
    listed = work / f"{version}.list"
    listed.write_text("\n".join(json.dumps([str(t.file), t.trees_only]) for t in targets))
    script = [str(HERE / "audit_compile.js"), str(compilers() / "node_modules")]
    command = ["node", "--stack-size=4000", *script, version, str(listed), str(work)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=modules)
    for line in done.stdout.splitlines():
        made = json.loads(line)
        if made["ok"]:
            told = {"file": made["file"], "version": version, "combined": made["place"]}
            yield json.dumps(told)
