"""Reentrancy: write state before the call, or hold a lock."""

import re
from collections.abc import Callable, Iterator

from diptych.audit.analysis.contract import FunctionView
from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.site import Site
from diptych.audit.fixes.template import Template, Writer
from diptych.audit.fixes.templates.callers import calls_own_functions, is_guest
from diptych.audit.fixes.upgrades import is_upgradeable
from diptych.audit.fixes.walk import Node, inside, names_in
from diptych.audit.syntax.statements import Block, Declare, Evaluate, Jump, Return
from diptych.audit.syntax.tree import Assign, Index, Member, Name, Update
from diptych.audit.syntax.unit import Function

__all__ = ["EFFECTS_FIRST", "LOCK", "LOCK_ALONE", "LOCK_IN_SLOT", "LOCK_SLOT", "known_lock"]

_SWC = frozenset({"SWC-107"})
_RULES = frozenset({"reentrancy"})
_READ_ONLY_RULE = "reentrancy-read-only"
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_READ_ONLY = frozenset({"view", "pure", "constant"})
_TRANSIENT_FROM = (0, 8, 28)
_NAME = "nonReentrant"
_BALANCES = frozenset({"balance", "balanceOf"})
# keccak256(keccak256("diptych.storage.lock") - 1) & ~0xff, by ERC-7201.
LOCK_SLOT = 0xD4CD7D73E39BEB76B8C0D11844BE654DD6DBB84684842F52D0C8DCD3AC204500


def _effects_first(site: Site, _writer: Writer) -> list[Edit]:
    """Move the writes that follow a call in its block to before it."""
    place = site.place()
    if place is None or place.block is None:
        return []
    listed = list(place.block.statements)
    at = listed.index(place.statement)
    moved = [each for each in _writes_after(site, place.block) if listed.index(each) > at]
    if not moved:
        return []
    last = max(listed.index(each) for each in moved)
    passed = [each for each in listed[at:last] if each not in moved]
    if any(not _may_pass(each, passed) for each in moved):
        return []
    if calls_own_functions(site, [*moved, *passed[1:]]):
        return []
    edits: list[Edit] = []
    for each in moved:
        edits += site.before(place, site.text.data[each.start : site.statement_end(each)].decode())
        edits.append(_removal(site, each))
    return edits


def _writes_after(site: Site, block: Block) -> Iterator[Evaluate]:
    """Yield the statements of a block at which related places of the finding stand."""
    if site.finding.rule.id == _READ_ONLY_RULE:
        yield from _writes_of_view(site, block)
        return
    for location in site.finding.related:
        if location.path != site.text.path:
            continue
        start, end = site.offsets(location)
        for each in block.statements:
            if isinstance(each, Evaluate) and each.start <= start and end <= each.end + 1:
                yield each


def _writes_of_view(site: Site, block: Block) -> Iterator[Evaluate]:
    """Yield the statements after the call that change what the view in question reads."""
    read = set()
    for location in site.finding.related:
        if location.path == site.text.path:
            start, end = site.offsets(location)
            read |= set(_WORD.findall(site.slice(start, end)))
    for each in block.statements:
        if isinstance(each, Evaluate) and each.start > site.end and _changed([each]) & read:
            yield each


def _may_pass(moved: Evaluate, passed: list[Node]) -> bool:
    """Whether a statement does the same before some others as after them."""
    if any(isinstance(node, Return | Jump) for each in passed for node in inside(each)):
        return False
    if any(isinstance(node, Member) and node.name in _BALANCES for node in inside(moved)):
        return False
    mine = names_in([moved])
    theirs = names_in(passed)
    declared = {
        variable.name
        for each in passed
        if isinstance(each, Declare)
        for variable in each.variables
        if variable is not None
    }
    return not (_changed([moved]) & theirs or (declared | _changed(passed)) & mine)


def _changed(nodes: list[Node]) -> set[str]:
    """Return the names whose values some statements change."""
    found: set[str] = set()
    for node in nodes:
        for each in inside(node):
            target = each.left if isinstance(each, Assign) else None
            target = each.operand if isinstance(each, Update) else target
            while isinstance(target, Index | Member):
                target = target.base
            if isinstance(target, Name):
                found.add(target.text)
    return found


def _removal(site: Site, statement: Evaluate) -> Edit:
    """Return the edit that takes a statement out, with its line if it stands alone there."""
    data = site.text.data
    start, end = statement.start, site.statement_end(statement)
    line = data.rfind(b"\n", 0, start)
    if line >= 0 and not data[line:start].strip() and data[end : end + 1] in (b"\n", b"\r"):
        start = line
    return Edit(start, end, "")


