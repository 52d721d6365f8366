"""Why a rule spoke: the way to the fault, the conditions on it, and what would silence it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from diptych.audit.analysis.exposure import Exposures
from diptych.audit.contract_scan import ContractScan, location_of
from diptych.audit.finding import Finding
from diptych.audit.graph.ops import Op
from diptych.audit.ranking import Judged, Ranker
from diptych.audit.risk import finding_risk
from diptych.audit.rules.rule import Rule
from diptych.audit.source.groups import groups_of
from diptych.audit.source.load import LoadedProgram, load_program
from diptych_verify.errors import JsonValue

__all__ = ["Explanation", "Step", "explain"]

_SHOWN = frozenset({"load", "store", "push", "pop", "call", "selfdestruct", "return", "revert"})
_MAX_STEPS = 40
_MAX_TEXT = 100


class Step(NamedTuple):
    """One op on the way; `role` is condition, read, write, call, end, and fault or part of it."""

    path: str
    line: int
    role: str
    text: str
    holds: bool = True


@dataclass(frozen=True)
class Explanation:
    """Why a rule spoke.

    Attributes:
        finding: what it said.
        entry: the function that is entered, with its contract.
        frames: functions between the entry and the fault, outermost first.
        conditions: what must hold for the fault to run.
        steps: what runs around it, in order.
        silencers: what would make the rule silent, or the risk smaller.
    """

    finding: Finding
    entry: str
    frames: tuple[str, ...]
    conditions: tuple[Step, ...]
    steps: tuple[Step, ...]
    silencers: tuple[str, ...]

    def to_json(self) -> dict[str, JsonValue]:
        """Return the explanation as plain data."""
        return {
            "finding": self.finding.to_json(),
            "entry": self.entry,
            "frames": list(self.frames),
            "conditions": [{**step._asdict()} for step in self.conditions],
            "steps": [{**step._asdict()} for step in self.steps],
            "silencers": list(self.silencers),
        }


def explain(
    paths: Sequence[Path],
    rules: Sequence[Rule],
    finding: Finding,
    ranker: Ranker | None = None,
) -> Explanation | None:
    """Find a finding's place in the program graph again.

    Args:
        paths: the files of the scan.
        rules: the installed rules.
        finding: what the scan found.
        ranker: who judged; needed for what no rule said.

    Returns:
        The explanation, None if no rule says the same of these files.
    """
    loaded = load_program(paths)
    own = [rule for rule in rules if rule.info.id == finding.rule.id]
    judges = (own, None) if own else (rules, ranker)
    for group in groups_of(loaded):
        if finding.location.path not in group.paths:
            continue
        scan = ContractScan(loaded, *judges, frozenset(group.paths))
        for contract, is_base in group.contracts:
            for exposures, judged in scan.judged(contract, is_base=is_base, reasons=[]):
                same = judged.rule.id == finding.rule.id
                if same and location_of(loaded, judged.match.op) == finding.location:
                    return _explained(loaded, finding, exposures, judged)
    return None


def _explained(
    loaded: LoadedProgram, finding: Finding, exposures: Exposures, judged: Judged
) -> Explanation:
    op = judged.match.op
    view = exposures.view(op)
    frames = [frame for frame in op.frame.stack() if frame.function is not None][::-1]
    names = [f"{frame.owner.tree.name}.{_name(frame.function)}" for frame in frames]
    conditions: list[Step] = []
    steps: list[Step] = []
    if view is not None and isinstance(op, Op):
        for fact in view.flow.facts(op):
            conditions.append(_step(loaded, fact.test, "condition", fact.holds))
        marked = {id(op), *(id(each) for each in judged.match.related)}
        near = [each for each in view.ops if each.kind in _SHOWN or id(each) in marked]
        around = [
            each
            for each in near
            if id(each) in marked or view.flow.reaches(each, op) or view.flow.reaches(op, each)
        ]
        steps = [
            _step(loaded, each, _role(each, op, marked))
            for each in around
            if _is_told(each, marked)
        ]
    return Explanation(
        finding,
        names[0] if names else exposures.contract.node.tree.name,
        tuple(names[1:]),
        tuple(sorted(set(conditions), key=lambda step: (step.path, step.line))),
        tuple(dict.fromkeys(steps))[:_MAX_STEPS],
        tuple(_silencers(finding)),
    )


def _name(function: object) -> str:
    return getattr(function, "name", "") or getattr(function, "kind", "")


def _is_told(op: Op, marked: set[int]) -> bool:
    if id(op) in marked or op.kind != "load":
        return op.kind != "call" or op.call.kind != "internal"
    return op.place.where in ("storage", "transient")


def _role(op: Op, fault: Op, marked: set[int]) -> str:
    roles = {"load": "read", "store": "write", "push": "write", "pop": "write", "call": "call"}
    role = roles.get(op.kind, op.kind)
    if op is fault:
        return f"{role}, the fault"
    return f"{role}, part of it" if id(op) in marked else role


def _step(loaded: LoadedProgram, op: Op, role: str, holds: bool = True) -> Step:
    place = location_of(loaded, op)
    text = loaded.texts[place.path].line(place.line)
    if place.end_line == place.line:
        text = text[place.column - 1 : place.end_column - 1]
    return Step(place.path, place.line, role, text.strip()[:_MAX_TEXT], holds)


def _silencers(finding: Finding) -> Iterator[str]:
    yield finding.rule.fix
    exposure, rule = finding.exposure, finding.rule
    if exposure is not None and exposure.reach in ("anyone", "keyed"):
        guarded = replace(exposure, reach="privileged")
        then = finding_risk(finding.severity, rule.category, finding.probability, guarded)
        if then < (finding.risk or 0.0):
            yield (
                f"A condition on the caller on every way to line {finding.location.line} lowers "
                f"the risk from {finding.risk:.0f} to {then:.0f}; some rules then are silent."
            )
    yield (
        f"If it is no fault here: // diptych-ignore {rule.id}: why (until 2027-01-01) at the end "
        "of the line or above it, or an entry in diptych-audit.toml."
    )
