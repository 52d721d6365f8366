"""Results of calls that nothing looks at: demand success."""

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.site import Place, Site, expression_at
from diptych.audit.fixes.template import Template, Writer
from diptych.audit.syntax.statements import Declare, Evaluate
from diptych.audit.syntax.tree import Assign, Call, Expression, Member, Name, Sequence

__all__ = ["CHECKED_CALL", "HAS_CODE"]

_LOW_LEVEL = frozenset({"call", "delegatecall", "staticcall", "callcode"})
_CODE_FROM = (0, 8, 1)
_TUPLES_FROM = (0, 5, 0)
_REASON = "call failed"


def _write(site: Site, writer: Writer) -> list[Edit]:
    call = expression_at(site, Call)
    place = None if call is None else site.place(call.start, call.end)
    if call is None or place is None:
        return []
    statement = place.statement
    if isinstance(statement, Evaluate) and statement.expression == call:
        return _bare(site, writer, place, call)
    name = _result(statement)
    return site.after(place, writer.check(name, _REASON)) if name else []


def _bare(site: Site, writer: Writer, place: Place, call: Call) -> list[Edit]:
    """Demand the success of a call that stands alone."""
    made, end = site.source(call), site.statement_end(place.statement)
    low = isinstance(call.function, Member) and call.function.name in _LOW_LEVEL
    start = place.statement.start
    if not low or site.version < _TUPLES_FROM:
        return [Edit(start, end, writer.check(made, _REASON))]
    name = site.free_name("success")
    text = f"(bool {name}, ) = {made};"
    check = writer.check(name, _REASON)
    # Braces keep the name apart from those of other calls in the block.
    return [Edit(start, end, f"{{ {text} {check} }}")]


def _result(statement: object) -> str:
    """Return the variable that takes a call's success."""
    if isinstance(statement, Declare) and statement.variables:
        first = statement.variables[0]
        return "" if first is None else first.name
    if isinstance(statement, Evaluate) and isinstance(statement.expression, Assign):
        left: Expression | None = statement.expression.left
        if isinstance(left, Sequence):
            left = left.items[0] if left.items else None
        return left.text if isinstance(left, Name) else ""
    return ""


def _with_code(site: Site, writer: Writer) -> list[Edit]:
    """Demand that there is code where a call goes."""
    call = expression_at(site, Call)
    place = None if call is None else site.place(call.start, call.end)
    if call is None or place is None or not isinstance(call.function, Member):
        return []
    target = call.function.base
    if not isinstance(target, Name):
        return []
    if site.version >= _CODE_FROM:
        return site.before(place, writer.check(f"{target.text}.code.length > 0", "no contract"))
    size = site.free_name("size")
    check = writer.check(f"{size} > 0", "no contract")
    read = f"uint256 {size}; assembly {{ {size} := extcodesize({target.text}) }}"
    return site.before(place, f"{{ {read} {check} }}")


HAS_CODE = Template("demand a contract", frozenset(), frozenset({"call-without-code"}), _with_code)
CHECKED_CALL = Template(
    "demand that the call succeeds",
    frozenset({"SWC-104"}),
    frozenset({"unchecked-call", "unchecked-token-return", "unused-return"}),
    _write,
)
