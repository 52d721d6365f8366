"""Where a learned judge comes in: between what rules matched and what a scan reports."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Spot

__all__ = ["Candidate", "Judged", "Ranker", "unjudged"]


class Candidate(NamedTuple):
    """What one rule matched."""

    rule: RuleInfo
    match: Match


class Judged(NamedTuple):
    """A candidate, or a judge's own proposal, as it is to be reported.

    `probability` is calibrated, from 0 to 1, None where nothing was said; `spoke` names who spoke
    (`rule`, `network`); `evidence` are the ops that carried the judgement, weightiest first.
    """

    rule: RuleInfo
    match: Match
    probability: float | None = None
    spoke: tuple[str, ...] = ("rule",)
    evidence: tuple[Op | Spot, ...] = ()


class Ranker(Protocol):
    """Judges what rules matched in one contract."""

    @property
    def digest(self) -> str:
        """What changes whenever the judgements may: a digest of model and features."""

    def judge(self, contract: ContractGraph, candidates: Sequence[Candidate]) -> Sequence[Judged]:
        """Return what to report: candidates with a probability, without some, with others.

        Args:
            contract: the contract's graphs, which the candidates' ops belong to.
            candidates: what rules matched, in the order of the rules; may be empty.
        """


def unjudged(candidates: Sequence[Candidate]) -> list[Judged]:
    """Return candidates as they are, judged by nobody."""
    return [Judged(each.rule, each.match) for each in candidates]
