"""Loops: stop before the end of an array, not after it."""

from typing import Final

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.site import Site, expression_at
from diptych.audit.fixes.template import Template, Writer
from diptych.audit.syntax.tree import Binary, Member

__all__ = ["BEFORE_THE_END"]

_STRICT: Final = {"<=": "<", ">=": ">"}


def _before_the_end(site: Site, _writer: Writer) -> list[Edit]:
    node = expression_at(site, Binary)
    if node is None or node.operator not in _STRICT:
        return []
    end = node.right if node.operator == "<=" else node.left
    if not isinstance(end, Member) or end.name != "length":
        return []
    at = site.text.data.find(node.operator.encode(), node.left.end, node.right.start)
    return [Edit(at, at + 2, _STRICT[node.operator])] if at >= 0 else []


BEFORE_THE_END = Template(
    "stop at the last item",
    frozenset(),
    frozenset({"past-the-end"}),
    _before_the_end,
    loosened=True,
)
