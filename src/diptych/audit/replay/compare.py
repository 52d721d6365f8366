"""Plays one plan on two contracts and compares success, data, events, storage and balances."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from diptych.audit.compile.artefact import CompiledContract
from diptych.audit.compile.layout import Layout
from diptych.audit.replay.node import Account, Outcome, ReplayNode
from diptych.audit.replay.plan import Call, CallSequence, Plan
from diptych.audit.replay.storage import named_storage

__all__ = ["Difference", "Excuse", "GasUse", "Subject", "Verdict", "replay"]

Excuse: TypeAlias = Callable[[Call, Outcome, Outcome], bool]
"""Whether a call exercises the fault, by what it did before and after the change."""

_MAX_DIFFERENCES = 5
_MAX_REMOVED = 4


@dataclass(frozen=True)
class Subject:
    """One side.

    Attributes:
        contract: complete code, see `diptych.audit.compile.linking`.
        layout: its storage layout; None: storage is compared slot by slot.
        libraries: runtime code in hex that must stand at addresses.
    """

    contract: CompiledContract
    layout: Layout | None
    libraries: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    """One thing that the two contracts do differently."""

    sequence: int
    step: int
    function: str
    what: str


@dataclass
class GasUse:
    """Gas of the calls to one function on which both agreed and succeeded."""

    calls: int = 0
    before: int = 0
    after: int = 0


@dataclass
class Verdict:
    """What a replay showed.

    Attributes:
        deployed: whether some constructor arguments work, for both or for neither.
        calls: compared.
        succeeded: of them, those that did not revert.
        excused: calls left out because they exercise the fault.
        differences: what differs otherwise; the first few.
        gas: by function, and `constructor`.
    """

    deployed: bool = False
    calls: int = 0
    succeeded: int = 0
    excused: int = 0
    differences: list[Difference] = field(default_factory=list)
    gas: dict[str, GasUse] = field(default_factory=dict)

    @property
    def agrees(self) -> bool:
        """Whether the two agree on everything that was compared."""
        return self.deployed and self.calls > 0 and not self.differences


def replay(
    node: ReplayNode,
    original: Subject,
    changed: Subject,
    plan: Plan,
    *,
    excuse: Excuse | None = None,
) -> Verdict:
    """Play a plan on two versions of a contract.

    Revert data is compared by condition only: both revert, whatever the reason. At a call that
    the excuse covers, the sequence is played again without it, and without the rest after a few.

    Args:
        node: where.
        original: the contract as it is.
        changed: what it became.
        plan: what to try.
        excuse: which differences are the very point of the change; none if not given.
    """
    run = _Run(node, (original, changed), plan)
    node.install({**original.libraries, **changed.libraries})
    creation = run.deployment()
    if creation is None:
        return run.verdict
    for at, sequence in enumerate(plan.sequences):
        if len(run.verdict.differences) >= _MAX_DIFFERENCES:
            break
        run.sequence(at, sequence, creation, excuse)
    return run.verdict


class _Run:
    def __init__(self, node: ReplayNode, sides: tuple[Subject, Subject], plan: Plan) -> None:
        self.node = node
        self.sides = sides
        self.plan = plan
        self.verdict = Verdict()

    def deployment(self) -> tuple[bytes, int] | None:
        """Find constructor arguments that the original takes; the changed one must agree."""
        for data, value in self.plan.deployments:
            before, after = (self._deployed(side, (data, value)) for side in self.sides)
            if before.succeeded != after.succeeded:
                self._differs((0, 0, "constructor"), "only one of the two can be deployed")
                return None
            if before.succeeded:
                self.verdict.deployed = True
                self._gas("constructor", before, after)
                return data, value
        return None

    def _deployed(self, side: Subject, creation: tuple[bytes, int]) -> Outcome:
        self.node.restart()
        code = bytes.fromhex(side.contract.creation)
        return self.node.deploy(code + creation[0], creation[1])

    def sequence(
        self,
        at: int,
        sequence: CallSequence,
        creation: tuple[bytes, int],
        excuse: Excuse | None,
    ) -> None:
        calls = list(sequence.calls)
        for removed in range(_MAX_REMOVED + 1):
            outcomes = [self._played(side, sequence, calls, creation) for side in self.sides]
            steps = zip(calls, outcomes[0][0], outcomes[1][0], strict=True)
            stop = _first(steps, excuse)
            if stop is None:
                break
            # Without that call and others like it, or at last without all that follows it, both
            # must agree.
            self.verdict.excused += 1
            found = calls[stop]
            rest = calls[stop + 1 :] if removed < _MAX_REMOVED - 1 else []
            calls = calls[:stop] + [each for each in rest if not _alike(each, found)]
        self._compare(at, calls, outcomes)

    def _compare(
        self,
        at: int,
        calls: Sequence[Call],
        outcomes: list[tuple[list[Outcome], dict[str, Account], str]],
    ) -> None:
        (first, state, address), (second, new_state, _) = outcomes
        for step, (call, before, after) in enumerate(zip(calls, first, second, strict=True)):
            self.verdict.calls += 1
            if not _same(before, after):
                self._differs((at, step, call.function), _what(before, after))
                return
            if before.succeeded:
                self.verdict.succeeded += 1
                self._gas(call.function, before, after)
        for what in self._states(state, new_state, address):
            self._differs((at, len(calls), "state afterwards"), what)
            return

    def _played(
        self,
        side: Subject,
        sequence: CallSequence,
        calls: Sequence[Call],
        creation: tuple[bytes, int],
    ) -> tuple[list[Outcome], dict[str, Account], str]:
        address = self._deployed(side, creation).created
        if sequence.funds_wei:
            self.node.fund(address, sequence.funds_wei)
        outcomes = self.node.play(address, calls)
        return outcomes, self.node.accounts(), address

    def _states(
        self, before: dict[str, Account], after: dict[str, Account], address: str
    ) -> Iterator[str]:
        nothing = Account(0, {})
        for each in sorted(before.keys() | after.keys()):
            old, new = before.get(each, nothing), after.get(each, nothing)
            if old.balance_wei != new.balance_wei:
                yield f"balance of {each}: {old.balance_wei} became {new.balance_wei}"
            elif each == address:
                yield from self._storage(old.storage, new.storage, address)
            elif _set(old.storage) != _set(new.storage):
                yield f"storage of {each} differs"

    def _storage(
        self, before: dict[int, int], after: dict[int, int], address: str
    ) -> Iterator[str]:
        layouts = [side.layout for side in self.sides]
        if layouts[0] is None or layouts[1] is None:
            if _set(before) != _set(after):
                yield "storage differs"
            return
        own = bytes.fromhex(address[2:]).rjust(32, b"\0")
        keys = (own, *self.plan.keys)
        old = named_storage(layouts[0], before, keys)
        new = named_storage(layouts[1], after, keys)
        # What left storage (for code, as constants do) or came to it is seen by what it does.
        first, second = ({each.name for each in layout.variables} for layout in layouts if layout)
        kept = first & second
        for name in sorted(old.values.keys() | new.values.keys()):
            if _root(name) in kept and old.values.get(name) != new.values.get(name):
                yield f"storage variable {name} differs"
        if old.rest != new.rest:
            yield "storage that no variable names differs"

    def _gas(self, function: str, before: Outcome, after: Outcome) -> None:
        use = self.verdict.gas.setdefault(function, GasUse())
        use.calls += 1
        use.before += before.gas_used
        use.after += after.gas_used

    def _differs(self, where: tuple[int, int, str], what: str) -> None:
        self.verdict.differences.append(Difference(*where, what))


def _first(steps: Iterable[tuple[Call, Outcome, Outcome]], excuse: Excuse | None) -> int | None:
    if excuse is None:
        return None
    return next((step for step, each in enumerate(steps) if excuse(*each)), None)


def _alike(one: Call, other: Call) -> bool:
    return (one.sender, one.function) == (other.sender, other.function)


def _same(before: Outcome, after: Outcome) -> bool:
    if before.succeeded != after.succeeded:
        return False
    return not before.succeeded or (before.output, before.logs) == (after.output, after.logs)


def _what(before: Outcome, after: Outcome) -> str:
    if before.succeeded != after.succeeded:
        return "it reverts only " + ("afterwards" if before.succeeded else "before")
    return "other return data" if before.output != after.output else "other events"


def _set(storage: dict[int, int]) -> dict[int, int]:
    return {slot: value for slot, value in storage.items() if value}


def _root(name: str) -> str:
    return name.split("[", 1)[0].split(".", 1)[0]
