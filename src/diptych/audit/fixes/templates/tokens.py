"""Tokens and balances: what came counts, what is more does no harm, allowances begin at zero."""

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.site import Place, Site, expression_at
from diptych.audit.fixes.template import Template, Writer
from diptych.audit.fixes.templates.arithmetic import is_plain
from diptych.audit.fixes.templates.order import known_lock
from diptych.audit.fixes.walk import Node, inside
from diptych.audit.syntax.statements import Evaluate
from diptych.audit.syntax.tree import Binary, Call, Member, Name, Number

__all__ = ["AT_LEAST", "FROM_ZERO", "WHAT_CAME"]

_PULLS = frozenset({"transferFrom", "safeTransferFrom"})
_GRANTS = frozenset({"approve"})
_BALANCES = frozenset({"balance", "balanceOf"})


def _at_least(site: Site, _writer: Writer) -> list[Edit]:
    """Let a demand on the own balance hold where somebody added to it."""
    node = expression_at(site, Binary)
    place = site.place()
    if node is None or place is None or node.operator != "==" or not _is_demanded(place, node):
        return []
    sides = [_is_balance(side) for side in (node.left, node.right)]
    if sides.count(True) != 1:
        return []
    other = node.right if sides[0] else node.left
    if not _is_own(site, other):
        return []
    at = site.text.data.find(b"==", node.left.end, node.right.start)
    return [Edit(at, at + 2, ">=" if sides[0] else "<=")] if at >= 0 else []


def _is_own(site: Site, other: Node) -> bool:
    """Whether it is a number of the contract's own that no caller chooses, and not zero."""
    if isinstance(other, Number):
        return bool(other.value)
    return isinstance(other, Name) and other.text in site.contract.variables


def _is_demanded(place: Place, node: Binary) -> bool:
    """Whether a comparison is all that a `require` or an `assert` looks at."""
    said = place.statement.expression if isinstance(place.statement, Evaluate) else None
    if not isinstance(said, Call) or not isinstance(said.function, Name):
        return False
    return said.function.text in ("require", "assert") and said.arguments[:1] == (node,)


def _is_balance(side: Node) -> bool:
    while isinstance(side, Call):
        side = side.function
    return isinstance(side, Member) and side.name in _BALANCES


def _moved(site: Site, names: frozenset[str]) -> tuple[Place, Call] | None:
    """Return the call of a token, if it stands alone in a block or in a demand there."""
    call = expression_at(site, Call)
    if call is None or not isinstance(call.function, Member):
        return None
    place = site.place(call.start, call.end)
    if place is None or place.block is None or not isinstance(place.statement, Evaluate):
        return None
    said = place.statement.expression
    demanded = isinstance(said, Call) and said.arguments[:1] == (call,) and _is_require(said)
    if call.function.name not in names or not (said == call or demanded):
        return None
    return place, call


def _is_require(call: Call) -> bool:
    return isinstance(call.function, Name) and call.function.text == "require"


def _what_came(site: Site, _writer: Writer) -> list[Edit]:
    """Go on with the amount by which the own balance grew."""
    found = _moved(site, _PULLS)
    if found is None or site.function is None:
        return []
    lock = known_lock(site)  # without one, a token that calls back would be counted twice
    if not lock or all(each.name != lock for each in site.function.modifiers):
        return []
    place, call = found
    assert isinstance(call.function, Member)
    token, amount = call.function.base, call.arguments[-1] if call.arguments else None
    if not isinstance(amount, Name) or not is_plain(token):
        return []
    if not any(each.name == amount.text for each in site.function.parameters):
        return []
    if any(site.offsets(each)[0] < call.start for each in site.finding.related):
        return []  # credited before it came
    name = site.free_name("held")
    balance = f"{site.source(token)}.balanceOf(address(this))"
    return [
        *site.before(place, f"uint256 {name} = {balance};"),
        *site.after(place, f"{amount.text} = {balance} - {name};"),
    ]


def _from_zero(site: Site, _writer: Writer) -> list[Edit]:
    """Set an allowance to zero before it is set to something else."""
    found = _moved(site, _GRANTS)
    if found is None:
        return []
    place, call = found
    if len(call.arguments) != 2 or not all(is_plain(each) for each in inside(call) if each != call):
        return []
    amount, end = call.arguments[1], site.statement_end(place.statement)
    start = place.statement.start
    reset = f"{site.slice(start, amount.start)}0{site.slice(amount.end, end)}"
    return site.before(place, reset)


AT_LEAST = Template(
    "let the balance be more",
    frozenset({"SWC-132"}),
    frozenset({"exact-balance"}),
    _at_least,
    loosened=True,
)
WHAT_CAME = Template(
    "count what came",
    frozenset(),
    frozenset({"transfer-fee-ignored"}),
    _what_came,
    rewritten=True,
)
FROM_ZERO = Template(
    "set the allowance to zero first",
    frozenset(),
    frozenset({"approve-without-reset"}),
    _from_zero,
)
