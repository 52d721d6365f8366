"""What a rule is: facts about it, and a function from a contract's graphs to matches."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op

__all__ = ["Match", "Rule"]


class Match(NamedTuple):
    """One place where a rule speaks: the op at fault, why, and ops that belong to it.

    `severity` is empty where it is the rule's own.
    """

    op: Op
    message: str
    related: tuple[Op, ...] = ()
    severity: str = ""


@dataclass(frozen=True)
class Rule:
    """A rule that runs on every contract of a scan; see docs/packages/audit.md to write one."""

    info: RuleInfo
    check: Callable[[ContractGraph], Iterator[Match]]
