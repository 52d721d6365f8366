"""Replays a fix: calls agree wherever the fault is not exercised."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from diptych.audit.fixes.check import code_of
from diptych.audit.fixes.errors import Withheld
from diptych.audit.fixes.site import Site
from diptych.audit.fixes.template import MARK, Proposal
from diptych.audit.fixes.walk import inside
from diptych.audit.replay.compare import Subject, Verdict, replay
from diptych.audit.replay.node import Outcome, ReplayNode
from diptych.audit.replay.plan import Call, make_plan
from diptych.audit.replay.values import Pool
from diptych.audit.syntax.tree import Number
from diptych.core.errors import LedgerError
from diptych_verify.errors import JsonValue

__all__ = ["Effort", "Proof", "prove"]

_MARK: Final = MARK.to_bytes(32, "big")
_OVERFLOW_PANIC: Final = bytes.fromhex("4e487b71") + (0x11).to_bytes(32, "big")
_ZERO = "0x" + "00" * 20
_MAX_NUMBERS = 24


@dataclass(frozen=True)
class Effort:
    """How much is replayed: sequences of calls, and the seed of the values in them."""

    sequences: int = 20
    seed: int = 1


_USUAL = Effort()


@dataclass(frozen=True)
class Proof:
    """What the replay showed.

    Attributes:
        contracts: that were replayed.
        calls: on which both versions agreed.
        succeeded: of them, those that did not revert.
        stopped: sequences that ended at a call which exercises the fault.
    """

    contracts: tuple[str, ...]
    calls: int
    succeeded: int
    stopped: int

    def to_json(self) -> dict[str, JsonValue]:
        """Return the proof as plain data."""
        return {
            "contracts": [*self.contracts],
            "calls": self.calls,
            "succeeded": self.succeeded,
            "stopped": self.stopped,
        }


class _Excuse:
    """Tells calls that exercise the fault from others, and counts them."""

    def __init__(self, proposal: Proposal, *, panics: bool) -> None:
        self.proposal = proposal
        self.panics = panics
        self.stopped: Counter[str] = Counter()
        self.through: Counter[str] = Counter()

    def __call__(self, call: Call, before: Outcome, after: Outcome) -> bool:
        name = call.function.partition("(")[0]
        excused = self._covers(name, before, after)
        if excused:
            self.stopped[call.function] += 1
            self.through[call.function] += after.succeeded
        return excused

    def _covers(self, name: str, before: Outcome, after: Outcome) -> bool:
        if before.succeeded and not after.succeeded:
            if after.output == _MARK or (self.panics and after.output == _OVERFLOW_PANIC):
                return True
            return name in self.proposal.gated | self.proposal.rewritten
        if after.succeeded and not before.succeeded:
            if name in self.proposal.loosened:
                return True
            return name in self.proposal.relaxed and before.inner_failure
        return name in self.proposal.rewritten and before.succeeded


def prove(
    node: ReplayNode,
    pairs: Sequence[tuple[Subject, Subject]],
    proposal: Proposal,
    site: Site,
    *,
    panics: bool = False,
    effort: Effort = _USUAL,
) -> Proof:
    """Replay every contract whose code a fix changes.

    Args:
        node: where.
        pairs: each contract before and after, the latter with marks.
        proposal: the fix.
        site: where it was made; its function is called more often, with the numbers in it.
        panics: whether a new arithmetic panic is the very point of the fix.
        effort: how many calls.

    Raises:
        Withheld: nothing can be replayed, something differs, or no call gets through any more.
    """
    if proposal.inert:
        return _same_code(pairs, site)
    if not pairs:
        raise Withheld("no contract that can be deployed holds the changed code")
    if all(before.contract.creation == after.contract.creation for before, after in pairs):
        return Proof(tuple(before.contract.name for before, _ in pairs), 0, 0, 0)
    function = site.function
    focus = (function.name or function.kind,) if function is not None else ()
    verdicts: list[Verdict] = []
    for before, after in pairs:
        pool = Pool((*node.senders, *node.callees, node.first_address, _ZERO), _numbers(site))
        plan = make_plan(
            before.contract, pool, seed=effort.seed, sequences=effort.sequences, focus=focus
        )
        excuse = _Excuse(proposal, panics=panics)
        try:
            verdict = replay(node, before, after, plan, excuse=excuse)
        except LedgerError as error:
            raise Withheld(f"the node refuses {before.contract.name}: {error.message}") from error
        _require_agreement(before.contract.name, verdict)
        _require_use(verdict, excuse)
        verdicts.append(verdict)
    return Proof(
        tuple(before.contract.name for before, _ in pairs),
        calls=sum(each.calls for each in verdicts),
        succeeded=sum(each.succeeded for each in verdicts),
        stopped=sum(each.excused for each in verdicts),
    )


def _same_code(pairs: Sequence[tuple[Subject, Subject]], site: Site) -> Proof:
    """Demand that the compiler makes the same code of both."""
    for before, after in pairs:
        if code_of(before.contract) != code_of(after.contract):
            raise Withheld(f"the code of {before.contract.name} would change")
    return Proof((site.contract.tree.name,), 0, 0, 0)


def _require_agreement(name: str, verdict: Verdict) -> None:
    if verdict.differences:
        first = verdict.differences[0]
        raise Withheld(f"{name} does something else on a node: {first.function}: {first.what}")
    if not verdict.deployed:
        raise Withheld(f"{name} could not be deployed with any constructor arguments tried")
    if not verdict.calls and not verdict.excused:
        raise Withheld(f"{name} has no function to replay")


def _require_use(verdict: Verdict, excuse: _Excuse) -> None:
    """Refuse a fix after which a function never gets through, though it did before."""
    if excuse.proposal.exact:
        return
    loose = excuse.proposal.relaxed | excuse.proposal.loosened | excuse.proposal.rewritten
    for function, stopped in excuse.stopped.items():
        name = function.partition("(")[0]
        if name in loose and excuse.through[function]:
            continue
        use = verdict.gas.get(function)
        if stopped and (use is None or not use.calls):
            raise Withheld(f"{function} would not get through any more in any call that was tried")


def _numbers(site: Site) -> tuple[int, ...]:
    found = dict.fromkeys(
        each.value
        for each in inside(site.contract.tree)
        if isinstance(each, Number) and each.value is not None and each.value >= 0
    )
    return tuple(found)[:_MAX_NUMBERS]
