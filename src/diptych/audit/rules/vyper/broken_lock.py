"""A Vyper lock that its compiler makes worthless."""

from collections.abc import Iterator

from diptych.audit.analysis.calls import gives_control
from diptych.audit.analysis.contract import ContractGraph, FunctionView
from diptych.audit.analysis.reentry import writes_after
from diptych.audit.finding import RuleInfo
from diptych.audit.rules.rule import Match, Rule
from diptych.audit.syntax.tree import Text
from diptych.audit.syntax.vyper.locks import BROKEN
from diptych.audit.syntax.vyper.versions import Version, allowed

INFO = RuleInfo(
    id="vyper-broken-lock",
    title="Lock that the compiler makes worthless",
    category="reentrancy",
    severity="high",
    swc="SWC-107",
    cwe="CWE-841",
    owasp="SC05:2025",
    description="Vyper 0.2.15 to 0.3.0 gives each @nonreentrant function a lock of its own, "
    "whatever its key, so another function can be entered meanwhile. Up to 0.3.9 the empty key is "
    "no lock at all.",
    scenario="A function calls out while its lock is held; the callee enters another function of "
    "the same key and acts on state that is half written. Pools were emptied so in July 2023.",
    fix="Compile with Vyper 0.3.1 or later, and give the lock a name.",
    reference="https://github.com/vyperlang/vyper/security/advisories/GHSA-5824-cm3x-3c38",
)
_EMPTY: tuple[Version, Version] = ((0, 2, 9), (0, 3, 9))


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield calls out under a lock that does not hold."""
    tree = contract.node.unit.tree
    versions = allowed(tree.pragmas) if tree.language == "vyper" else None
    if versions is None:
        return
    broken, empty = versions.within(*BROKEN), versions.within(*_EMPTY)
    locked = [view for view in contract.entries if _keys(view)]
    for view in locked if broken or empty else ():
        others = [each for each in locked if each is not view and each.writes]
        call = next((each for each in view.calls if gives_control(each)), None)
        if call is None:
            continue
        if broken and others:
            text = "another function of the same lock can be entered during this call"
            grave = any(any(writes_after(view, each)) for each in view.calls if gives_control(each))
            yield Match(call, text, (), "high" if grave else "low")
        elif empty and b"" in _keys(view):
            yield Match(call, "the lock has no name, and this compiler makes none of it")


def _keys(view: FunctionView) -> list[bytes]:
    """Return the keys of a function's lock."""
    modifiers = () if view.function is None else view.function.modifiers
    arguments = (each.arguments[0] for each in modifiers if each.arguments)
    return [each.value for each in arguments if isinstance(each, Text)]


RULE = Rule(INFO, check)