def _lock(site: Site, writer: Writer) -> list[Edit]:
    """Lock every function that writes what the faulty one writes."""
    faulty = _entered(site)
    written = {id(op.place.variable) for view in faulty for op in view.writes}
    others = [
        view
        for view in site.graph.entries
        if view not in faulty
        and view.function is not None
        and view.function.kind == "function"
        and view.function.mutability not in _READ_ONLY
        and written & {id(op.place.variable) for op in view.writes}
    ]
    return _locked(site, writer, [*faulty, *others]) if others else []


def _lock_alone(site: Site, writer: Writer) -> list[Edit]:
    """Lock the function that the finding names."""
    return _locked(site, writer, _entered(site))


def _entered(site: Site) -> list[FunctionView]:
    """Return the functions that anybody can enter and that get to the finding's place."""
    return [
        view
        for view in site.graph.entries
        if view.function is site.function
        or any(
            op.start == site.start and op.end == site.end and op.frame.function is site.function
            for op in view.calls
        )
    ]


def _lock_in_slot(site: Site, writer: Writer) -> list[Edit]:
    """Lock the function where contracts that derive from this one leave no room to append."""
    if known_lock(site) or writer.oldest >= _TRANSIENT_FROM or is_upgradeable(site.contract):
        return []
    return _locked(site, writer, _entered(site), _slot_lock)


def _locked(
    site: Site,
    writer: Writer,
    views: list[FunctionView],
    text: Callable[[Site, Writer, str], str] | None = None,
) -> list[Edit]:
    entered = {id(view.function) for view in views}
    bodies = [
        each
        for each in site.contract.tree.functions
        if id(each) in entered and each.body is not None
    ]
    if not bodies or any(is_guest(each) for each in bodies) or _meet(views, bodies):
        return []
    known = known_lock(site)
    name = known or site.free_name(_NAME)
    edits = [
        edit
        for function in bodies
        if all(base.name != name for base in function.modifiers)
        for edit in site.with_modifier(function, name)
    ]
    if known or not edits:
        return edits
    return edits + site.at_contract_end((text or _lock_text)(site, writer, name))


def _meet(views: list[FunctionView], bodies: list[Function]) -> bool:
    """Whether one of the functions runs another, or may: they would keep each other out."""
    held = {id(each) for each in bodies}
    for view in views:
        frames = {id(op.frame.function) for op in view.ops if op.frame.function is not None}
        if len(frames & held) > 1:
            return True
    names = {each.name for each in bodies}
    return any(
        isinstance(each, Member)
        and each.name in names
        and isinstance(each.base, Name)
        and each.base.text in ("this", "super")
        for function in bodies
        for each in inside(function.body)
    )


def known_lock(site: Site) -> str:
    """Return a modifier of the contract that sets a variable before and after what it guards."""
    for owner in site.contract.ancestry:
        for modifier in owner.tree.functions:
            if modifier.kind == "modifier" and not modifier.parameters and _is_lock(modifier):
                return modifier.name
    return ""


def _is_lock(modifier: Function) -> bool:
    if modifier.body is None:
        return False
    listed = list(modifier.body.statements)
    gaps = [at for at, each in enumerate(listed) if isinstance(each, Jump) and each.kind == "_"]
    if len(gaps) != 1:
        return False
    before, after = listed[: gaps[0]], listed[gaps[0] + 1 :]
    return bool(_changed(before) & _changed(after))


def _lock_text(site: Site, writer: Writer, name: str) -> str:
    """Write the lock: transient, in a slot of its own behind proxies, else appended."""
    if writer.oldest < _TRANSIENT_FROM and is_upgradeable(site.contract):
        return _slot_lock(site, writer, name)
    free = site.free_name("_entered")
    test = writer.check(f"!{free}", "reentrant call")
    kind = "bool private transient" if writer.oldest >= _TRANSIENT_FROM else "bool private"
    return (
        f"{kind} {free};\n\nmodifier {name}() {{\n    {test}\n"
        f"    {free} = true;\n    _;\n    {free} = false;\n}}"
    )


def _slot_lock(site: Site, writer: Writer, name: str) -> str:
    """Write a lock that moves no variable, wherever it is declared."""
    taken = site.free_name("taken")
    return (
        f"// The slot is that of the ERC-7201 namespace diptych.storage.lock.\n"
        f"modifier {name}() {{\n"
        f"    bool {taken};\n    assembly {{ {taken} := sload({LOCK_SLOT:#066x}) }}\n"
        f"    {writer.check(f'!{taken}', 'reentrant call')}\n"
        f"    assembly {{ sstore({LOCK_SLOT:#066x}, 1) }}\n    _;\n"
        f"    assembly {{ sstore({LOCK_SLOT:#066x}, 0) }}\n}}"
    )


EFFECTS_FIRST = Template("write state before the call", _SWC, _RULES, _effects_first)
LOCK = Template("lock every function on the same state", _SWC, _RULES, _lock)
LOCK_ALONE = Template("lock the function", _SWC, _RULES, _lock_alone)
LOCK_IN_SLOT = Template("lock the function by a slot of its own", _SWC, _RULES, _lock_in_slot)
