"""A callback that believes whoever calls it."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_caller
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.initialisers import is_unseen, may_be_checked
from diptych.audit.analysis.reach import anybody_reaches
from diptych.audit.analysis.syntax import header
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="open-callback",
    title="Callback does not check who calls",
    category="access_control",
    severity="high",
    swc="",
    cwe="CWE-346",
    owasp="SC01:2025",
    description="A callback of a standard interface (swap, loan, message, hook) moves tokens, "
    "calls out or writes state without a condition on the caller; or it checks the lender but not "
    "who asked for the loan (then it is low).",
    scenario="The attacker calls the callback himself with data of his choice: the contract pays "
    "him tokens as if a swap or a loan had taken place.",
    fix="Require that the caller is the pool or lender, computed or stored, and that the initiator "
    "is the contract itself.",
    reference="https://eips.ethereum.org/EIPS/eip-3156",
)
# Names that the interfaces of pools and lenders fix, with the place of the initiator if there is.
_CALLBACKS = {
    "uniswapV2Call": 0,
    "pancakeCall": 0,
    "uniswapV3SwapCallback": None,
    "uniswapV3FlashCallback": None,
    "uniswapV3MintCallback": None,
    "pancakeV3SwapCallback": None,
    "algebraSwapCallback": None,
    "unlockCallback": None,
    "lockAcquired": None,
    "onFlashLoan": 0,
    "executeOperation": 3,
    "receiveFlashLoan": None,
    "onMorphoFlashLoan": None,
    "callFunction": 0,
    "lzReceive": None,
    "lzCompose": None,
    "sgReceive": None,
    "ccipReceive": None,
    "xReceive": None,
    "receiveWormholeMessages": None,
}
# Hooks that a pool manager or a token calls; they answer their own selector.
_HOOKS = frozenset(
    f"{when}{what}"
    for when in ("before", "after")
    for what in ("Swap", "Donate", "Initialize", "AddLiquidity", "RemoveLiquidity")
) | {"onERC721Received", "onERC1155Received"}
_SELECTOR_BITS = 32
_VALUES = frozenset({"bytes", "string", "uint", "int", "bool", "fixed_bytes", "struct", "array"})
_UNCHANGING = frozenset({"view", "pure"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield callbacks that do something for anybody."""
    if contract.node.tree.kind in ("interface", "library"):
        return
    for view in contract.entries:
        function = view.function
        if function is None or not (function.name in _CALLBACKS or _is_hook(view)):
            continue
        acts = [op for op in view.ops if _acts(op)]
        if _is_hook(view):
            acts = [op for op in acts if op.kind == "call" or _counts(op)]
        open_acts = [op for op in acts if not _is_guarded(view, op)]
        spot = header(view.graph.frame.owner, function)
        if open_acts:
            text = "anybody can call this as if he were the pool, lender or token"
            yield Match(spot, text, (open_acts[0],), "medium" if _is_hook(view) else "high")
        elif acts and _trusts_initiator(view, _CALLBACKS.get(function.name)):
            text = "anybody can have the lender call this: the initiator is not checked"
            yield Match(spot, text, (), "low")


def _is_hook(view: FunctionView) -> bool:
    function = view.function
    if function is None or function.name not in _HOOKS or not function.returns:
        return False
    first = view.graph.frame.owner.type_of(function.returns[0].type)
    return first.kind == "fixed_bytes" and first.bits == _SELECTOR_BITS


def _counts(op: Op) -> bool:
    """Whether a write books something: under a key, or by adding to what was there."""
    keyed = any(True for _ in _keys(op.operands[0]))
    return keyed or op.kind == "push" or op.operands[-1].kind == "binary"


def _acts(op: Op) -> bool:
    """Whether an op changes something that matters: a payment, a call or state.

    What is kept under the caller's own key matters to that caller only.
    """
    if op.kind != "call":
        if op.kind not in ("store", "push") or op.place.where != "storage":
            return False
        return not any(is_caller(key) for key in _keys(op.operands[0]))
    if is_unseen(op) and op.call.kind == "high_level":
        return False
    call = op.call
    if call.target is not None and call.target.type.kind in _VALUES:
        return False  # a function of a library that is not there, attached to a value
    if call.kind == "high_level":
        return call.declaration is None or call.declaration.mutability not in _UNCHANGING
    return call.kind in ("call", "delegatecall", "send", "transfer", "library")


def _keys(place: Op) -> Iterator[Op]:
    """Yield the keys on the way to a place in storage."""
    while place.kind == "element":
        yield from place.operands[1:]
        place = place.operands[0]


def _is_guarded(view: FunctionView, op: Op) -> bool:
    return not anybody_reaches(view, op) or may_be_checked(view, op) or _is_awaited(view, op)


def _is_awaited(view: FunctionView, op: Op) -> bool:
    """Whether a condition on plain stored state must hold: a flag that a call of ours sets."""
    return any(
        each.kind == "load" and each.place.where in ("storage", "transient")
        for fact in view.flow.facts(op)
        for each in sources(fact.test)
    )


def _trusts_initiator(view: FunctionView, place: int | None) -> bool:
    if place is None or place >= len(view.graph.parameters):
        return False
    initiator = view.graph.parameters[place]
    return initiator.type.kind == "address" and not any(
        any(each is initiator for each in sources(block.test))
        for block in view.graph.blocks
        if block.test is not None
    )


RULE = Rule(INFO, check)
