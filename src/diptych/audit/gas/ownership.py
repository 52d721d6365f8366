"""Whether a contract's storage is its own, so that variables may move when it is deployed anew."""

from collections.abc import Iterator

from diptych.audit.fixes.errors import Withheld
from diptych.audit.fixes.upgrades import is_upgradeable
from diptych.audit.fixes.walk import inside
from diptych.audit.gas.site import GasSite
from diptych.audit.syntax.statements import Assembly
from diptych.audit.syntax.tree import Member, Name
from diptych.audit.syntax.unit import Function

__all__ = ["functions_of", "require_own_storage"]

_DELEGATING = frozenset({"delegatecall", "callcode"})
_PARTS = frozenset({"slot", "offset"})
_SLOT_CODES = frozenset({"sload", "sstore", "delegatecall", "callcode"})


def functions_of(site: GasSite) -> Iterator[Function]:
    """Yield every function with a body of the contract, its heirs and their ancestors."""
    owners = {id(each): each for heir in site.heirs for each in heir.ancestry}
    for owner in owners.values():
        yield from (each for each in owner.tree.functions if each.body is not None)


def require_own_storage(site: GasSite) -> None:
    """Refuse to move storage that other code may know by its slots.

    Raises:
        Withheld: the contract runs behind a proxy, delegates calls, or names slots in assembly.
    """
    if any(is_upgradeable(each) for each in site.heirs):
        raise Withheld("it runs behind a proxy, so its storage must not move")
    for graph in site.graphs:
        for view in graph.functions:
            if any(op.call.kind in _DELEGATING for op in view.calls):
                raise Withheld("it delegates calls, so its storage must not move")
    for function in functions_of(site):
        for node in inside(function.body):
            if isinstance(node, Assembly) and _names_slots(node):
                raise Withheld("its assembly names slots, so its storage must not move")


def _names_slots(node: Assembly) -> bool:
    return any(
        (isinstance(each, Name) and _is_slot(each.text))
        or (isinstance(each, Member) and each.name in _PARTS)
        for each in inside(node)
    )


def _is_slot(text: str) -> bool:
    """Whether a word of assembly reads or writes storage, or says where a variable lies."""
    return text in _SLOT_CODES or text.endswith((".slot", ".offset", "_slot", "_offset"))
