"""What a template is: a way to repair one class of fault, written twice.

Once as a person would write it, and once as a probe: there every check that the fix adds reverts
with a mark of ours, so that a replay can tell a call that the new check stops from a call that
breaks for another reason.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.site import Site

__all__ = ["MARK", "Proposal", "Template", "Writer"]

MARK: Final = 0x6469707479636866697865736D61726B
_REASONS_FROM = (0, 4, 22)
_TUPLES_FROM = (0, 5, 0)
_OPTIONS_FROM = (0, 6, 2)


@dataclass(frozen=True)
class Writer:
    """Writes Solidity for the versions that a file's pragma allows.

    Attributes:
        oldest: lowest version that the pragma names.
        version: of the compiler.
        probe: whether checks carry our mark.
    """

    oldest: tuple[int, int, int]
    version: tuple[int, int, int]
    probe: bool = False

    def check(self, condition: str, reason: str) -> str:
        """Return a statement that reverts unless a condition holds."""
        if self.probe:
            mark = f"mstore(0, {MARK:#x}) revert(0, 32)"
            return f"if (!({condition})) {{ assembly {{ {mark} }} }}"
        if self.oldest >= _REASONS_FROM:
            return f'require({condition}, "{reason}");'
        return f"require({condition});"

    def pay_caller(self, amount: str, name: str) -> str:
        """Return statements that pay the caller or revert; `name` is free for a variable."""
        reason = "not paid"
        if self.version >= _OPTIONS_FROM:
            made = f'(bool {name}, ) = msg.sender.call{{value: {amount}}}("");'
        elif self.version >= _TUPLES_FROM:
            made = f'(bool {name}, ) = msg.sender.call.value({amount})("");'
        else:
            return self.check(f"msg.sender.call.value({amount})()", reason)
        return f"{made}\n    {self.check(name, reason)}"


@dataclass(frozen=True)
class Proposal:
    """One way to repair a finding.

    Attributes:
        edits: as it is shown.
        probe: the same with marks.
        gated: names of functions that some callers may not enter any more.
        relaxed: names of functions that may go through where a call in them failed before.
        rewritten: names of functions whose every success exercises the fault.
        loosened: names of functions that may go through where they failed before.
        exact: whether its checks stop nothing but the fault, by what they say.
        inert: whether no code may change.
    """

    edits: tuple[Edit, ...]
    probe: tuple[Edit, ...]
    gated: frozenset[str] = frozenset()
    relaxed: frozenset[str] = frozenset()
    rewritten: frozenset[str] = frozenset()
    loosened: frozenset[str] = frozenset()
    exact: bool = False
    inert: bool = False


@dataclass(frozen=True)
class Template:
    """A way to repair faults.

    Attributes:
        name: what it does, in a few words.
        swc: entries of the SWC registry that it is for.
        rules: ids of rules that it is for besides.
        write: edits for a site, or none; called with and without probe.
        gated: as in `Proposal`, for the function that holds the finding; so are the others.
        panics: whether a new arithmetic panic is the very point.
    """

    name: str
    swc: frozenset[str]
    rules: frozenset[str]
    write: Callable[[Site, Writer], list[Edit]]
    gated: bool = False
    relaxed: bool = False
    rewritten: bool = False
    loosened: bool = False
    exact: bool = False
    inert: bool = False
    panics: bool = field(default=False)

    def fits(self, site: Site) -> bool:
        """Whether it is for a finding's class."""
        rule = site.finding.rule
        return rule.id in self.rules or (bool(rule.swc) and rule.swc in self.swc)

    def proposals(self, site: Site) -> Iterator[Proposal]:
        """Yield the repair, if it can be written."""
        oldest = min(site.contract.unit.version, site.version)
        edits = self.write(site, Writer(oldest, site.version))
        if not edits:
            return
        probe = self.write(site, Writer(oldest, site.version, probe=True))
        function = site.function
        entered = frozenset({function.name or function.kind} if function is not None else ())
        yield Proposal(
            tuple(edits),
            tuple(probe),
            gated=entered if self.gated else frozenset(),
            relaxed=entered if self.relaxed else frozenset(),
            rewritten=entered if self.rewritten else frozenset(),
            loosened=entered if self.loosened else frozenset(),
            exact=self.exact,
            inert=self.inert,
        )
