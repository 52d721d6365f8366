"""Gas: payments that forward what is left instead of a fixed amount."""

from diptych.audit.analysis.contract import is_write
from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.site import Place, Site, expression_at
from diptych.audit.fixes.template import Template, Writer
from diptych.audit.fixes.walk import inside
from diptych.audit.graph.ops import Op
from diptych.audit.syntax.statements import Declare, Evaluate, Loop
from diptych.audit.syntax.tree import Call, Member, Name
from diptych.audit.syntax.unit import Function

__all__ = ["ALL_GAS"]

_OPTIONS_FROM = (0, 6, 2)
_TUPLES_FROM = (0, 5, 0)
_PAYS = frozenset({"send", "transfer"})


def _all_gas(site: Site, writer: Writer) -> list[Edit]:
    call = expression_at(site, Call)
    place = None if call is None else site.place(call.start, call.end)
    if call is None or place is None or site.version < _TUPLES_FROM:
        return []
    if not _is_last(site, call):
        return []  # the small amount of gas may be all that keeps callers from coming back
    function = call.function
    if not isinstance(function, Member):
        return []
    if call.options:
        return _without_gas(site, call)
    if function.name not in _PAYS or len(call.arguments) != 1:
        return []
    return _called(site, writer, place, call)


def _is_last(site: Site, call: Call) -> bool:
    """Whether nothing is written after a call, in no function that gets to it."""
    function = site.function
    if function is None or any(
        isinstance(each, Loop) and each.start <= call.start < each.end
        for each in inside(function.body)
    ):
        return False
    for view in site.graph.functions:
        at = [n for n, op in enumerate(view.ops) if _stands(op, call, function)]
        if at and any(is_write(op) for op in view.ops[at[0] :]):
            return False
    return True


def _stands(op: Op, call: Call, function: Function) -> bool:
    return op.frame.function is function and (op.start, op.end) == (call.start, call.end)


def _without_gas(site: Site, call: Call) -> list[Edit]:
    """Take `gas` out of a call's options."""
    start = call.function.end
    opened = site.text.data.find(b"{", start, call.end)
    options = dict(call.options)
    if "gas" not in options or site.slice(start, opened).strip():
        return []
    kept = [f"{name}: {site.source(value)}" for name, value in call.options if name != "gas"]
    last = max(value.end for value in options.values())
    closed = site.text.data.find(b"}", last, call.end)
    if opened < 0 or closed < 0:
        return []
    return [Edit(start, closed + 1, f"{{{', '.join(kept)}}}" if kept else "")]


def _called(site: Site, writer: Writer, place: Place, call: Call) -> list[Edit]:
    """Write `call` for `transfer` and `send`, which forward 2,300 gas."""
    assert isinstance(call.function, Member)
    to, amount = site.source(call.function.base), site.source(call.arguments[0])
    if writer.version >= _OPTIONS_FROM:
        made = f'{to}.call{{value: {amount}}}("")'
    else:
        made = f'{to}.call.value({amount})("")'
    statement, end = place.statement, site.statement_end(place.statement)
    if isinstance(statement, Declare):
        first = statement.variables[0]
        if statement.value != call or first is None:
            return []
        return [Edit(statement.start, end, f"(bool {first.name}, ) = {made};")]
    if not isinstance(statement, Evaluate):
        return []
    said, name = statement.expression, site.free_name("paid")
    if said == call and call.function.name == "transfer":
        return [Edit(statement.start, end, _demanded(made, name, f'{name}, "not paid"'))]
    if isinstance(said, Call) and _is_demand(said) and said.arguments[:1] == (call,):
        rest = site.slice(call.end, end).strip()
        kind = site.source(said.function)
        return [Edit(statement.start, end, f"{{ (bool {name}, ) = {made}; {kind}({name}{rest} }}")]
    return []


def _demanded(made: str, name: str, demand: str) -> str:
    return f"{{ (bool {name}, ) = {made}; require({demand}); }}"


def _is_demand(call: Call) -> bool:
    return isinstance(call.function, Name) and call.function.text in ("require", "assert")


ALL_GAS = Template(
    "forward the gas that is left",
    frozenset(),
    frozenset({"fixed-gas"}),
    _all_gas,
    relaxed=True,
)
