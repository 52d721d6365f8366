"""Signatures: who signed must be somebody, and each signature has one form."""

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.site import Site
from diptych.audit.fixes.template import Template, Writer
from diptych.audit.fixes.templates.arithmetic import is_plain, steady_place
from diptych.audit.fixes.walk import around, inside
from diptych.audit.syntax.statements import Declare, Evaluate
from diptych.audit.syntax.tree import Assign, Call, Name

__all__ = ["LOW_S", "SOME_SIGNER"]

# secp256k1's order halved; EIP-2 and OpenZeppelin's ECDSA demand the lower of both forms of s.
_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


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


SOME_SIGNER = Template(
    "demand that somebody signed", frozenset(), frozenset({"zero-signer"}), _some_signer
)
LOW_S = Template(
    "take only the lower form of a signature",
    frozenset({"SWC-117"}),
    frozenset({"signature-malleability"}),
    _low_s,
)
