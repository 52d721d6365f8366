"""Audit of bytecode: real contracts compiled, the source thrown away, reentrancy told from none.

The files of a labelled set are compiled by the versions that the set names, without the optimiser
and with it (200 runs), to one file of runtime code for each contract. A labelled file is flagged
if reentrancy is found in the code of any of its contracts. No peer reads bytecode.
"""

import json
import re
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from audit_peer import compilers, labelled
from audit_scoring import lines_of
from diptych.audit.catalogue import installed_rules
from diptych.audit.scan import scan_files
from harness import HERE, WORK, Row, arguments, report, row

FOLDER = HERE.parent.parent / "shared/data/audit/reentrancy-aggregated"
CATEGORY = "reentrancy"
_UNLINKED = re.compile(r"__.{38}")
_QUICK_FILES = 12


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


def compiled(folder: Path, out: Path, *, optimised: bool, most: int) -> dict[str, list[Path]]:
    """Compile the files of a labelled set; returns the runtime codes of each that compiles.

    Every contract goes to a `.hex` file of its own; what was compiled before is used again.
    """
    out.mkdir(parents=True, exist_ok=True)
    known = out / "codes.json"
    if known.is_file():
        found: dict[str, list[str]] = json.loads(known.read_text("utf-8"))
        return {file: [out / name for name in names] for file, names in found.items()}
    by_version: dict[str, list[Path]] = defaultdict(list)
    for target in labelled([folder])[:most]:
        by_version[target.version].append(target.file)
    made: dict[str, list[Path]] = {}
    for version, files in by_version.items():
        for file, place in _compile(version, files, out, optimised=optimised):
            made[file.relative_to(folder).as_posix()] = _split(place, out / file.stem)
    told = {file: [str(path.relative_to(out)) for path in paths] for file, paths in made.items()}
    known.write_text(json.dumps(told), "utf-8")
    return made


def _compile(
    version: str, files: Iterable[Path], out: Path, *, optimised: bool
) -> list[tuple[Path, Path]]:
    listed = out / f"{version}.list"
    listed.write_text("\n".join(json.dumps([str(file), False]) for file in files), "utf-8")
    script = [str(HERE / "audit_compile.js"), str(compilers() / "node_modules"), version]
    command = ["node", "--stack-size=4000", *script, str(listed), str(out)]
    command += ["optimise"] if optimised else []
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return [(Path(each["file"]), Path(each["place"])) for each in told if each["ok"]]


def _split(place: Path, folder: Path) -> list[Path]:
    """Write the runtime code of each contract that has one."""
    folder.mkdir(exist_ok=True)
    paths: list[Path] = []
    for name, told in json.loads(place.read_text("utf-8"))["contracts"].items():
        if told["bin-runtime"]:
            paths.append(folder / f"{name.rpartition(':')[2]}.hex")
            paths[-1].write_text(_UNLINKED.sub("0" * 40, told["bin-runtime"]), "ascii")
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
        if each["category"] == CATEGORY
    }
    counts = {(truth, said): 0 for truth in (True, False) for said in (True, False)}
    for file in codes:
        counts[file in wanted, Path(file).stem in flagged] += 1
    order = ((True, True), (False, True), (True, False), (False, False))
    return Scores(*(counts[each] for each in order))


def bytecode_rows(*, optimised: bool, most: int) -> list[Row]:
    """Compile, scan with all rules, and score."""
    build = "optimised" if optimised else "plain"
    name = f"audit-bytecode-{build}" + ("-quick" if most < len(labelled([FOLDER])) else "")
    codes = compiled(FOLDER, WORK / name, optimised=optimised, most=most)
    paths = [path for some in codes.values() for path in some]
    start = time.process_time()
    told = scan_files(paths, installed_rules())
    cpu_s = time.process_time() - start
    scores = score(FOLDER, codes, [finding.to_json() for finding in told.findings])
    partial = sum(bool(file.reasons) for file in told.files)
    more = {"counts": scores._asdict(), "precision": scores.precision, "recall": scores.recall}
    return [
        row(f"bytecode, {build}: reentrancy F1", scores.f1, "", at_least=0.7, more=more),
        row(f"bytecode, {build}: reentrancy MCC", scores.matthews, ""),
        row(f"bytecode, {build}: files that compile", len(codes), "files"),
        row(f"bytecode, {build}: contracts", len(paths), "contracts"),
        row(f"bytecode, {build}: of them in part", partial, "contracts"),
        row(f"bytecode, {build}: CPU a contract", cpu_s / max(len(paths), 1), "s"),
    ]


def main() -> int:
    """Run both builds; with --quick, a few files without the optimiser."""
    asked = arguments(__doc__)
    if asked.quick:
        return report("audit_bytecode", bytecode_rows(optimised=False, most=_QUICK_FILES), asked)
    most = len(labelled([FOLDER]))
    rows = [each for on in (False, True) for each in bytecode_rows(optimised=on, most=most)]
    return report("audit_bytecode", rows, asked)


if __name__ == "__main__":
    sys.exit(main())
