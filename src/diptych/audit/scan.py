"""Runs rules over source files: findings, and how far each file was analysed."""

from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from diptych.audit.contract_work import ContractFound, Place, Work, scanned
from diptych.audit.finding import SEVERITIES, FileState, Finding
from diptych.audit.fingerprint import fingerprints
from diptych.audit.graph.program import ContractNode
from diptych.audit.processes import scanned_by
from diptych.audit.ranking import Ranker
from diptych.audit.risk import ContractRisk, contract_risks
from diptych.audit.rules.rule import Rule
from diptych.audit.source.groups import Group, groups_of
from diptych.audit.source.load import LoadedProgram, load_program
from diptych.audit.source.text import SourceText
from diptych.core.progress import ProgressFactory, silent
from diptych_verify.errors import JsonValue

__all__ = ["GroupFound", "Report", "merged", "scan_files", "scan_groups", "scan_program"]

_INTERRUPTED = "interrupted before its analysis ended"


@dataclass(frozen=True)
class Report:
    """What a scan found.

    Attributes:
        findings: gravest first, then by place.
        files: every file, with the reasons why its analysis is partial.
        rules: ids of the rules that ran.
        fingerprints: each finding with its stable name.
        texts: the text of every path that is named.
        interrupted: the scan was ended before its end; what was done counts.
        virtual: paths that are names inside of bundles, not files.
    """

    findings: tuple[Finding, ...]
    files: tuple[FileState, ...]
    rules: tuple[str, ...]
    fingerprints: tuple[tuple[Finding, str], ...]
    texts: Mapping[str, SourceText] = field(default_factory=dict, repr=False, compare=False)
    interrupted: bool = False
    virtual: frozenset[str] = frozenset()

    @property
    def risks(self) -> tuple[ContractRisk, ...]:
        """The score of every contract with findings, the riskiest first."""
        return contract_risks(self.fingerprints)

    def only(self, findings: Sequence[Finding]) -> "Report":
        """Return the report with some of its findings."""
        kept = set(findings)
        return replace(
            self,
            findings=tuple(one for one in self.findings if one in kept),
            fingerprints=tuple(pair for pair in self.fingerprints if pair[0] in kept),
        )

    def to_json(self) -> dict[str, JsonValue]:
        """Return the report as plain data."""
        return {
            "findings": [
                {**finding.to_json(), "fingerprint": name} for finding, name in self.fingerprints
            ],
            "contracts": [risk.to_json() for risk in self.risks],
            "files": [file.to_json() for file in self.files],
            "rules": list(self.rules),
            "interrupted": self.interrupted,
        }


@dataclass(frozen=True)
class GroupFound:
    """What was found in files that belong together; see `source.groups`.

    `interrupted` says that the scan was ended, `lost` that some of it was lost on the way.
    """

    findings: tuple[Finding, ...]
    files: tuple[FileState, ...]
    interrupted: bool = False
    lost: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether another scan of the same files would find the same."""
        return not (self.interrupted or self.lost)


def scan_files(
    paths: Sequence[Path],
    rules: Sequence[Rule],
    progress: ProgressFactory = silent,
    ranker: Ranker | None = None,
    *,
    jobs: int = 1,
) -> Report:
    """Scan files as one program; what they import is read too, and not reported on.

    Args:
        paths: the files.
        rules: what to look for.
        progress: how to show that contracts are done.
        ranker: judges what rules match, if given.
        jobs: how many processes scan; the result is the same.

    Returns:
        The findings. A file that cannot be read or analysed whole is marked, never fatal.
    """
    loaded = load_program(paths, progress=progress)
    return scan_program(loaded, rules, progress, ranker, jobs=jobs)


def scan_program(
    loaded: LoadedProgram,
    rules: Sequence[Rule],
    progress: ProgressFactory = silent,
    ranker: Ranker | None = None,
    *,
    jobs: int = 1,
) -> Report:
    """Run rules over a program that is loaded; see `scan_files`."""
    found = scan_groups(loaded, groups_of(loaded), (rules, ranker), progress, jobs=jobs)
    return replace(merged(found, rules, loaded.texts), virtual=loaded.virtual)


def scan_groups(
    loaded: LoadedProgram,
    groups: Sequence[Group],
    judges: tuple[Sequence[Rule], Ranker | None],
    progress: ProgressFactory = silent,
    *,
    jobs: int = 1,
) -> list[GroupFound]:
    """Scan groups; what an interrupt leaves out is marked, what was done counts.

    Args:
        loaded: the program.
        groups: its groups, or some of them.
        judges: rules, and who judges what they match.
        progress: how to show that contracts are done.
        jobs: how many processes scan; the result is the same.
    """
    work = Work(loaded, groups, *judges)
    done: dict[Place, ContractFound] = {}
    total = sum(len(group.contracts) for group in groups)
    with (
        progress("contracts", total=total, unit="contract") as task,
        suppress(KeyboardInterrupt),
        closing(scanned(work) if jobs <= 1 else scanned_by(work, jobs)) as found,
    ):
        for place, each in found:
            done[place] = each
            task.advance(1)
    return [_group_found(work, at, done) for at in range(len(groups))]


def _group_found(work: Work, at: int, done: Mapping[Place, ContractFound]) -> GroupFound:
    """Put what was found in the contracts of one group together, in their order."""
    group = work.groups[at]
    reasons = {path: [*work.loaded.reasons.get(path, ())] for path in group.paths}
    found: dict[tuple[str, object], Finding] = {}
    left: list[ContractNode] = []
    lost = False
    for number, (contract, _) in enumerate(group.contracts):
        each = done.get((at, number))
        if each is None:
            left.append(contract)
            continue
        lost = lost or each.lost
        reasons[contract.unit.path] += each.reasons
        for finding in each.findings:
            key = (finding.rule.id, finding.location)
            found[key] = _graver(found.get(key), finding)
    _mark(reasons, left)
    files = tuple(_file_state(work.loaded, path, reasons[path]) for path in group.paths)
    return GroupFound(tuple(found.values()), files, bool(left), lost)


def _graver(known: Finding | None, other: Finding) -> Finding:
    """Return the graver of two findings at one place: as reached by one function and another."""
    if known is None or SEVERITIES.index(other.severity) < SEVERITIES.index(known.severity):
        return other
    return known


def merged(
    found: Sequence[GroupFound], rules: Sequence[Rule], texts: Mapping[str, SourceText]
) -> Report:
    """Put what groups gave into one report."""
    findings = [finding for each in found for finding in each.findings]
    findings.sort(key=lambda one: (SEVERITIES.index(one.severity), one.location, one.rule.id))
    return Report(
        findings=tuple(findings),
        files=tuple(sorted((file for each in found for file in each.files), key=lambda f: f.path)),
        rules=tuple(rule.info.id for rule in rules),
        fingerprints=tuple(fingerprints(findings, texts).items()),
        texts=texts,
        interrupted=any(each.interrupted for each in found),
    )


def _mark(reasons: dict[str, list[str]], contracts: Sequence[ContractNode]) -> None:
    for contract in contracts:
        told = reasons[contract.unit.path]
        if _INTERRUPTED not in told:
            told.append(_INTERRUPTED)


def _file_state(loaded: LoadedProgram, path: str, reasons: Sequence[str]) -> FileState:
    text = loaded.texts[path]
    why, compiler = tuple(dict.fromkeys(reasons)), loaded.compilers.get(path, "")
    return FileState(path, text.code_lines, why, text.digest, compiler)
