"""The first depositor can make everybody else's share round to nothing."""

from collections.abc import Iterator

from diptych.audit.analysis.arithmetic import arithmetic, quotient
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.tokens import balance_of, is_this, is_zero
from diptych.audit.analysis.uses import compared, reached_by
from diptych.audit.analysis.values import unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule, asked_for

INFO = RuleInfo(
    id="share-inflation",
    title="Share price can be inflated by a donation",
    category="arithmetic",
    severity="medium",
    swc="",
    cwe="CWE-682",
    owasp="SC03:2025",
    description="Shares are made as amount * supply / balance of the contract, rounded down. "
    "Anybody can raise the balance by a plain transfer, and no virtual or locked shares dampen it.",
    scenario="The attacker deposits 1 wei for one share and sends the contract as much as the next "
    "deposit. That deposit buys zero shares, or one; the attacker redeems his share for both.",
    fix="Add virtual shares and assets (OpenZeppelin's ERC4626 since 4.9), lock the first shares, "
    "count deposits in a variable of your own, or let callers state the least shares they accept.",
    reference="https://docs.openzeppelin.com/contracts/5.x/erc4626",
)
_READ_ONLY = frozenset({"view", "pure"})
_MINTS = frozenset({"_mint", "mint"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield quotients by the contract's own balance that become shares."""
    for view in contract.entries:
        if view.function is None or view.function.mutability in _READ_ONLY:
            continue
        for op in view.ops:
            supply = _supply(op)
            if supply is None or not _becomes_shares(view, op, supply):
                continue
            if not (_is_limited(view, op) or _locks_some(view)):
                text = "a transfer to this contract can round these shares down to nothing"
                entered = asked_for(op, entry=True)
                yield Match(asked_for(op), text, (supply, entered))


def _supply(op: Op) -> Op | None:
    """Return the supply in `amount * supply / own balance`, without anything added to either."""
    found = quotient(op) if op.kind in ("binary", "call") else None
    if found is None or not _is_own_balance(unwrapped(found.divisor)):
        return None
    for operand in found.factors:
        value = unwrapped(operand)
        if value.kind == "load" and value.place.where == "storage" and not value.place.field:
            return value
        if value.kind == "call" and value.call.name == "totalSupply":
            return value
    return None


def _is_own_balance(op: Op) -> bool:
    """Whether a value is what the contract holds, perhaps less what came in just now."""
    found = arithmetic(op)
    if found is not None and found.sign == "-":
        op = unwrapped(found.left)
    holder = balance_of(op)
    return holder is not None and is_this(holder)


def _becomes_shares(view: FunctionView, op: Op, supply: Op) -> bool:
    """Whether the supply grows by the quotient, here or in a base that is not there."""
    reached = {id(each) for each in (op, *reached_by(op))}
    for call in view.calls:
        if call.call.name in _MINTS and any(id(a) in reached for a in call.call.arguments):
            return True
    variable = supply.place.variable
    for write in view.writes:
        value = unwrapped(write.operands[-1])
        if write.place.variable is variable and variable is not None and id(value) in reached:
            grown = arithmetic(value)
            return grown is not None and grown.sign == "+"
    return False


def _is_limited(view: FunctionView, op: Op) -> bool:
    """Whether the shares are held against a number of the caller's, or a stored one.

    That they are not zero is too little: one share for a hundred deposits is not zero.
    """
    for test in compared(view):
        for value, other in (test.operands, test.operands[::-1]):
            if any(each is op for each in sources(value)):
                return unwrapped(other).kind in ("param", "load")
    return False


def _locks_some(view: FunctionView) -> bool:
    """Whether shares are also made for nobody, or fewer for the first one."""
    for call in view.calls:
        if call.call.name in _MINTS and _is_fixed(call.call.arguments[:1]):
            return True
    for write in view.writes:
        place = write.operands[0]
        if place.kind == "element" and _is_fixed(place.operands[1:2]):
            return True
    return False


def _is_fixed(keys: tuple[Op, ...]) -> bool:
    return any(unwrapped(key).kind == "const" or is_zero(key) for key in keys)


RULE = Rule(INFO, check)
