"""A draw that whoever makes the block, or calls in it, can foresee."""

from collections.abc import Iterator
from itertools import islice

from diptych.audit.analysis.cells import cell_of
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.payments import is_payment
from diptych.audit.analysis.taint import is_pinned, tainted
from diptych.audit.analysis.uses import reached_by
from diptych.audit.analysis.values import alike, unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="weak-randomness",
    title="Randomness from block values",
    category="bad_randomness",
    severity="high",
    swc="SWC-120",
    cwe="CWE-330",
    owasp="SC09:2025",
    description="A hash or a remainder of block values (time, number, hash, difficulty, proposer) "
    "decides something.",
    scenario="A contract in the same block computes the same value first and plays only when it "
    "wins; a proposer chooses the block that pays.",
    fix="Use a verifiable random function, or commit and reveal.",
    reference="https://swcregistry.io/docs/SWC-120/",
)
_BLOCK = frozenset(
    {
        "block.timestamp",
        "block.number",
        "block.difficulty",
        "block.prevrandao",
        "block.coinbase",
        "block.gaslimit",
        "block.basefee",
        "tx.gasprice",
    }
)
_WRAP = 1 << 31
_CALENDAR = frozenset({60, 3600, 86400, 604800, 31536000, 31622400})
_NAME_BITS = 160
_ORDER = frozenset({"<", ">", "<=", ">="})
_SUMS = frozenset({"+", "-", "&&", "||"})
_MAX_DRAWS = 50
_MAX_HASHES = 20
_HASHES = frozenset({"keccak256", "sha256", "ripemd160"})
_NUMBERS = frozenset({"uint", "int"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield remainders, hashes taken as numbers, and block hashes, each draw once."""
    for view in contract.functions:
        drawn: list[Op] = []
        for op in islice((each for each in view.ops if _may_draw(each)), _MAX_DRAWS):
            if any(_is_within(each, op) for each in drawn):
                continue
            if drawn and _is_rest(op) and any(each in drawn for each in sources(op)):
                continue
            if _is_draw(view, op) and not _is_committed(view, op):
                drawn.append(op)
                text = "whoever sees or makes the block knows this value"
                grade = "" if _is_rest(op) or _chooses(op) else "low"
                grade = "low" if _only_shows(view) or _is_schedule(view, op) else grade
                yield Match(op, text, tuple(_kept(contract, op)), grade)
            elif _is_of_storage(op) and _pays(view, op):
                drawn.append(op)
                yield Match(op, "what this is made of can be read or repeated", (), "medium")


def _only_shows(view: FunctionView) -> bool:
    """Whether an entry only looks; where others take what it draws, they are told of."""
    function = view.function
    return view.is_entry and function is not None and function.mutability in ("view", "pure")


def _is_within(inner: Op, outer: Op) -> bool:
    """Whether one op is written inside of another: `hash(...) % 2` is one draw, not two."""
    same = inner.frame is outer.frame
    return same and outer.start <= inner.start and inner.end <= outer.end


def _may_draw(op: Op) -> bool:
    if op.kind == "builtin":
        return op.attribute == "blockhash" or (
            op.attribute in _HASHES and any(_is_number(user) for user in op.users)
        )
    return op.kind == "binary" and op.attribute == "%" and not _is_wrap(op.operands[1])


def _is_number(user: Op) -> bool:
    """Whether an op takes a hash for a number, through casts."""
    if user.kind == "cast":
        return user.type.kind in _NUMBERS or any(_is_number(each) for each in user.users)
    return user.kind == "binary" and user.attribute in ("%", "&", "<", ">", "+", "^")


def _is_draw(view: FunctionView, op: Op) -> bool:
    """Whether a value is made of what the block's maker knows, for a purpose."""
    if op.kind == "builtin" and op.attribute == "blockhash":
        asked = tainted(view, op.operands[0], ("argument",)) if op.operands else False
        return not asked and any(_is_mixed(user) for user in op.users)  # no lookup
    if _is_rest(op) and (_is_rounding(op) or _is_calendar(op) or _is_round(op)):
        return False
    return any(_is_of_block(each) for each in sources(op.operands[0] if _is_rest(op) else op))


def _is_rounding(op: Op) -> bool:
    """Whether a remainder only says whether the quotient beside it is exact."""
    dividend, divisor = op.operands
    if any(_is_taken_off(user, dividend) for user in reached_by(op)):
        return True  # `time - time % period`
    return any(
        user.kind == "binary" and user.attribute == "/" and alike(user.operands[1], divisor)
        for user in dividend.users
    )


def _is_taken_off(user: Op, dividend: Op) -> bool:
    if user.kind != "binary" or user.attribute != "-":
        return False
    whole = unwrapped(user.operands[0])
    parts = whole.operands if whole.kind == "binary" and whole.attribute == "+" else ()
    return any(alike(unwrapped(each), unwrapped(dividend)) for each in (whole, *parts))


def _is_schedule(view: FunctionView, op: Op) -> bool:
    """Whether a remainder of the bare time, or of whole periods of it, only tells whose turn it is.

    Nothing is hashed or paid. A turn is asked for at once; who keeps a number draws one, unless it
    is the place in a ring of so many periods.
    """
    if not _is_rest(op) or _pays(view, op):
        return False
    dividend = unwrapped(op.operands[0])
    found = list(sources(dividend))
    if any(each.kind in ("builtin", "call") for each in found):
        return False
    if dividend.kind == "binary" and dividend.attribute == "/":
        return unwrapped(dividend.operands[1]).kind in ("load", "param")
    moving = any(each.kind in ("load", "call", "builtin") for each in sources(op.operands[1]))
    return moving and not any(
        user.kind in ("store", "element", "push", "call", "return") for user in reached_by(op)
    )


def _is_calendar(op: Op) -> bool:
    """Whether a remainder is a part of a date: a time in whole minutes, hours or days is cut."""
    modulus = op.operands[1]
    found = list(sources(op.operands[0]))
    if modulus.kind != "const" or any(each.kind == "builtin" for each in found):
        return False
    return any(
        each.kind == "binary"
        and each.attribute == "/"
        and unwrapped(each.operands[1]).attribute in _CALENDAR
        for each in found
    )


def _is_round(op: Op) -> bool:
    """Whether a remainder says how far a round has come: time since a start, by its length.

    Neither is a constant, and the remainder is only held to be early or late.
    """
    passed, length = (unwrapped(each) for each in op.operands)
    if passed.kind != "binary" or passed.attribute != "-" or length.kind not in ("load", "param"):
        return False
    if any(each.kind in ("builtin", "call") for each in sources(passed)):
        return False
    users = [user for user in reached_by(op) if user.kind not in ("cast", "phi")]
    order = [user for user in users if user.kind == "binary" and user.attribute in _ORDER]
    ends = {"return", "end", "guard", "unary", "tuple"}
    return bool(order) and all(
        user in order or user.kind in ends or (user.kind == "binary" and user.attribute in _SUMS)
        for user in users
    )


def _chooses(op: Op) -> bool:
    """Whether a hash decides something; else it is a name that is hard to guess."""
    for each in reached_by(op):
        if each.kind == "binary" or (each.kind == "cast" and each.type.bits < _NAME_BITS):
            return True
        if each.kind == "store" and "[]" not in cell_of(each).path:
            return True  # kept, for whoever asks
    return False


def _is_mixed(user: Op) -> bool:
    """Whether an op makes something else of a hash than to hold it against another."""
    if user.kind in ("cast", "phi"):
        return user.type.kind in _NUMBERS or any(_is_mixed(each) for each in user.users)
    if user.kind == "binary":
        return user.attribute not in ("==", "!=")
    return user.kind in ("builtin", "element", "slice")


def _is_rest(op: Op) -> bool:
    return op.kind == "binary"


def _is_of_block(op: Op) -> bool:
    return (op.kind == "env" and op.attribute in _BLOCK) or (
        op.kind == "builtin" and op.attribute == "blockhash"
    )


def _is_committed(view: FunctionView, op: Op) -> bool:
    """Whether a secret that was committed to before goes in: an argument whose hash is checked."""
    hashes = (each for each in reached_by(op) if each.kind == "builtin")
    mixed = [op, *islice(hashes, _MAX_HASHES)]
    return any(
        each.kind == "param" and is_pinned(view, each, op)
        for hash_ in mixed
        for each in sources(hash_)
    )


def _is_of_storage(op: Op) -> bool:
    """Whether a remainder of a hash has nothing in it that is not known beforehand."""
    if not _is_rest(op):
        return False
    found = list(sources(op.operands[0]))
    hashed = any(each.kind == "builtin" and each.attribute in _HASHES for each in found)
    stored = any(each.kind == "load" and each.place.where == "storage" for each in found)
    given = any(each.kind in ("param", "call") for each in found)
    return hashed and stored and not given


def _pays(view: FunctionView, op: Op) -> bool:
    """Whether a draw decides about a payment: whether, to whom or how much."""
    reached = {id(each) for each in reached_by(op)}
    for call in view.calls:
        if is_payment(call) and (
            id(call) in reached
            or any(id(each) in reached for f in view.flow.facts(call) for each in sources(f.test))
        ):
            return True
    return False


def _kept(contract: ContractGraph, op: Op) -> Iterator[Op]:
    """Yield where the block values that a draw reads from storage are put there."""
    variables = {
        id(each.place.variable)
        for each in sources(op)
        if each.kind == "load" and each.place.variable is not None
    }
    for view in contract.functions if variables else ():
        for write in view.writes:
            if id(write.place.variable) in variables and _is_of_block(write.operands[-1]):
                yield write


def _is_wrap(modulus: Op) -> bool:
    """Whether a remainder only cuts a time to its type: a modulus no draw would have."""
    values = [each.attribute for each in sources(modulus) if each.kind == "const"]
    power = any(each.kind == "binary" and each.attribute == "**" for each in sources(modulus))
    return power or any(isinstance(value, int) and value >= _WRAP for value in values)


RULE = Rule(INFO, check)
