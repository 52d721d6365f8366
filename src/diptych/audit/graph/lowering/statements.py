"""Statements to blocks."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from diptych.audit.graph.builder import MAX_DEPTH, Builder, Exit
from diptych.audit.graph.lowering import names, vyper, yul
from diptych.audit.graph.lowering.expressions import pick
from diptych.audit.graph.ops import Op
from diptych.audit.graph.types import UNKNOWN
from diptych.audit.syntax.statements import (
    Assembly,
    Block,
    Catch,
    Declare,
    Emit,
    Evaluate,
    If,
    Jump,
    Loop,
    Return,
    Revert,
    Statement,
    Try,
    UnreadStatement,
)
from diptych.audit.syntax.tree import Assign, Call, Expression, Name, Sequence, Unary, Update

__all__ = ["run"]


def run(builder: Builder, node: Statement) -> None:
    """Lower one statement; what nothing reaches is left out."""
    if not builder.live:
        return
    if builder.depth > MAX_DEPTH:
        builder.graph.truncated = True
        return
    builder.depth += 1
    _RUN[type(node)](builder, node)
    builder.depth -= 1


def _block(builder: Builder, node: Block) -> None:
    scope = builder.scope
    scope.unchecked += node.unchecked
    scope.open()
    for statement in node.statements:
        run(builder, statement)
    scope.close()
    scope.unchecked -= node.unchecked


def _declare(builder: Builder, node: Declare) -> None:
    value = None if node.value is None else builder.value(node.value)
    if value is not None and names.in_vyper(builder):
        value = vyper.copied(builder, value)
    several = len(node.variables) > 1
    for at, variable in enumerate(node.variables):
        if variable is None:
            continue
        part = pick(builder, variable, value, at) if several and value is not None else value
        kind = names.home(builder).type_of(variable.type)
        if kind is UNKNOWN and part is not None:
            kind = part.type
        elif part is not None and part.type is UNKNOWN and part.kind in ("pick", "builtin"):
            part.type = kind  # of data that was decoded, only the variable says what it is
        builder.declare(variable.name, kind, variable.location, part)


def _evaluate(builder: Builder, node: Evaluate) -> None:
    builder.value(node.expression)


def _if(builder: Builder, node: If) -> None:
    yes, no = builder.branch(builder.value(node.test))
    builder.resume(yes)
    run(builder, node.yes)
    yes = builder.here()
    builder.resume(no)
    if node.no is not None:
        run(builder, node.no)
    builder.join((yes, builder.here()))


def _loop(builder: Builder, node: Loop) -> None:
    scope = builder.scope
    scope.open()
    if node.first is not None:
        _first(builder, node.first)
    header, phis = builder.loop_header(_changed(builder, node))
    scope.breaks.append([])
    scope.continues.append([])
    if node.test_last:
        _body(builder, node)
    exits = _test(builder, node)
    if not node.test_last:
        _body(builder, node)
    if node.update is not None and builder.live:
        builder.value(node.update)
    builder.jump_back(header, phis)
    scope.continues.pop()
    builder.join((*exits, *scope.breaks.pop()))
    scope.close()


def _first(builder: Builder, node: Statement) -> None:
    """Run a loop's first part in the loop's own scope, so that its locals live through it."""
    inside = node.statements if isinstance(node, Block) else (node,)
    for statement in inside:
        run(builder, statement)


def _body(builder: Builder, node: Loop) -> None:
    run(builder, node.body)
    builder.join((*builder.scope.continues[-1], builder.here()))


def _test(builder: Builder, node: Loop) -> list[Exit]:
    """Test whether to go on; returns where the loop is left."""
    if node.test is None or not builder.live:
        return []
    yes, no = builder.branch(builder.value(node.test))
    builder.resume(yes)
    return [no]


def _changed(builder: Builder, node: Loop) -> list[int]:
    """Return the keys of the locals that a loop may assign, oldest first."""
    assigned: set[str] = set()
    for each in _walk(node):
        match each:
            case Assign():
                assigned.update(_targets(each.left))
            case Update():
                assigned.update(_targets(each.operand))
            case Unary(operator="delete"):
                assigned.update(_targets(each.operand))
            case Jump(kind="_"):
                return sorted(builder.env)
            case _:
                pass
    found = (builder.scope.find(name) for name in assigned)
    return sorted({local.key for local in found if local is not None})


def _targets(node: Expression) -> Iterator[str]:
    if isinstance(node, Name):
        yield node.text
    elif isinstance(node, Sequence):
        for item in node.items:
            if item is not None:
                yield from _targets(item)


def _walk(node: Any) -> Iterator[Any]:
    """Yield a node and all below it."""
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, tuple):
            if hasattr(current, "_fields"):
                yield current
            pending.extend(current)


def _return(builder: Builder, node: Return) -> None:
    scope = builder.scope
    if node.value is not None:
        value = builder.value(node.value)
        several = len(scope.results) > 1
        for at, local in enumerate(scope.results):
            builder.env[local.key] = pick(builder, node, value, at) if several else value
    builder.op("return", node, tuple(builder.read(local) for local in scope.results))
    scope.returns.append(builder.here())
    builder.join(())


def _revert(builder: Builder, node: Revert) -> None:
    arguments: Iterable[Expression] = ()
    if isinstance(node.error, Call):
        arguments = node.error.arguments
    elif node.error is not None and not isinstance(node.error, Name):
        arguments = (node.error,)
    values = tuple(builder.value(argument) for argument in arguments)
    builder.op("revert", node, values)
    builder.finish("revert")


def _emit(builder: Builder, node: Emit) -> None:
    event = node.event
    if isinstance(event, Call):
        values = tuple(builder.value(argument) for argument in event.arguments)
        name = getattr(event.function, "text", None) or getattr(event.function, "name", "")
        builder.op("emit", node, values, attribute=str(name))


def _try(builder: Builder, node: Try) -> None:
    call = builder.value(node.call)
    test = builder.op("unknown", node, (call,), attribute="try")
    success, rest = builder.branch(test)
    exits: list[Exit] = []
    for at, clause in enumerate(node.clauses):
        if at == 0:
            builder.resume(success)
        elif at < len(node.clauses) - 1:
            builder.resume(rest)
            here, rest = builder.branch(builder.op("unknown", clause, (call,), attribute="catch"))
            builder.resume(here)
        else:
            builder.resume(rest)
        builder.scope.open()
        _clause(builder, clause, call)
        builder.scope.close()
        exits.append(builder.here())
    builder.join(exits)


def _clause(builder: Builder, clause: Catch, call: Op) -> None:
    for place, variable in enumerate(clause.parameters):
        kind = names.home(builder).type_of(variable.type)
        value = builder.op("pick", variable, (call,), attribute=place, type=kind)
        builder.declare(variable.name, kind, variable.location, value)
    run(builder, clause.body)


def _jump(builder: Builder, node: Jump) -> None:
    scope = builder.scope
    if node.kind == "_":
        if scope.placeholder is not None:
            scope.placeholder()
        return
    places = {"break": scope.breaks, "continue": scope.continues}.get(node.kind)
    if places:
        places[-1].append(builder.here())
        builder.join(())
    elif node.kind == "leave":
        scope.returns.append(builder.here())
        builder.join(())


def _unread(builder: Builder, node: UnreadStatement) -> None:
    builder.op("unknown", node, attribute="unread")


_RUN: dict[type, Callable[[Builder, Any], None]] = {
    Block: _block,
    Declare: _declare,
    Evaluate: _evaluate,
    If: _if,
    Loop: _loop,
    Return: _return,
    Revert: _revert,
    Emit: _emit,
    Try: _try,
    Jump: _jump,
    Assembly: yul.run_assembly,
    UnreadStatement: _unread,
}
