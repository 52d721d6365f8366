"""Reentrancy from bytecode alone: real contracts, compiled, with the source thrown away."""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from audit_peer import labelled
from audit_scoring import lines_of
from harness import HERE, WORK

COMPILERS = WORK / "audit-solc" / "node_modules"
CATEGORY = "reentrancy"


class Scores(NamedTuple):
    """Files right and wrong, of those that compile."""

    hit: int
    false: int
    missed: int
    quiet: int

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.hit / max(2 * self.hit + self.false + self.missed, 1)

    @property
    def precision(self) -> float:
        """Share of flagged files that are labelled."""
        return self.hit / max(self.hit + self.false, 1)

    @property
    def recall(self) -> float:
        """Share of labelled files that are flagged."""
        return self.hit / max(self.hit + self.missed, 1)

    @property
    def matthews(self) -> float:
        """Matthews correlation."""
        hit, false, missed, quiet = self
        below = (hit + false) * (hit + missed) * (quiet + false) * (quiet + missed)
        return (hit * quiet - false * missed) / below**0.5 if below else 0.0


def compiled(folder: Path, out: Path) -> dict[str, list[Path]]:
    """Compile the files of a labelled set; returns the runtime codes of each that compiles.

    Every contract goes to a `.hex` file of its own, and is compiled once.
    """
    out.mkdir(parents=True, exist_ok=True)
    known = out / "codes.json"
    if known.is_file():
        found: dict[str, list[str]] = json.loads(known.read_text("utf-8"))
        return {file: [out / name for name in names] for file, names in found.items()}
    by_version: dict[str, list[Path]] = defaultdict(list)
    for target in labelled([folder]):
        by_version[target.version].append(target.file)
    made: dict[str, list[Path]] = {}
    for version, files in by_version.items():
        for file, place in _compile(version, files, out):
            made[file.relative_to(folder).as_posix()] = _split(place, out / file.stem)
    told = {
        file: [path.relative_to(out).as_posix() for path in paths] for file, paths in made.items()
    }
    known.write_text(json.dumps(told), "utf-8")
    return made


def _compile(version: str, files: Iterable[Path], out: Path) -> list[tuple[Path, Path]]:
    listed = out / f"{version}.list"
    listed.write_text("\n".join(json.dumps([str(file), False]) for file in files), "utf-8")
    script = [str(HERE / "audit_compile.js"), str(COMPILERS), version, str(listed), str(out)]
    command = ["node", "--stack-size=4000", *script]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return [(Path(each["file"]), Path(each["place"])) for each in told if each["ok"]]


def _split(place: Path, folder: Path) -> list[Path]:
    """Write the runtime code of each contract that has one."""
    folder.mkdir(exist_ok=True)
    paths: list[Path] = []
    for name, told in json.loads(place.read_text("utf-8"))["contracts"].items():
        code = told["bin-runtime"]
        if code and "_" not in code:
            paths.append(folder / f"{name.rpartition(':')[2]}.hex")
            paths[-1].write_text(code, "ascii")
    place.unlink()
    return paths


def score(
    folder: Path, codes: Mapping[str, list[Path]], findings: Iterable[Mapping[str, Any]]
) -> Scores:
    """Hold what was found in codes against the labels of the files they come from."""
    wanted = {e["file"] for e in lines_of(folder / "labels.jsonl") if e["category"] == CATEGORY}
    flagged = {
        Path(each["location"]["path"]).parent.name
        for each in findings
        if each["category"] == CATEGORY and each["severity"] in ("high", "medium", "low")
    }
    counts = {(truth, said): 0 for truth in (True, False) for said in (True, False)}
    for file in codes:
        counts[file in wanted, Path(file).stem in flagged] += 1
    return Scores(
        counts[True, True], counts[False, True], counts[True, False], counts[False, False]
    )


if __name__ == "__main__":
    made = compiled(Path(sys.argv[1]), WORK / "audit-bytecode")
    print(len(made), sum(map(len, made.values())))
