"""Gas before and after, measured on a node while both versions are compared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from diptych.audit.compile.layout import Layout
from diptych.audit.fixes.check import Build, compare_builds
from diptych.audit.fixes.errors import Withheld
from diptych.audit.fixes.upgrades import is_upgradeable
from diptych.audit.fixes.walk import inside
from diptych.audit.graph.program import ContractNode
from diptych.audit.replay.compare import GasUse, Subject, Verdict, replay
from diptych.audit.replay.node import ReplayNode
from diptych.audit.replay.plan import make_plan
from diptych.audit.replay.values import Pool
from diptych.audit.syntax.tree import Number
from diptych.core.errors import LedgerError
from diptych_verify.errors import JsonValue

__all__ = ["CONSTRUCTOR", "Effort", "Measured", "changed_subjects", "measured"]

CONSTRUCTOR = "constructor"
_ZERO = "0x" + "00" * 20
_MAX_NUMBERS = 24


@dataclass(frozen=True)
class Effort:
    """How much is replayed: sequences of calls, and the seeds of the values in them."""

    sequences: int = 10
    seeds: tuple[int, ...] = (1, 2)


@dataclass
class Measured:
    """Gas of both versions, over all calls that got through and agreed.

    Attributes:
        calls: compared.
        functions: gas by (contract, signature); deployments stand under `constructor`.
    """

    calls: int = 0
    functions: dict[tuple[str, str], GasUse] = field(default_factory=dict)

    def add(self, contract: str, verdict: Verdict) -> None:
        """Count what a replay measured."""
        self.join(
            Measured(verdict.calls, {(contract, name): use for name, use in verdict.gas.items()})
        )

    def join(self, other: "Measured") -> None:
        """Count what was measured elsewhere too."""
        self.calls += other.calls
        for key, use in other.functions.items():
            total = self.functions.setdefault(key, GasUse())
            total.calls += use.calls
            total.before += use.before
            total.after += use.after

    @property
    def deployment(self) -> tuple[float, float]:
        """Gas of a deployment before and after, summed over the contracts."""
        return _sums(use for (_, name), use in self.functions.items() if name == CONSTRUCTOR)

    @property
    def runtime(self) -> tuple[float, float]:
        """Gas before and after of one mean call to each function, summed."""
        return _sums(use for (_, name), use in self.functions.items() if name != CONSTRUCTOR)

    @property
    def deployments(self) -> int:
        """How many deployments were measured."""
        return sum(use.calls for (_, name), use in self.functions.items() if name == CONSTRUCTOR)

    @property
    def changed(self) -> "Measured":
        """Return the part that is about deployments and functions whose gas changed."""
        kept = {
            key: use
            for key, use in self.functions.items()
            if key[1] == CONSTRUCTOR or use.before != use.after
        }
        return Measured(_calls(kept), kept)

    def of(self, contract: str) -> "Measured":
        """Return the part that is about one contract."""
        mine = {key: use for key, use in self.functions.items() if key[0] == contract}
        return Measured(_calls(mine), mine)

    def saved(self, runs: int) -> float:
        """Return what a deployment and so many calls to each function cost less."""
        built, called = self.deployment, self.runtime
        return built[0] - built[1] + runs * (called[0] - called[1])

    def to_json(self) -> dict[str, JsonValue]:
        """Return the measurement as plain data, gas per call."""
        return {
            "calls": self.calls,
            "functions": [
                {
                    "contract": contract,
                    "function": name,
                    "calls": use.calls,
                    "gas_before": round(use.before / use.calls, 1),
                    "gas_after": round(use.after / use.calls, 1),
                }
                for (contract, name), use in sorted(self.functions.items())
            ],
        }


def _calls(functions: Mapping[tuple[str, str], GasUse]) -> int:
    return sum(use.calls for (_, name), use in functions.items() if name != CONSTRUCTOR)


def _sums(uses: Iterable[GasUse]) -> tuple[float, float]:
    known = [use for use in uses if use.calls]
    return (
        sum(use.before / use.calls for use in known),
        sum(use.after / use.calls for use in known),
    )


def changed_subjects(
    before: Build, after: Build, contract: str, *, moves_storage: bool
) -> list[tuple[Subject, Subject]]:
    """Return the contracts whose code a rewrite changed.

    Raises:
        Withheld: functions or events changed, or storage did where it must not, or the code is
            the same.
    """
    if moves_storage:
        pairs = compare_builds(before, after, contract, layouts=_may_move)
    else:
        pairs = compare_builds(before, after, contract)
    found = [each for each in pairs if each[0].contract.creation != each[1].contract.creation]
    if not found:
        raise Withheld("the compiler makes the same code of both")
    return found


def _may_move(node: ContractNode, old: Layout | None, new: Layout | None) -> None:
    if old is None or new is None:
        raise Withheld(f"the storage layout of {node.tree.name} cannot be compared")
    if is_upgradeable(node) and old.described() != new.described():
        raise Withheld(f"{node.tree.name} runs behind a proxy, so its storage must not move")


def measured(
    node: ReplayNode,
    pairs: Sequence[tuple[Subject, Subject]],
    effort: Effort,
    *,
    focus: Sequence[str] = (),
    numbers: tuple[int, ...] = (),
) -> Measured:
    """Play generated calls on both versions of each contract.

    Args:
        node: where.
        pairs: each contract before and after.
        effort: how many calls.
        focus: names of functions that are called more often.
        numbers: worth trying as arguments.

    Raises:
        Withheld: something differs, or nothing can be played.
    """
    found = Measured()
    for before, after in pairs:
        pool = Pool((*node.senders, *node.callees, node.first_address, _ZERO), numbers)
        for seed in effort.seeds:
            plan = make_plan(
                before.contract, pool, seed=seed, sequences=effort.sequences, focus=tuple(focus)
            )
            try:
                verdict = replay(node, before, after, plan)
            except LedgerError as error:
                name = before.contract.name
                raise Withheld(f"the node refuses {name}: {error.message}") from error
            _require_agreement(before.contract.name, verdict)
            found.add(before.contract.name, verdict)
    return found


def _require_agreement(name: str, verdict: Verdict) -> None:
    if verdict.differences:
        first = verdict.differences[0]
        raise Withheld(f"{name} does something else on a node: {first.function}: {first.what}")
    if not verdict.deployed:
        raise Withheld(f"{name} could not be deployed with any constructor arguments tried")


def numbers_in(contract: ContractNode) -> tuple[int, ...]:
    """Return the numbers that a contract's source names."""
    found = dict.fromkeys(
        each.value
        for each in inside(contract.tree)
        if isinstance(each, Number) and each.value is not None and each.value >= 0
    )
    return tuple(found)[:_MAX_NUMBERS]
