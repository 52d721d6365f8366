"""Errors of the graph."""

from diptych.core.errors import EnvironmentFault, UsageError


class BadWalk(UsageError):
    """A lineage was asked for with a limit, size or date that cannot be."""

    code = "Graph.BadWalk"


class GraphUnusable(EnvironmentFault):
    """The graph file cannot be used, though it was made anew."""

    code = "Graph.Unusable"
