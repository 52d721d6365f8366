"""A public function that nothing in the program calls: external, with parameters in calldata."""

from collections.abc import Iterator

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.walk import inside
from diptych.audit.gas.aliases import is_only_read
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import GasSite
from diptych.audit.syntax.tree import Member, Name

__all__ = ["EXTERNAL_FUNCTION"]

_CALLDATA_FROM = (0, 5, 0)


def _find(site: GasSite) -> Iterator[Candidate]:
    named = _named(site)
    for function in site.functions:
        if function.kind != "function" or function.visibility != "public" or not function.name:
            continue
        if function.name in named or function.override or function.virtual:
            continue
        assert function.body is not None
        at = site.text.data.find(b"public", function.start, function.body.start)
        held = [each for each in function.parameters if each.location == "memory"]
        if at < 0 or not all(is_only_read(site, function, each) for each in held):
            continue
        edits = [Edit(at, at + len("public"), "external")]
        for each in function.parameters:
            place = site.text.data.rfind(b"memory", each.start, each.end)
            if each.location == "memory" and place >= 0 and site.version >= _CALLDATA_FROM:
                edits.append(Edit(place, place + len("memory"), "calldata"))
        yield Candidate(function, "visibility", tuple(edits))


def _named(site: GasSite) -> set[str]:
    """Return every name that code of the contract and its heirs uses."""
    owners = {id(each): each for heir in site.heirs for each in heir.ancestry}
    return {
        each.text if isinstance(each, Name) else each.name
        for owner in owners.values()
        for function in owner.tree.functions
        if function.body is not None
        for each in inside(function.body)
        if isinstance(each, Name | Member)
    }


EXTERNAL_FUNCTION = Rewrite("external-function", "make public functions external", _find)
