"""A base that is never initialised."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.analysis.initialisers import initialisers
from diptych.audit.analysis.syntax import header
from diptych.audit.finding import RuleInfo
from diptych.audit.rules.rule import Match, Rule
from diptych.audit.syntax.unit import Function

INFO = RuleInfo(
    id="skipped-base-initialiser",
    title="Initialiser leaves a base uninitialised",
    category="other",
    severity="low",
    swc="",
    cwe="CWE-665",
    owasp="",
    description="A base has initialising functions (`onlyInitializing`) that write state, and the "
    "contract's initialiser calls none of them.",
    scenario="The owner, the guard or the name that the base keeps stays zero: functions of the "
    "base are open to nobody, or to everybody.",
    fix="Call each base's initialising function once, in the order of inheritance.",
    reference="https://docs.openzeppelin.com/upgrades-plugins/writing-upgradeable#initializers",
)
_INSIDE = "onlyInitializing"  # OpenZeppelin's Initializable


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield initialisers that pass over a base."""
    if contract.node.tree.kind != "contract":
        return
    views = list(initialisers(contract))
    if not views or views[0].function is None:
        return
    run = {id(op.frame.function) for view in views for op in view.ops}
    run |= {id(frame.function) for view in views for op in view.ops for frame in op.frame.stack()}
    for base in contract.node.ancestry[1:]:
        parts = [f for f in base.tree.functions if _initialises(f)]
        if parts and not any(id(part) in run for part in parts):
            text = f"nothing here initialises '{base.tree.name}'"
            yield Match(header(views[0].graph.frame.owner, views[0].function), text)


def _initialises(function: Function) -> bool:
    named = any(each.name == _INSIDE for each in function.modifiers)
    return named and function.body is not None and bool(function.body.statements)


RULE = Rule(INFO, check)
