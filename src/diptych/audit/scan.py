"""Runs rules over source files: findings, and how far each file was analysed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from diptych.audit.analysis.contract import ContractGraph, build_contract
from diptych.audit.finding import SEVERITIES, FileState, Finding, Location
from diptych.audit.fingerprint import fingerprints
from diptych.audit.graph.ops import Op
from diptych.audit.graph.program import ContractNode
from diptych.audit.ranking import Candidate, Judged, Ranker, unjudged
from diptych.audit.rules.rule import Rule, Spot
from diptych.audit.source.load import LoadedProgram, load_program
from diptych.core.progress import ProgressFactory, silent
from diptych_verify.errors import JsonValue

__all__ = ["Report", "scan_files", "scan_program"]


@dataclass(frozen=True)
class Report:
    """What a scan found.

    Attributes:
        findings: gravest first, then by place.
        files: every file, with the reasons why its analysis is partial.
        rules: ids of the rules that ran.
        fingerprints: each finding with its stable name.
    """

    findings: tuple[Finding, ...]
    files: tuple[FileState, ...]
    rules: tuple[str, ...]
    fingerprints: tuple[tuple[Finding, str], ...]

    def to_json(self) -> dict[str, JsonValue]:
        """Return the report as plain data."""
        return {
            "findings": [
                {**finding.to_json(), "fingerprint": name} for finding, name in self.fingerprints
            ],
            "files": [file.to_json() for file in self.files],
            "rules": list(self.rules),
        }


def scan_files(
    paths: Sequence[Path],
    rules: Sequence[Rule],
    progress: ProgressFactory = silent,
    ranker: Ranker | None = None,
) -> Report:
    """Scan files as one program; what they import is read too, and not reported on.

    Args:
        paths: the files.
        rules: what to look for.
        progress: how to show that contracts are done.
        ranker: judges what rules match, if given.

    Returns:
        The findings. A file that cannot be read or analysed whole is marked, never fatal.
    """
    loaded = load_program(paths)
    return scan_program(loaded, rules, progress, ranker)


def scan_program(
    loaded: LoadedProgram,
    rules: Sequence[Rule],
    progress: ProgressFactory = silent,
    ranker: Ranker | None = None,
) -> Report:
    """Run rules over a program that is loaded; see `scan_files`."""
    reasons = {path: list(given) for path, given in loaded.reasons.items()}
    found: dict[tuple[object, ...], Finding] = {}
    contracts = _in_order(loaded)
    job = _Job(loaded, rules, ranker, frozenset(loaded.scanned), set())
    with progress("contracts", total=len(contracts), unit="contract") as task:
        for contract, is_base in contracts:
            told = reasons.setdefault(contract.unit.path, [])
            for finding in _scan_contract(job, contract, is_base, told):
                found.setdefault((finding.rule.id, finding.location), finding)
            task.advance(1)
    findings = sorted(found.values(), key=lambda f: (SEVERITIES.index(f.severity), f.location))
    files = tuple(
        FileState(path, loaded.texts[path].code_lines, tuple(dict.fromkeys(reasons.get(path, ()))))
        for path in loaded.scanned
    )
    named = fingerprints(findings, loaded.texts)
    return Report(
        findings=tuple(findings),
        files=files,
        rules=tuple(rule.info.id for rule in rules),
        fingerprints=tuple(named.items()),
    )


def _in_order(loaded: LoadedProgram) -> list[tuple[ContractNode, bool]]:
    """List the contracts to scan, those that others derive from last."""
    scanned = set(loaded.scanned)
    contracts = [c for c in loaded.program.contracts if c.unit.path in scanned]
    bases = {id(base) for contract in contracts for base in contract.ancestry[1:]}
    marked = [(contract, id(contract) in bases) for contract in contracts]
    frees = [(node, False) for path in loaded.scanned for node in loaded.program.free_of(path)]
    return sorted(marked, key=lambda item: item[1]) + frees


@dataclass(frozen=True)
class _Job:
    """What every contract of a scan needs; `covered` are functions that some graph holds."""

    loaded: LoadedProgram
    rules: Sequence[Rule]
    ranker: Ranker | None
    scanned: frozenset[str]
    covered: set[int]


def _scan_contract(
    job: _Job, contract: ContractNode, is_base: bool, reasons: list[str]
) -> Iterator[Finding]:
    try:
        graph = build_contract(contract, job.covered, again=not is_base)
    except Exception as error:  # a fault of ours must not end the scan
        reasons.append(f"contract {contract.tree.name}: {type(error).__name__} in the graph")
        return
    if any(view.graph.truncated for view in graph.functions):
        reasons.append(f"contract {contract.tree.name}: too large to follow every call")
    reasons += [f"the source of '{name}' is not there" for name in contract.missing]
    for judged in _judged(job, graph, _candidates(job, graph, reasons), reasons):
        if judged.match.op.frame.owner.unit.path in job.scanned:
            yield _finding(job.loaded, judged)


def _candidates(job: _Job, graph: ContractGraph, reasons: list[str]) -> list[Candidate]:
    found: list[Candidate] = []
    for rule in job.rules:
        try:
            found += [Candidate(rule.info, match) for match in rule.check(graph)]
        except Exception as error:  # a third party's rule must not end the scan
            reasons.append(f"rule {rule.info.id}: {type(error).__name__}: {error}")
    return found


def _judged(
    job: _Job, graph: ContractGraph, candidates: list[Candidate], reasons: list[str]
) -> Sequence[Judged]:
    if job.ranker is None:
        return unjudged(candidates)
    try:
        return job.ranker.judge(graph, candidates)
    except Exception as error:  # without the judge, what rules matched still counts
        reasons.append(f"judge: {type(error).__name__}: {error}")
        return unjudged(candidates)


def _finding(loaded: LoadedProgram, judged: Judged) -> Finding:
    rule, match = judged.rule, judged.match
    return Finding(
        rule,
        match.severity or rule.severity,
        match.message,
        _location(loaded, match.op),
        tuple(_location(loaded, op) for op in match.related),
        probability=judged.probability,
        spoke=judged.spoke,
        evidence=tuple(_location(loaded, op) for op in judged.evidence),
    )


def _location(loaded: LoadedProgram, op: Op | Spot) -> Location:
    unit = op.frame.owner.unit
    text = loaded.texts[unit.path]
    line, column = text.position(op.start - unit.tree.shift)
    end_line, end_column = text.position(op.end - unit.tree.shift)
    function = op.frame.function
    name = "" if function is None else function.name or function.kind
    contract = op.frame.owner.tree.name
    return Location(unit.path, line, column, end_line, end_column, contract, name)
