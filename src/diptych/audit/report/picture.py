"""The graph of a contract as SVG: who may enter what, which state it writes, whom it calls."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from diptych.audit.analysis.contract import ContractGraph, FunctionView
from diptych.audit.analysis.exposure import Exposures
from diptych.audit.finding import Finding
from diptych.audit.report.escaping import markup
from diptych.provenance.graph.layout import NODE_HEIGHT, NODE_WIDTH, Drawing, Point, layout
from diptych.provenance.graph.wording import cut, visible

__all__ = ["Box", "Picture", "contract_picture", "drawn"]

_MAX_BOXES = 60
_MAX_LINES = 200
_MARGIN = 12


class Box(NamedTuple):
    """One node: a function, a state variable or somebody who is called; `tone` is a class."""

    key: str
    title: str
    about: str
    tone: str


class Picture(NamedTuple):
    """Boxes and the arrows between them, by keys."""

    boxes: tuple[Box, ...]
    arrows: tuple[tuple[str, str], ...]


def contract_picture(contract: ContractGraph, findings: Iterable[Finding]) -> Picture:
    """Return what to draw of a contract; functions with findings come first."""
    exposures = Exposures(contract)
    worst = {one.location.function: one.severity for one in reversed(list(findings))}
    boxes: dict[str, Box] = {}
    arrows: dict[tuple[str, str], None] = {}
    views = sorted(contract.functions, key=lambda view: _name(view) not in worst)
    for view in views:
        name = _name(view)
        if not (view.is_entry or name in worst) or len(boxes) >= _MAX_BOXES:
            continue
        key = f"f:{name}:{view.graph.frame.function.start if view.graph.frame.function else 0}"
        about = exposures.reach(view)
        boxes[key] = Box(key, f"{name}()", about, worst.get(name, "function"))
        for other in _reached(view):
            boxes.setdefault(other.key, other)
            arrows[key, other.key] = None
    return Picture(tuple(boxes.values())[:_MAX_BOXES], tuple(arrows)[:_MAX_LINES])


def _name(view: FunctionView) -> str:
    return "" if view.function is None else view.function.name or view.function.kind


def _reached(view: FunctionView) -> Iterator[Box]:
    for write in view.writes:
        variable = write.place.variable
        if variable is not None:
            yield Box(f"v:{variable.name}:{variable.start}", variable.name, "state", "state")
    for op in view.ops:
        if op.kind == "selfdestruct":
            yield Box("c:selfdestruct", "selfdestruct", "ends the contract", "call")
        if op.kind == "call" and op.call.kind not in ("internal", "library"):
            name = op.call.name or op.call.kind
            yield Box(f"c:{op.call.kind}:{name}", name, op.call.kind.replace("_", " "), "call")


def drawn(picture: Picture, title: str) -> str:
    """Return a picture as an SVG element; empty if there is nothing to draw."""
    if not picture.boxes:
        return ""
    drawing = layout([box.key for box in picture.boxes], list(picture.arrows))
    width, height = drawing.width + 2 * _MARGIN, drawing.height + 2 * _MARGIN
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" class="graph" '
            f'aria-label="{markup(title)}" viewBox="{-_MARGIN} {-_MARGIN} {width:.0f} '
            f'{height:.0f}" width="{width:.0f}" height="{height:.0f}">',
            *_lines(drawing),
            *(_box(box, drawing.boxes[box.key]) for box in picture.boxes),
            "</svg>",
        ]
    )


def _lines(drawing: Drawing) -> Iterator[str]:
    for route in drawing.routes.values():
        first, *others = route
        path = "".join(f"L{point.x:.0f} {point.y:.0f}" for point in others)
        yield f'<path class="arrow" d="M{first.x:.0f} {first.y:.0f}{path}"/>'


def _box(box: Box, at: Point) -> str:
    title = markup(cut(visible(box.title), 26))
    return (
        f'<g class="box {box.tone}" transform="translate({at.x:.0f},{at.y:.0f})">'
        f"<title>{markup(box.title[:200])}</title>"
        f'<rect width="{NODE_WIDTH:.0f}" height="{NODE_HEIGHT:.0f}" rx="6"/>'
        f'<text x="12" y="28">{title}</text>'
        f'<text class="about" x="12" y="48">{markup(box.about)}</text></g>'
    )
