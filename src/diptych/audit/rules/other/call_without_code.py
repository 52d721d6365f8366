"""A call succeeds where there is no contract."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="call-without-code",
    title="Low-level call of an address that may have no code",
    category="unchecked_low_level_calls",
    severity="low",
    swc="SWC-104",
    cwe="CWE-754",
    owasp="SC06:2025",
    description="A function of a contract that an argument names is called by `call`, "
    "`delegatecall` or `staticcall`, its success is trusted, and nothing asks whether there is "
    "code.",
    scenario="The token was destroyed or never existed at that address: the call succeeds, and "
    "the deposit is booked.",
    fix="Require `target.code.length > 0`, or use a high-level call.",
    reference="https://docs.soliditylang.org/en/latest/units-and-global-variables.html"
    "#members-of-address-types",
)
_KINDS = frozenset({"call", "delegatecall", "staticcall"})
_ENCODERS = frozenset({"abi.encodeWithSelector", "abi.encodeWithSignature", "abi.encodeCall"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield calls by selector to unchecked addresses whose success books something."""
    for view in contract.entries:
        if not view.writes or _asks_for_code(view):
            continue
        for call in view.calls:
            if call.call.kind in _KINDS and _is_selected(call) and _is_chosen(call):
                yield Match(call, "this succeeds where there is no contract")


def _is_selected(call: Op) -> bool:
    found = (each for argument in call.call.arguments[:1] for each in sources(argument))
    return any(each.kind == "builtin" and each.attribute in _ENCODERS for each in found)


def _is_chosen(call: Op) -> bool:
    target = call.call.target
    return target is not None and any(each.kind == "param" for each in sources(target))


def _asks_for_code(view: FunctionView) -> bool:
    return any(
        (op.kind == "account" and op.attribute in ("code", "codehash"))
        or (op.kind == "assembly" and op.attribute in ("extcodesize", "extcodehash"))
        for op in view.ops
    )


RULE = Rule(INFO, check)
