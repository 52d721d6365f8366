"""Operators: each takes one function of clean code and yields faults to plant in it."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from diptych.audit.syntax.statements import Block, Declare, Evaluate
from diptych.audit.syntax.tree import Assign, Binary, Call, ElementaryType, Member, Unary
from mutants.mutant import Edit
from mutants.walk import (
    Site,
    blocks,
    called,
    check_of,
    is_sender,
    names_in,
    nodes,
    root_name,
)

__all__ = ["OPERATORS"]

Planted = Iterator[tuple[str, tuple[Edit, ...]]]
_ACCESS = re.compile(
    r"^(only(?!Proxy|Delegated|Init|NotDel)|auth|requires|restricted|governance)", re.I
)
_LOCK = re.compile(r"^(nonReentrant|lock|noReentr|guarded|mutex|exclusive)", re.I)
_INIT = re.compile(r"^(initializer|reinitializer|once|initialises)$", re.I)
_QUESTION = re.compile(r"^_?(is|has|can|may)[A-Z_]")
_CAST = re.compile(r"^toU?[iI]nt(\d+)$")
_READ_ONLY = ("view", "pure")


def drop_modifier(site: Site) -> Planted:
    """Take away a modifier that keeps callers, reentry or a second start out."""
    for each in site.function.modifiers:
        edit = Edit(each.start, each.end)
        if _INIT.match(each.name):
            yield "open-initialiser", (edit,)
        elif _ACCESS.match(each.name) and _acts(site):
            yield "no-access-control", (edit,)
        elif _LOCK.match(each.name) and _effects_follow(site):
            yield "no-lock", (edit,)


def _acts(site: Site) -> bool:
    """Whether the body writes state, sends or calls something of effect."""
    return any(
        (isinstance(each, Assign) and root_name(each.left) in site.state)
        or (isinstance(each, Call) and (each.options or called(each).startswith(("_", "safe"))))
        for each in nodes(site.function.body)
    )


def _effects_follow(site: Site) -> bool:
    """Whether state that was read is written after value was sent."""
    sent = [each.end for each in nodes(site.function.body) if _sends(each)]
    writes = [
        each.start
        for each in nodes(site.function.body)
        if (isinstance(each, Assign) and root_name(each.left) in site.state)
    ]
    return bool(sent) and any(start > min(sent) for start in writes)


def _sends(node: Any) -> bool:
    return isinstance(node, Call) and called(node) == "call" and bool(node.options)


def drop_caller_check(site: Site) -> Planted:
    """Take away a check of the caller, or let it ask for the transaction's origin."""
    for block in blocks(site.function):
        for statement in block.statements:
            test = check_of(statement)
            if test is None:
                continue
            senders = [each for each in nodes(test) if is_sender(each)]
            if len(senders) != 1 or not isinstance(test, Binary | Call | Unary):
                continue
            if isinstance(test, Binary) and test.operator not in ("==", "!="):
                continue
            if names_in(test) & site.parameters or not _is_question(test):
                continue
            yield "no-caller-check", (Edit(statement.start, statement.end),)
            if isinstance(test, Binary):
                yield "tx-origin", (Edit(senders[0].start, senders[0].end, b"tx.origin"),)


def _is_question(test: Any) -> bool:
    """Whether a test only asks: a comparison, or a call by the name of a question."""
    asked = test.operand if isinstance(test, Unary) else test
    return not isinstance(asked, Call) or bool(_QUESTION.match(called(asked)))


def effects_after_call(site: Site) -> Planted:
    """Move a write of state behind the sending of value that it stands before."""
    if any(_LOCK.match(each.name) for each in site.function.modifiers):
        return
    for block in blocks(site.function):
        sends = [at for at, each in enumerate(block.statements) if any(map(_sends, nodes(each)))]
        if not sends:
            continue
        after = sends[0] + 1
        while after < len(block.statements) and check_of(block.statements[after]) is not None:
            after += 1
        end = block.statements[after - 1].end
        for write in block.statements[: sends[0]]:
            if _writes_state(site, write) and _was_read(site, write):
                late = site.text(write)
                if write.expression.operator == "-":  # checked, it would undo a second entry
                    late = b"unchecked { " + late + b" }"
                edits = (Edit(write.start, write.end), Edit(end, end, b" " + late))
                yield "effects-after-call", edits


def _writes_state(site: Site, statement: Any) -> bool:
    if not isinstance(statement, Evaluate) or not isinstance(statement.expression, Assign):
        return False
    return root_name(statement.expression.left) in site.state


def _was_read(site: Site, statement: Any) -> bool:
    assign = statement.expression
    before = site.source[site.function.body.start : statement.start]  # type: ignore[union-attr]
    return bool(assign.operator) or root_name(assign.left).encode() in before


