"""Numbers: round against the caller, and compare instead of subtracting."""

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.site import Site, expression_at
from diptych.audit.fixes.template import Template, Writer
from diptych.audit.fixes.templates.arithmetic import is_plain, opening, steady_place
from diptych.audit.fixes.templates.callers import is_called
from diptych.audit.fixes.walk import Node, inside
from diptych.audit.syntax.tree import Binary, Call, Conditional, Name, Number

__all__ = ["COMPARED", "ROUNDED_UP"]


def _rounded_up(site: Site, _writer: Writer) -> list[Edit]:
    """Add one to a quotient that leaves a remainder."""
    node = expression_at(site, Binary)
    if node is None or node.operator != "/" or not _is_steady(node):
        return []
    if site.function is None or is_called(site, site.function):
        return []  # others may round the other way by it
    start = opening(site, node)
    gap = site.slice(node.left.end, node.right.start).strip(" )\n\t")
    if start < 0 or gap != "/" or isinstance(node.right, Binary | Conditional):
        return []
    top, bottom = site.source(node.left), site.source(node.right)
    if isinstance(node.left, Binary | Conditional):
        top = f"({top})"
    words = f"{top} / {bottom} + ({top} % {bottom} == 0 ? 0 : 1)"
    return [Edit(start, node.end, words)]


def _is_steady(node: Node) -> bool:
    return is_plain(node.left) and is_plain(node.right)


def _compared(site: Site, writer: Writer) -> list[Edit]:
    """Write `a >= b` for `a - b >= 0`, which always holds where arithmetic wraps."""
    node = expression_at(site, Binary)
    if node is None or node.operator not in (">=", ">") or not isinstance(node.left, Binary):
        return []
    gone = node.left
    zero = isinstance(node.right, Number) and node.right.value == 0
    if gone.operator != "-" or not zero or not is_plain(gone) or not _is_required(site, node):
        return []
    place = steady_place(site, node)
    gap = site.slice(gone.end, node.right.start).strip()
    if place is None or gap != node.operator or site.slice(node.start, gone.start):
        return []
    test = f"{site.source(gone.left)} {node.operator} {site.source(gone.right)}"
    if writer.probe:
        return site.before(place, writer.check(test, ""))
    return [Edit(node.start, node.end, test)]


def _is_required(site: Site, node: Binary) -> bool:
    place = site.place(node.start, node.end)
    held = () if place is None else inside(place.statement)
    return any(
        isinstance(each, Call)
        and isinstance(each.function, Name)
        and each.function.text in ("require", "assert")
        and each.arguments[:1] == (node,)
        for each in held
    )


ROUNDED_UP = Template(
    "round up",
    frozenset(),
    frozenset({"rounding-in-callers-favour"}),
    _rounded_up,
    rewritten=True,
)
COMPARED = Template(
    "compare, do not subtract",
    frozenset(),
    frozenset({"constant-condition"}),
    _compared,
)
