"""One contract at a time: its graph, the rules, the judge, and what they find."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from diptych.audit.analysis.contract import ContractGraph, build_contract
from diptych.audit.analysis.exposure import Exposures
from diptych.audit.analysis.inherited import InheritedGraphs
from diptych.audit.finding import Finding, Location
from diptych.audit.graph.ops import Op
from diptych.audit.graph.program import ContractNode
from diptych.audit.ranking import Candidate, Judged, Ranker, unjudged
from diptych.audit.risk import finding_risk
from diptych.audit.rules.rule import Rule, Spot
from diptych.audit.source.load import LoadedProgram

__all__ = ["ContractScan", "location_of"]


_MOST_CALLS = 4
_GRAVE = frozenset({"high", "medium"})
_FREE_OPS = 50_000
_OPS_PER_BYTE = 2
_MOST_OPS = 300_000  # of one contract: all of its graphs live at once, some 600 bytes an op


@dataclass(frozen=True)
class ContractScan:
    """What every contract of a scan needs.

    Attributes:
        loaded: the program.
        rules: what to look for.
        ranker: judges what rules match, if given.
        scanned: paths to report on.
        covered: functions that some graph holds already, by identity; grows.
    """

    loaded: LoadedProgram
    rules: Sequence[Rule]
    ranker: Ranker | None
    scanned: frozenset[str]
    covered: set[int] = field(default_factory=set)
    spent: list[int] = field(default_factory=lambda: [0])
    inherited: InheritedGraphs = field(default_factory=InheritedGraphs)

    @cached_property
    def budget(self) -> int:
        """How many ops may be built: five times what the densest code seen needs.

        Contracts that derive from each other without end would else be built again and again.
        """
        size = sum(len(self.loaded.texts[path].data) for path in self.scanned)
        return _FREE_OPS + _OPS_PER_BYTE * size

    @property
    def is_spent(self) -> bool:
        """Whether only code that no graph holds yet is still built."""
        return self.spent[0] > self.budget

    def run(self, contract: ContractNode, *, is_base: bool, reasons: list[str]) -> list[Finding]:
        """Scan one contract.

        Args:
            contract: which.
            is_base: others that were scanned before derive from it.
            reasons: takes why the analysis is partial.
        """
        graph = self._graph(contract, is_base=is_base, reasons=reasons, shelf=self.inherited)
        if graph is None:
            return []
        found = [self._finding(*each) for each in self._judged(graph, reasons)]
        self.inherited.take(graph)
        return found

    def pass_by(self, contract: ContractNode, *, is_base: bool) -> None:
        """Build one contract that another process scans; what comes next depends on it."""
        graph = self._graph(contract, is_base=is_base, reasons=[], shelf=self.inherited)
        if graph is not None:
            self.inherited.take(graph)

    def judged(
        self, contract: ContractNode, *, is_base: bool, reasons: list[str]
    ) -> Iterator[tuple[Exposures, Judged]]:
        """Yield what is to be reported of one contract; arguments as of `run`."""
        graph = self._graph(contract, is_base=is_base, reasons=reasons)
        if graph is not None:
            yield from self._judged(graph, reasons)

    def _graph(
        self,
        contract: ContractNode,
        *,
        is_base: bool,
        reasons: list[str],
        shelf: InheritedGraphs | None = None,
    ) -> ContractGraph | None:
        name = contract.tree.name
        try:
            again = not is_base and not self.is_spent
            room = min(self.budget - self.spent[0], _MOST_OPS)
            graph = build_contract(contract, self.covered, again=again, room=room, shelf=shelf)
        except Exception as error:  # a fault of ours must not end the scan
            reasons.append(f"contract {name}: {type(error).__name__} in the graph")
            return None
        self.spent[0] += sum(view.graph.work for view in graph.functions)
        if self.is_spent:
            reasons.append(f"contract {name}: too much inherited code to follow all of it")
        if any(view.graph.truncated for view in graph.functions):
            reasons.append(f"contract {name}: too large to follow every call")
        reasons += [f"the source of '{missing}' is not there" for missing in contract.missing]
        return graph

    def _judged(
        self, graph: ContractGraph, reasons: list[str]
    ) -> Iterator[tuple[Exposures, Judged]]:
        exposures = Exposures(graph)
        told: set[tuple[str, int, int, str]] = set()
        for judged in self._judge(graph, self._candidates(graph, reasons), reasons):
            if judged.match.op.frame.owner.unit.path in self.scanned:
                yield exposures, judged
                continue
            called = self._called(judged)
            if called is None:
                continue
            place = called.match.op
            key = (judged.rule.id, place.start, place.end, place.frame.owner.unit.path)
            if key not in told:
                told.add(key)
                yield exposures, called

    def _called(self, judged: Judged) -> Judged | None:
        """Return what was found in imported code at the scanned code's call of it.

        Without such a call, and where it is not grave, it is for the authors of that code.
        """
        match = judged.match
        if (match.severity or judged.rule.severity) not in _GRAVE:
            return None
        for frame in match.op.frame.stack():
            caller = frame.caller
            if caller is not None and caller.owner.unit.path in self.scanned:
                moved = match._replace(op=Spot(caller, *frame.call), related=(match.op,))
                return judged._replace(match=moved)
        return None

    def _candidates(self, graph: ContractGraph, reasons: list[str]) -> list[Candidate]:
        found: list[Candidate] = []
        for rule in self.rules:
            try:
                found += [Candidate(rule.info, match) for match in rule.check(graph)]
            except Exception as error:  # a third party's rule must not end the scan
                reasons.append(f"rule {rule.info.id}: {type(error).__name__}: {error}")
        return found

    def _judge(
        self, graph: ContractGraph, candidates: list[Candidate], reasons: list[str]
    ) -> Sequence[Judged]:
        is_source = graph.node.unit.tree.language != "evm"  # the network has seen no bytecode
        if self.ranker is None or not is_source:
            return unjudged(candidates)
        try:
            return self.ranker.judge(graph, candidates)
        except Exception as error:  # without the judge, what rules matched still counts
            reasons.append(f"judge: {type(error).__name__}: {error}")
            return unjudged(candidates)

    def _finding(self, exposures: Exposures, judged: Judged) -> Finding:
        rule, match = judged.rule, judged.match
        severity = match.severity or rule.severity
        exposure = exposures.of(match.op)
        place = location_of(self.loaded, match.op)
        related = [location_of(self.loaded, op) for op in match.related]
        for spot in _way_to(match.op):
            passed = location_of(self.loaded, spot)
            if passed != place and passed not in related:
                related.append(passed)
        return Finding(
            rule,
            severity,
            match.message,
            place,
            tuple(related),
            probability=judged.probability,
            spoke=judged.spoke,
            evidence=tuple(location_of(self.loaded, op) for op in judged.evidence),
            exposure=exposure,
            risk=finding_risk(severity, rule.category, judged.probability, exposure),
        )


def _way_to(op: Op | Spot) -> Iterator[Spot]:
    """Yield the calls that lead into the function that an op stands in, the nearest first."""
    for frame in islice(op.frame.stack(), _MOST_CALLS):
        if frame.caller is not None and frame.call != (0, 0):
            yield Spot(frame.caller, *frame.call)


def location_of(loaded: LoadedProgram, op: Op | Spot) -> Location:
    """Return where an op stands in its file."""
    unit = op.frame.owner.unit
    text = loaded.texts[unit.path]
    line, column = text.position(op.start - unit.tree.shift)
    end_line, end_column = text.position(op.end - unit.tree.shift)
    function = op.frame.function
    name = "" if function is None else function.name or function.kind
    contract = op.frame.owner.tree.name
    return Location(unit.path, line, column, end_line, end_column, contract, name)
