"""Graph of what a log's statements say: what came from what, and what came of it."""

from typing import TYPE_CHECKING

from diptych.core.lazy import lazy_names

if TYPE_CHECKING:
    from diptych.provenance.graph.graph import Graph
    from diptych.provenance.graph.terms import Direction, NodeType
    from diptych.provenance.graph.walking import WalkOptions, walk

__all__ = ["Direction", "Graph", "NodeType", "WalkOptions", "walk"]

_TERMS = "diptych.provenance.graph.terms"
_WALK = "diptych.provenance.graph.walking"
__getattr__ = lazy_names(
    __name__,
    {
        "Direction": _TERMS,
        "Graph": "diptych.provenance.graph.graph",
        "NodeType": _TERMS,
        "WalkOptions": _WALK,
        "walk": _WALK,
    },
)
