"""The chain's id is kept from the day of deployment."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, sources
from diptych.audit.analysis.signatures import digest_sources, recoveries
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="cached-domain-separator",
    title="Domain separator does not follow the chain's id",
    category="access_control",
    severity="info",
    swc="SWC-121",
    cwe="CWE-294",
    owasp="SC01:2025",
    description="The domain separator is computed once, at creation, and signatures are judged by "
    "it for ever, whatever the chain's id is later.",
    scenario="The chain splits and one side takes a new id: both sides accept the same signatures, "
    "and an order signed on one is carried out on the other.",
    fix="Keep the id next to the separator and compute the separator anew where block.chainid "
    "differs.",
    reference="https://eips.ethereum.org/EIPS/eip-2612#security-considerations",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield separators from the constructor that are used without a look at the chain's id."""
    for maker in contract.functions:
        if not maker.is_constructor:
            continue
        for store in maker.ops:
            if store.kind == "store" and _is_separator(store):
                used = next(_trusting(contract, store), None)
                if used is not None:
                    text = "computed once; after a split of the chain it is wrong on one side"
                    yield Match(store, text, (used,))


def _is_separator(store: Op) -> bool:
    if store.place.where not in ("storage", "immutable") or store.place.variable is None:
        return False
    value = store.operands[-1]
    return value.type.kind == "fixed_bytes" and any(_is_id(each) for each in sources(value))


def _is_id(op: Op) -> bool:
    return op.kind in ("env", "assembly") and op.attribute in ("block.chainid", "chainid")


def _trusting(contract: ContractGraph, store: Op) -> Iterator[Op]:
    for view in contract.entries:
        for recovery in recoveries(view):
            loads = (each for each in digest_sources(view, recovery) if each.kind == "load")
            kept = any(load.place.variable is store.place.variable for load in loads)
            if kept and not any(_is_id(op) for op in view.ops):
                yield recovery.op


RULE = Rule(INFO, check)
