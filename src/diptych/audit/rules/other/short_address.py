"""Call data that is too short shifts the amount of a transfer."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.syntax import header
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="short-address",
    title="Transfer takes call data of any length",
    category="short_addresses",
    severity="low",
    swc="",
    cwe="CWE-20",
    owasp="",
    description="Before Solidity 0.5 missing call data reads as zero. A function that credits an "
    "address argument with a number that follows it does not check `msg.data.length`.",
    scenario="An exchange that pads nothing is given an address without its last zero byte: the "
    "amount moves up by eight bits, and 256 times as much is sent.",
    fix="Compile with Solidity 0.5 or later, or require the length that the arguments need.",
    reference="https://dasp.co/#item-9",
)
_CHECKED = (0, 5, 0)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield transfers of old compilers that do not look at the length of their call data."""
    unit = contract.node.unit
    if unit.tree.language != "solidity" or not unit.tree.pragmas or unit.version >= _CHECKED:
        return
    for view in contract.entries:
        function = view.function
        if function is None or len(view.graph.parameters) < 2 or _looks_at_length(view):
            continue
        if any(_credits(view, write) for write in view.writes):
            text = "short call data is padded: the amount after the address can be shifted up"
            yield Match(header(view.graph.frame.owner, function), text)


def _looks_at_length(view: FunctionView) -> bool:
    names = ("msg.data", "calldatasize")
    return any(op.kind == "env" and op.attribute in names for op in view.ops)


def _credits(view: FunctionView, write: Op) -> bool:
    """Whether what is stored for an address argument grows by a number argument after it."""
    if write.kind != "store" or write.operands[0].kind != "element":
        return False
    keys = write.operands[0].operands[1:]
    if not keys or keys[0] not in view.graph.parameters or keys[0].type.kind != "address":
        return False
    after = view.graph.parameters[view.graph.parameters.index(keys[0]) + 1 :]
    numbers = {id(each) for each in after if each.type.kind == "uint"}
    value = write.operands[-1]
    return (
        value.kind in ("binary", "phi", "call")
        and not (value.kind == "binary" and value.attribute == "-")
        and any(id(each) in numbers for each in sources(value))
    )


RULE = Rule(INFO, check)
