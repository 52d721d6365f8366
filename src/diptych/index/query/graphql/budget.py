"""What one GraphQL request may cost: statements, rows and time; and documents that check slowly."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from graphql import DocumentNode, FragmentDefinitionNode, GraphQLError

from diptych.index.query.graphql.selection import QueryTooLarge
from diptych.index.store.errors import QueryRefused
from diptych.index.store.store import QueryLimits

_MAX_STATEMENTS = 100
_MAX_SAME = 20
_MAX_FRAGMENTS = 100


class Budget:
    """What is left of a request's limits.

    Args:
        limits: rows and time of all statements together, bytes of each.
        clock: seconds that never go back.
    """

    def __init__(self, limits: QueryLimits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._ends = clock() + limits.timeout_s
        self._rows = 0
        self._statements = 0

    def statement(self) -> QueryLimits:
        """Return the limits of the next statement.

        Raises:
            QueryTooLarge: there were too many.
            QueryRefused: the time is over.
        """
        self._statements += 1
        if self._statements > _MAX_STATEMENTS:
            raise QueryTooLarge(f"got a query of more than {_MAX_STATEMENTS} lists and relations")
        left = self._ends - self._clock()
        if left <= 0:
            raise QueryRefused(f"the query took longer than {self._limits.timeout_s:g} s")
        return self._limits._replace(timeout_s=left)

    def took(self, rows: int) -> None:
        """Count rows.

        Raises:
            QueryTooLarge: there were too many.
        """
        self._rows += rows
        if self._rows > self._limits.rows:
            raise QueryTooLarge(
                f"got a query of more than {self._limits.rows:,} rows",
                hint="ask for fewer by `first`",
            )


def check_shape(document: DocumentNode) -> None:
    """Refuse what the rules of GraphQL take quadratic time to check.

    Raises:
        GraphQLError: a field is repeated many times, or there are many fragments.
    """
    fragments = sum(isinstance(one, FragmentDefinitionNode) for one in document.definitions)
    if fragments > _MAX_FRAGMENTS:
        raise GraphQLError(f"got {fragments} fragments, expected at most {_MAX_FRAGMENTS}")
    waiting: list[Any] = list(document.definitions)
    while waiting:
        chosen = getattr(waiting.pop(), "selection_set", None)
        if chosen is None:
            continue
        names = Counter(_name(one) for one in chosen.selections)
        if names and max(names.values()) > _MAX_SAME:
            raise GraphQLError(f"got a field more than {_MAX_SAME} times in one place")
        waiting += chosen.selections


def _name(node: Any) -> str:
    named = getattr(node, "alias", None) or getattr(node, "name", None)
    return "..." if named is None else str(named.value)
