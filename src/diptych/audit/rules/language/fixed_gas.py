"""Payments that leave the receiver a fixed amount of gas."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="fixed-gas",
    title="Call with a fixed amount of gas",
    category="other",
    severity="info",
    swc="SWC-134",
    cwe="CWE-655",
    owasp="",
    description="`transfer`, `send` or an explicit gas constant limits what the receiver can do.",
    scenario="A change of gas prices, or a receiver that is a proxy or a multi-signature wallet, "
    "makes the payment fail for ever.",
    fix="Use `call` with a check of its result, and write state before it.",
    reference="https://swcregistry.io/docs/SWC-134/",
)
_STIPEND = frozenset({"send", "transfer"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield calls with a stipend or a constant amount of gas."""
    for view in contract.entries:
        for call in view.calls:
            if call.call.kind in _STIPEND or _is_fixed(call):
                yield Match(call, "the receiver gets a fixed amount of gas")


def _is_fixed(call: Op) -> bool:
    gas = call.call.gas
    return call.call.kind == "call" and gas is not None and gas.kind == "const"


RULE = Rule(INFO, check)
