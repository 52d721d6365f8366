"""What another contract answers is thrown away."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="unused-return",
    title="Answer of another contract is not used",
    category="other",
    severity="low",
    swc="SWC-104",
    cwe="CWE-252",
    owasp="",
    description="A call of another contract gives a number or an address, and nothing uses it.",
    scenario="The other contract took or gave less than asked for; the books go on with what was "
    "asked for.",
    fix="Use the answer, or compare it with what was expected.",
    reference="https://cwe.mitre.org/data/definitions/252.html",
)
_TELLING = frozenset({"uint", "int"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield calls that change another contract and whose number nobody looks at."""
    for view in contract.entries:
        for call in view.calls:
            if call.call.kind == "high_level" and not call.users and _tells(call):
                yield Match(call, "what the call returns is not looked at")


def _tells(call: Op) -> bool:
    declaration = call.call.declaration
    if declaration is None or declaration.mutability in ("view", "pure"):
        return False
    return call.type.kind in _TELLING


RULE = Rule(INFO, check)
