"""Judges what rules matched: a probability for each, who spoke, and what carried it."""

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Final

from diptych.audit.analysis.contract import ContractGraph, FunctionView, is_entry
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.learned.model import Network
from diptych.audit.learned.proposals import PROPOSALS
from diptych.audit.learned.table import ProbabilityTable, category_at
from diptych.audit.learned.voices import Voices
from diptych.audit.ranking import Candidate, Judged
from diptych.audit.rules.rule import Match

__all__ = ["LearnedRanker", "shipped_ranker"]

_SHIPPED = "diptych.models.zoo.audit"
_AGREES = 0.0
_GRAVE = frozenset({"high", "medium"})
_READ_ONLY = frozenset({"view", "pure"})
_MODERN = (0, 8, 0)


class LearnedRanker:
    """A network, and a table that turns its word and a rule's record into a probability.

    Args:
        network: the graph network.
        table: made by the same training run.
        digest: of both.
    """

    def __init__(self, network: Network, table: ProbabilityTable, digest: str) -> None:
        self.network: Final = network
        self._table: Final = table
        self._digest: Final = digest

    @property
    def digest(self) -> str:
        """Hex SHA-256 of model and table."""
        return self._digest

    def judge(self, contract: ContractGraph, candidates: Sequence[Candidate]) -> Sequence[Judged]:
        """Return the candidates with probabilities, and what the network alone proposes."""
        matches = [each.match for each in candidates if _asked_of(each) is not None]
        voices = Voices(self.network, contract, matches, self._may_speak)
        judged = [self._judged(each, voices) for each in candidates]
        return [*judged, *self._proposed(candidates, voices)]

    def _may_speak(self, view: FunctionView) -> bool:
        """Whether the network may report a function on its own: one like the planted faults'."""
        function = view.function
        return (
            bool(self._table.propose)
            and function is not None
            and is_entry(function)
            and function.mutability not in _READ_ONLY
            and view.graph.frame.owner.unit.version >= _MODERN
            and bool(view.writes or view.calls)
        )

    def _judged(self, candidate: Candidate, voices: Voices) -> Judged:
        rule, match = candidate
        at = _asked_of(candidate)
        voice = None if at is None else voices.voice(match, at)
        severity = match.severity or rule.severity
        probability = self._table.probability(rule.id, severity, voice)
        match = match._replace(severity=self._severity(severity, probability))
        if at is None or voice is None or voice.logit <= _AGREES:
            return Judged(rule, match, probability)
        answer = voices.answer(match.op)
        evidence = () if answer is None else tuple(answer.carriers(at))
        return Judged(rule, match, probability, ("rule", "network"), evidence)

    def _severity(self, severity: str, probability: float) -> str:
        if probability < self._table.hide:
            return "info"
        if severity in _GRAVE and probability < self._table.demote:
            return "low"
        return severity

    def _proposed(self, candidates: Sequence[Candidate], voices: Voices) -> Iterator[Judged]:
        """Yield what the network says of functions in which no rule names the category."""
        named = {(id(voices.view(each.match.op)), each.rule.category) for each in candidates}
        for view in voices.views:
            if not self._may_speak(view):
                continue
            answer = voices.of(view)
            for category, least in self._table.propose.items():
                at = category_at(category)
                if at is None or answer.logits[at] < least or (id(view), category) in named:
                    continue
                carriers = answer.carriers(at)
                if carriers:
                    yield self._proposal(PROPOSALS[category], carriers)

    def _proposal(self, info: RuleInfo, carriers: list[Op]) -> Judged:
        probability = self._table.share(info.id, info.severity)
        text = f"the function looks like others with a fault of {info.category.replace('_', ' ')}"
        match = Match(carriers[0], text, tuple(carriers[1:]))
        return Judged(info, match, probability, ("network",), tuple(carriers))


def _asked_of(candidate: Candidate) -> int | None:
    """Return the category to ask the network about, if it has one; notes need no judge."""
    rule, match = candidate
    severity = match.severity or rule.severity
    return None if severity == "info" else category_at(rule.category)


@lru_cache(maxsize=1)
def shipped_ranker() -> LearnedRanker:
    """Return the judge that comes with diptych; it is read once a process."""
    folder = files(_SHIPPED)
    model = folder.joinpath("model.onnx").read_bytes()
    table = folder.joinpath("table.json").read_text("utf-8")
    digest = hashlib.sha256(model + table.encode()).hexdigest()
    return LearnedRanker(Network(model), ProbabilityTable.parse(table), digest)
