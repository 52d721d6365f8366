"""Pairs with one planted fault: own bases and npm libraries that training never sees."""

import importlib
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from harness import HERE, peer_node

TRAINING = HERE.parent / "training" / "audit"
BASES = TRAINING / "mutants" / "bases" / "bench"
PACKAGES = (
    "@axelar-network/axelar-cgp-solidity@6.4.0",
    "@axelar-network/axelar-gmp-sdk-solidity@6.2.0",
    "@layerzerolabs/oapp-evm@0.4.1",
    "@limitbreak/creator-token-standards@5.0.0",
    "@solidstate/contracts@0.0.59",
)
EACH_CLASS = 20
SHOWN = frozenset({"high", "medium", "low"})
Scan = Callable[[Path], Sequence[dict[str, Any]]]


class Verdict(NamedTuple):
    """How one pair was judged."""

    kind: str
    origin: str
    name: str
    flagged: bool
    silent: bool


def module(name: str) -> Any:
    """Import a module of the training folder, which is no package of ours."""
    if str(TRAINING) not in sys.path:
        sys.path.insert(0, str(TRAINING))
    return importlib.import_module(f"mutants.{name}")


def verdicts(scan: Scan, *, libraries: bool) -> Iterator[Verdict]:
    """Judge every pair: is the fault flagged, and is the twin silent?

    A finding counts in a category of the class, at the function of the fault; for a function that
    the twin lacks, anywhere in the twin.

    Args:
        scan: gives the findings of one file as plain data.
        libraries: take the pairs of npm packages too.
    """
    with tempfile.TemporaryDirectory() as folder:
        for base in sorted(BASES.glob("*.sol")):
            path = Path(folder) / base.name
            source = base.read_bytes()
            yield from _judged(scan, path, list(module("generate").mutants_of(base.name, source)))
    if libraries:
        yield from _of_libraries(scan)


def _of_libraries(scan: Scan) -> Iterator[Verdict]:
    modules = peer_node("audit-mutants", "--legacy-peer-deps", "--ignore-scripts", *PACKAGES)
    named = [package.rpartition("@")[0] for package in PACKAGES]
    pairs = module("libraries").library_mutants(
        modules / "node_modules", named, each_class=EACH_CLASS
    )
    by_path: dict[Path, list[Any]] = {}
    for path, mutant in pairs:
        by_path.setdefault(path, []).append(mutant)
    for path, mutants in by_path.items():
        sibling = module("libraries").placed(path, b"")
        try:
            yield from _judged(scan, sibling, mutants)
        finally:
            sibling.unlink()


def _judged(scan: Scan, path: Path, mutants: Sequence[Any]) -> Iterator[Verdict]:
    if not mutants:
        return
    path.write_bytes(mutants[0].twin)
    clean = scan(path)
    for mutant in mutants:
        path.write_bytes(mutant.fault)
        flagged = bool(_hits(scan(path), mutant, anywhere=False))
        silent = not _hits(clean, mutant, anywhere=mutant.added)
        name = f"{mutant.contract}.{mutant.function}:{mutant.line}"
        yield Verdict(mutant.kind, mutant.base, name, flagged, silent)


def _hits(
    findings: Sequence[dict[str, Any]], mutant: Any, *, anywhere: bool
) -> list[dict[str, Any]]:
    wanted = module("mutant").CLASSES[mutant.kind]
    return [
        finding
        for finding in findings
        if finding["severity"] in SHOWN
        and finding["category"] in wanted
        and (anywhere or any(p["function"] == mutant.function for p in _places(finding)))
    ]


def _places(finding: dict[str, Any]) -> list[dict[str, Any]]:
    return [finding["location"], *finding["related"]]