def uncheck(site: Site) -> Planted:
    """Put a subtraction that only the compiler checks into an unchecked block."""
    for block in blocks(site.function):
        for at, statement in enumerate(block.statements):
            if block.unchecked or not _writes_state(site, statement):
                continue
            assign = statement.expression
            given = names_in(assign.right) & site.parameters
            if assign.operator != "-" or not given:
                continue
            tests = [check_of(each) for each in block.statements[:at]]
            if any(test is not None and names_in(test) & given for test in tests):
                continue
            body = b"unchecked { " + site.text(statement) + b" }"
            yield "unchecked-block", (Edit(statement.start, statement.end, body),)


def drop_bound(site: Site) -> Planted:
    """Take away the check that an unchecked block relies on."""
    for block in blocks(site.function):
        for at, statement in enumerate(block.statements):
            if not isinstance(statement, Block) or not statement.unchecked:
                continue
            lowered = [each for each in nodes(statement) if _lowers(each)]
            for check in block.statements[:at]:
                test = check_of(check)
                if isinstance(test, Binary) and test.operator in (">=", "<", "<=", ">"):
                    both = names_in(test)
                    if any(names_in(each) & both & site.parameters for each in lowered):
                        yield "dropped-bound", (Edit(check.start, check.end),)


def _lowers(node: Any) -> bool:
    return isinstance(node, Binary | Assign) and node.operator == "-"


def narrow(site: Site) -> Planted:
    """Cast without a check of the range."""
    for each in nodes(site.function.body):
        found = _CAST.match(called(each))
        if found is None or not isinstance(each.function, Member):
            continue
        kind = called(each)[2:].lower().encode()
        value = site.text(each.arguments[0]) if each.arguments else site.text(each.function.base)
        yield "truncating-cast", (Edit(each.start, each.end, kind + b"(" + value + b")"),)


def drop_result_check(site: Site) -> Planted:
    """Ignore what a low-level call says about its success."""
    for block in blocks(site.function):
        pairs = zip(block.statements, block.statements[1:], strict=False)
        for statement, check in pairs:
            if not isinstance(statement, Declare) or called(statement.value) not in (
                "call",
                "send",
                "delegatecall",
            ):
                continue
            flag = statement.variables[0]
            test = check_of(check)
            if flag is not None and test is not None and flag.name in names_in(test):
                yield "unchecked-call", (Edit(check.start, check.end),)


def drop_token_check(site: Site) -> Planted:
    """Ignore what a token's transfer says, which some tokens say instead of reverting."""
    for each in nodes(site.function.body):
        if called(each) == "require" and called(each.arguments[0]) in ("transfer", "transferFrom"):
            yield "unchecked-token", (Edit(each.start, each.end, site.text(each.arguments[0])),)
        wanted = {"safeTransfer": 2, "safeTransferFrom": 3}.get(called(each))
        if wanted == len(getattr(each, "arguments", ())) and isinstance(each.function, Member):
            name = each.function.name.encode()
            plain = site.text(each).replace(name, b"t" + name[5:], 1)
            if not site.text(each.function.base).startswith(b"SafeERC20"):
                yield "unchecked-token", (Edit(each.start, each.end, plain),)


def divide_first(site: Site) -> Planted:
    """Divide before multiplying."""
    for each in nodes(site.function.body):
        if not isinstance(each, Binary) or each.operator != "/":
            continue
        product = each.left
        if isinstance(product, Binary) and product.operator == "*":
            a, b, c = site.text(product.left), site.text(product.right), site.text(each.right)
            a, b = a.lstrip(b"("), b.rstrip(b")")
            if a.count(b"(") == a.count(b")") and b.count(b"(") == b.count(b")"):
                yield "division-first", (Edit(each.start, each.end, b"(%s / %s) * %s" % (a, c, b)),)


def pack(site: Site) -> Planted:
    """Hash neighbours of varying length without their lengths."""
    dynamic = {
        each.name
        for each in site.function.parameters
        if isinstance(each.type, ElementaryType) and each.type.name in ("string", "bytes")
    }
    for each in nodes(site.function.body):
        if called(each) == "encode" and len(names_in(each) & dynamic) >= 2:
            function = each.function
            yield "packed-hash", (Edit(function.start, function.end, b"abi.encodePacked"),)


def take_from_anybody(site: Site) -> Planted:
    """Take tokens from an address that the caller names."""
    named = [
        each.name
        for each in site.function.parameters
        if isinstance(each.type, ElementaryType) and each.type.name == "address" and each.name
    ]
    for each in nodes(site.function.body):
        if called(each) in ("transferFrom", "safeTransferFrom") and len(each.arguments) == 3:
            first = each.arguments[0]
            if is_sender(first) and named:
                yield "arbitrary-from", (Edit(first.start, first.end, named[0].encode()),)


OPERATORS: tuple[Callable[[Site], Planted], ...] = (
    drop_modifier,
    drop_caller_check,
    effects_after_call,
    uncheck,
    drop_bound,
    narrow,
    drop_result_check,
    drop_token_check,
    divide_first,
    pack,
    take_from_anybody,
)
