"""Functions with what is known about them: labelled sets, clean libraries, planted pairs.

What is not known is masked: a file that is labelled for one category says nothing about others.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mutants.directives import stripped
from mutants.generate import mutants_of
from mutants.libraries import library_mutants, placed
from mutants.mutant import CLASSES, Mutant

from diptych.audit.analysis.contract import FunctionView, build_contract
from diptych.audit.learned.features import Encoder, FunctionArrays
from diptych.audit.learned.vocabulary import CATEGORIES
from diptych.audit.source.files import find_sources
from diptych.audit.source.load import LoadedProgram, load_program

__all__ = [
    "BASES",
    "PACKAGES",
    "SKIPPED",
    "Sample",
    "clean_samples",
    "labelled_samples",
    "library_samples",
    "mutant_samples",
]

HERE = Path(__file__).resolve().parent
WORK = HERE.parent.parent / "build" / "audit-training"
BASES = HERE / "mutants" / "bases" / "train"
PACKAGES = (
    "@openzeppelin/contracts@5.7.0",
    "@thirdweb-dev/contracts@3.15.0",
    "@solarity/solidity-lib@3.1.0",
    "erc721a@4.3.0",
    "@account-abstraction/contracts@0.8.0",
    "@uniswap/v2-core@1.0.1",
)
"""Clean code to learn from; the benchmark plants its faults in other packages."""
SKIPPED = ("mock", "test", "interface", "vendor", "node_modules/.")
EACH_CLASS = 40
UNKNOWN, NO, YES = -1.0, 0.0, 1.0


class Sample(NamedTuple):
    """One function, its labels by category (1, 0 or -1 for unknown), and where it comes from."""

    arrays: FunctionArrays
    labels: list[float]
    group: str
    origin: str
    function: str
    pair: int = -1
    faulty: bool = False


def views_of(loaded: LoadedProgram) -> Iterator[tuple[Encoder, FunctionView]]:
    """Yield every function of the scanned files that has a graph worth looking at."""
    covered: set[int] = set()
    wanted = set(loaded.scanned)
    for contract in loaded.program.contracts:
        if contract.unit.path not in wanted or contract.tree.kind == "interface":
            continue
        graph = build_contract(contract, covered)
        encoder = Encoder(graph)
        for view in graph.functions:
            if view.function is not None and len(view.ops) > 4:
                yield encoder, view


def labelled_samples(folder: Path, *, every: int = 1) -> Iterator[Sample]:
    """Yield the functions of a set whose labels name lines.

    Args:
        folder: the set, with files.jsonl and labels.jsonl.
        every: take each n-th file only.
    """
    by_file: dict[str, list[dict[str, Any]]] = {}
    for label in _lines(folder / "labels.jsonl"):
        by_file.setdefault(label["file"], []).append(label)
    for file in _lines(folder / "files.jsonl")[::every]:
        labels = by_file.get(file["file"], [])
        negative = not file["vulnerable"]
        if not negative and not all(label["line"] for label in labels):
            continue
        loaded = load_program([folder / file["file"]])
        for encoder, view in views_of(loaded):
            truth = _truth(loaded, view, labels, folder.name)
            if negative:
                truth[CATEGORIES.index("reentrancy")] = NO
            if any(each != UNKNOWN for each in truth):
                name = f"{folder.name}/{file['file']}"
                yield Sample(_numbers(encoder, view), truth, name, name, _name(view))


def _truth(
    loaded: LoadedProgram, view: FunctionView, labels: Sequence[dict[str, Any]], name: str
) -> list[float]:
    truth = [UNKNOWN] * len(CATEGORIES)
    lines = {
        loaded.texts[op.frame.owner.unit.path].position(
            max(op.start - op.frame.owner.unit.tree.shift, 0)
        )[0]
        for op in view.ops
        if op.end
    }
    for label in labels:
        if label["category"] not in CATEGORIES:
            continue
        at = CATEGORIES.index(label["category"])
        if any(label["line"] <= line <= label["line_end"] for line in lines):
            truth[at] = YES
        elif truth[at] == UNKNOWN and name != "solidifi":
            truth[at] = NO
    return truth


def clean_samples() -> Iterator[Sample]:
    """Yield the functions of clean libraries, all of whose labels are no."""
    modules = fetched(PACKAGES)
    for package in PACKAGES:
        folder = modules / package.rpartition("@")[0]
        paths = [
            path
            for path in find_sources([folder])
            if not any(word in str(path.relative_to(folder)).lower() for word in SKIPPED)
        ]
        loaded = load_program(paths)
        for encoder, view in views_of(loaded):
            where = view.graph.frame.owner.unit.path
            name = (
                f"{package}/{Path(where).relative_to(folder)}"
                if where.startswith(str(folder))
                else where
            )
            yield Sample(_numbers(encoder, view), [NO] * len(CATEGORIES), name, name, _name(view))


def fetched(packages: Sequence[str]) -> Path:
    """Install packages once and return their `node_modules`."""
    stamp = WORK / "packages.txt"
    if not stamp.is_file() or stamp.read_text() != "\n".join(packages):
        WORK.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
        peers = ["--legacy-peer-deps", "--prefix", str(WORK)]
        subprocess.run([*command, *peers, *packages], check=True, stdout=sys.stderr)
        stamp.write_text("\n".join(packages))
    return WORK / "node_modules"


def mutant_samples(bases: Path = BASES) -> Iterator[Sample]:
    """Yield our own bases whole, and both sides of each pair at the function of the fault."""
    pair = 0
    for path in sorted(bases.glob("*.sol")):
        source = path.read_bytes()
        group = f"mutants/{path.name}"
        twins = _clean(loaded_source(stripped(source)), group)
        yield from twins.values()
        for mutant in mutants_of(path.name, source):
            yield from _sides(mutant, loaded_source(mutant.fault), twins, (group, pair))
            pair += 1


def library_samples(first: int) -> Iterator[Sample]:
    """Yield both sides of pairs made from the clean libraries.

    Args:
        first: number of the first pair.
    """
    modules = fetched(PACKAGES)
    named = {package.rpartition("@")[0]: package for package in PACKAGES}
    known: dict[Path, dict[tuple[str, str], Sample]] = {}
    found = library_mutants(modules, named, each_class=EACH_CLASS)
    for pair, (path, mutant) in enumerate(found, first):
        name = next(each for each in named if path.is_relative_to(modules / each))
        group = f"{named[name]}/{path.relative_to(modules / name)}"
        if path not in known:
            known[path] = _clean(load_program([path]), group)
        sibling = placed(path, mutant.fault)
        try:
            loaded = load_program([sibling])
        finally:
            sibling.unlink()
        yield from _sides(mutant, loaded, known[path], (group, pair))


def _clean(loaded: LoadedProgram, group: str) -> dict[tuple[str, str], Sample]:
    no = [NO] * len(CATEGORIES)
    return {
        (view.graph.contract.tree.name, _name(view)): Sample(
            _numbers(encoder, view), no, group, group, _name(view)
        )
        for encoder, view in views_of(loaded)
    }


def _sides(
    mutant: Mutant,
    loaded: LoadedProgram,
    twins: dict[tuple[str, str], Sample],
    place: tuple[str, int],
) -> Iterator[Sample]:
    group, pair = place
    truth = [NO] * len(CATEGORIES)
    for category in CLASSES[mutant.kind]:
        truth[CATEGORIES.index(category)] = UNKNOWN
    truth[CATEGORIES.index(mutant.category)] = YES
    for encoder, view in views_of(loaded):
        at = (view.graph.contract.tree.name, _name(view))
        if at == (mutant.contract, mutant.function):
            yield Sample(_numbers(encoder, view), truth, group, group, mutant.kind, pair, True)
            if at in twins:
                yield twins[at]._replace(pair=pair)
            return


def loaded_source(source: bytes) -> LoadedProgram:
    """Load one file from memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "Base.sol"
        path.write_bytes(source)
        return load_program([path])


def _numbers(encoder: Encoder, view: FunctionView) -> FunctionArrays:
    """Return the arrays without the ops, which would keep whole programs in memory."""
    return encoder.encode(view)._replace(ops=())


def _name(view: FunctionView) -> str:
    function = view.function
    return "" if function is None else function.name or function.kind


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
