"""A price is taken from what a pool holds at this moment."""

from collections.abc import Iterator

from diptych.audit.analysis.arithmetic import Arithmetic, arithmetic
from diptych.audit.analysis.contract import ContractGraph, FunctionView
from diptych.audit.analysis.tokens import balance_of, is_this
from diptych.audit.analysis.trades import is_quote, trades
from diptych.audit.analysis.uses import reached_by, terms
from diptych.audit.analysis.values import alike, unwrapped
from diptych.audit.finding import SEVERITIES, RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule, asked_for

INFO = RuleInfo(
    id="spot-price",
    title="Price is what a pool holds at this moment",
    category="other",
    severity="high",
    swc="",
    cwe="CWE-829",
    owasp="SC02:2025",
    description="A value is computed from the current reserves, balances or current price of an "
    "exchange, and money or state depends on it.",
    scenario="The attacker borrows a large sum, trades in the pool until the ratio is as wished, "
    "calls the contract, trades back and repays, all in one transaction.",
    fix="Use a time-weighted price over at least half an hour, or a price feed.",
    reference="https://scs.owasp.org/sctop10/SC02-PriceOracleManipulation/",
)
_CURRENT = frozenset({"slot0", "get_virtual_price"})
_READINGS = frozenset({"getReserves", "balanceOf", *_CURRENT})
_TRADING = frozenset({"swap", "mint", "burn", "flash", "collect"})
_OUTSIDE = frozenset({"high_level", "library"})
_EFFECTS = frozenset({"store", "push", "call", "guard"})
_QUOTIENTS = frozenset({"/", "%"})
_ENDS = frozenset({"return", "end"})
_READ_ONLY = frozenset({"view", "pure"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield values made from a pool's present state, the gravest use of each first."""
    yield from sorted(_found(contract), key=lambda match: SEVERITIES.index(match.severity))


def _found(contract: ContractGraph) -> Iterator[Match]:
    for view in contract.entries:
        if not any(_is_reading(call) for call in view.calls) or _trades(view):
            continue  # a trade brings its own limit
        seen: set[int] = set()
        for value, reading in _values(view):
            if id(reading) not in seen and _matters(view, value):
                seen.add(id(reading))
                text = "one transaction can bend this value and bend it back"
                entered = asked_for(reading, entry=True)
                yield Match(asked_for(value), text, (reading, entered), _severity(view, reading))


def _is_reading(call: Op) -> bool:
    return call.call.name in _READINGS or is_quote(call)


def _trades(view: FunctionView) -> bool:
    named = (call.call.name in _TRADING and call.call.kind in _OUTSIDE for call in view.calls)
    return bool(trades(view)) or any(named)


def _values(view: FunctionView) -> Iterator[tuple[Op, Op]]:
    """Yield what is computed from a pool's state, each with the call that reads it."""
    for op in view.ops:
        found = arithmetic(op) if op.kind in ("binary", "call") else None
        if found is not None and found.sign == "/":
            reading = _ratio(found)
            if reading is not None:
                yield op, reading
        elif op.kind == "call" and op.call.kind in _OUTSIDE:
            if is_quote(op):
                yield op, op
            elif op.call.name in _CURRENT:
                yield from ((use, op) for use in _uses(op))


def _ratio(found: Arithmetic) -> Op | None:
    """Return the reading of which a quotient relates one part to another, if there is one."""
    above, below = list(_parts(found.left)), list(_parts(found.right))
    if any(alike(each, unwrapped(found.right)) for each in above):
        return None  # `a * b / b`: a check of the product
    reserves = {id(each) for each in below if _is_named(each, "getReserves")}
    for each in above:
        if id(each) in reserves:
            return each
        whose = _holder(each)
        if whose is None:
            continue
        for other in below:
            holder = _holder(other)
            if other is not each and holder is not None and alike(holder, whose):
                return None if alike(each, other) or _same_token(each, other) else other
    return None


def _parts(op: Op) -> Iterator[Op]:
    """Yield what a number is computed from, with the calls whose parts it takes."""
    for each in terms(op, _QUOTIENTS):
        yield each
        if each.kind == "pick":
            yield from each.operands


def _is_named(op: Op, name: str) -> bool:
    return op.kind == "call" and op.call.name == name and op.call.kind in _OUTSIDE


def _holder(op: Op) -> Op | None:
    """Return whose balance an op reads, unless it is a caller's own."""
    if op.kind not in ("call", "account"):
        return None
    holder = balance_of(op)
    caller = holder is not None and unwrapped(holder).attribute in ("msg.sender", "tx.origin")
    return None if caller else holder


def _same_token(first: Op, second: Op) -> bool:
    if first.kind != "call" or second.kind != "call":
        return False
    left, right = first.call.target, second.call.target
    return left is not None and right is not None and alike(left, right)


def _uses(call: Op) -> Iterator[Op]:
    """Yield what is computed from a current price: the first part of what the pool tells."""
    for user in call.users:
        if user.kind == "pick" and user.attribute == 0:
            yield from (each for each in reached_by(user) if each.kind in ("binary", "call"))
        elif user.kind == "binary":
            yield user


def _matters(view: FunctionView, value: Op) -> bool:
    """Whether something is kept, sent, decided or told by a value."""
    tests = {id(block.test) for block in view.graph.blocks if block.test is not None}
    ends = _ENDS if view.function and view.function.mutability in _READ_ONLY else frozenset()
    starts = [value, *_items(value)]
    return any(
        user.kind in _EFFECTS or user.kind in ends or id(user) in tests
        for start in starts
        for user in reached_by(start)
    )


def _items(value: Op) -> Iterator[Op]:
    """Yield what is read out of an array that a call gave."""
    for user in value.users:
        if user.kind == "element":
            yield from (each for each in user.users if each.kind == "load")


def _severity(view: FunctionView, reading: Op) -> str:
    function = view.function
    if function is None or function.mutability in _READ_ONLY:
        return "low" if is_quote(reading) else "medium"
    own = balance_of(reading)
    return "medium" if own is not None and is_this(own) else "high"


RULE = Rule(INFO, check)
