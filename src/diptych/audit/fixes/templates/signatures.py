"""Signatures: who signed must be somebody, and each signature has one form."""

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.site import Place, Site, expression_at
from diptych.audit.fixes.template import Template, Writer
from diptych.audit.fixes.templates.arithmetic import is_plain, steady_place
from diptych.audit.fixes.templates.callers import is_called
from diptych.audit.fixes.walk import around, inside
from diptych.audit.syntax.statements import Declare, Evaluate
from diptych.audit.syntax.tree import Assign, Binary, Call, ElementaryType, Member, Name
from diptych.audit.syntax.unit import Function

__all__ = ["LOW_S", "ONCE_ONLY", "SOME_SIGNER"]

# secp256k1's order halved; EIP-2 and OpenZeppelin's ECDSA demand the lower of both forms of s.
_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0

_RECOVERS = frozenset({"recover"})
_READ_ONLY = frozenset({"view", "pure", "constant"})


def _recover(site: Site) -> Call | None:
    if site.function is None or site.function.body is None:
        return None
    path = around(site.function.body, site.start, site.end)
    found = [*reversed(path), *inside(path[-1]), *inside(site.function.body)]
    return next((each for each in found if _is_recover(each)), None)


def _is_recover(node: object) -> bool:
    return (
        isinstance(node, Call)
        and isinstance(node.function, Name)
        and node.function.text == "ecrecover"
        and len(node.arguments) == 4
    )


def _some_signer(site: Site, writer: Writer) -> list[Edit]:
    call = _recover(site)
    place = None if call is None else site.place(call.start, call.end)
    if call is None or place is None:
        return []
    statement = place.statement
    name = ""
    if isinstance(statement, Declare) and statement.value is call:
        first = statement.variables[0] if statement.variables else None
        name = "" if first is None else first.name
    elif isinstance(statement, Evaluate) and isinstance(statement.expression, Assign):
        left = statement.expression.left
        name = left.text if isinstance(left, Name) else ""
    if name:
        return site.after(place, writer.check(f"{name} != address(0)", "no signer"))
    if all(is_plain(each) for each in call.arguments) and steady_place(site, call) is not None:
        test = f"{site.source(call)} != address(0)"
        return site.before(place, writer.check(test, "no signer"))
    return []


def _low_s(site: Site, writer: Writer) -> list[Edit]:
    call = _recover(site)
    place = None if call is None else steady_place(site, call)
    if call is None or place is None or not is_plain(call.arguments[3]):
        return []
    test = f"uint256({site.source(call.arguments[3])}) <= {_HALF_ORDER:#x}"
    return site.before(place, writer.check(test, "malleable signature"))


def _once_only(site: Site, writer: Writer) -> list[Edit]:
    """Note each digest that was signed, and refuse it from then on."""
    function = site.function
    if function is None or function.body is None or function.mutability in _READ_ONLY:
        return []
    if site.contract.tree.kind != "contract" or is_called(site, function):
        return []
    call = expression_at(site, Call)
    digest = None if call is None else _digest(call)
    place = None if call is None else site.place(call.start, call.end)
    if call is None or digest is None or place is None or place.block != function.body:
        return []
    if not _is_local_word(function, digest.text) or not _is_demanded(place, call):
        return []
    used = site.free_name("_used")
    key = digest.text
    check = writer.check(f"!{used}[{key}]", "signature used")
    noted = f"{check}\n{site.indent(place.statement.start)}{used}[{key}] = true;"
    declared = f"mapping(bytes32 => bool) private {used};"
    return [*site.before(place, noted), *site.at_contract_end(declared)]


def _digest(call: Call) -> Name | None:
    """Return what was signed, where a local holds it."""
    function = call.function
    if isinstance(function, Name) and function.text == "ecrecover" and len(call.arguments) == 4:
        found = call.arguments[0]
    elif isinstance(function, Member) and function.name in _RECOVERS and call.arguments:
        library = isinstance(function.base, Name) and len(call.arguments) > 1
        found = call.arguments[0] if library else function.base
    else:
        return None
    return found if isinstance(found, Name) else None


def _is_local_word(function: Function, name: str) -> bool:
    """Whether a name is a local `bytes32` with a value; a parameter would be anybody's choice."""
    return any(
        isinstance(each, Declare)
        and each.value is not None
        and any(
            one is not None
            and one.name == name
            and isinstance(one.type, ElementaryType)
            and one.type.name == "bytes32"
            for one in each.variables
        )
        for each in inside(function.body)
    )


def _is_demanded(place: Place, call: Call) -> bool:
    """Whether the function reverts where the signer is wrong, so that nobody can use up others'."""
    statement, block = place.statement, place.block
    assert block is not None
    if _demands(statement, call.start, call.end):
        return True
    if not isinstance(statement, Declare) or len(statement.variables) != 1:
        return False
    one = statement.variables[0]
    listed = list(block.statements)
    after = listed[listed.index(statement) + 1 :][:2]
    return one is not None and any(
        isinstance(each, Name) and each.text == one.name and _demands(said, each.start, each.end)
        for said in after
        for each in inside(said)
    )


def _demands(statement: object, start: int, end: int) -> bool:
    """Whether a statement is a `require` with a comparison by `==` that holds a stretch."""
    said = statement.expression if isinstance(statement, Evaluate) else None
    if not isinstance(said, Call) or not isinstance(said.function, Name):
        return False
    if said.function.text != "require" or not said.arguments:
        return False
    test = said.arguments[0]
    joined = any(isinstance(each, Binary) and each.operator == "||" for each in inside(test))
    return not joined and any(
        isinstance(each, Binary)
        and each.operator == "=="
        and any(side.start <= start and end <= side.end for side in (each.left, each.right))
        for each in inside(test)
    )


ONCE_ONLY = Template(
    "take each signed message once",
    frozenset({"SWC-121"}),
    frozenset({"signature-replay"}),
    _once_only,
    exact=True,
)
SOME_SIGNER = Template(
    "demand that somebody signed", frozenset(), frozenset({"zero-signer"}), _some_signer, exact=True
)
LOW_S = Template(
    "take only the lower form of a signature",
    frozenset({"SWC-117"}),
    frozenset({"signature-malleability"}),
    _low_s,
)
