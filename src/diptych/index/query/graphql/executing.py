"""Answering GraphQL requests: checked against the schema, fetched level by level.

graphql-core parses, checks and answers questions about the schema; rows are fetched by ourselves,
because resolving each field of each row by a function costs more than the database does.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    build_schema,
    execute_sync,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values

from diptych.core.errors import DiptychError, EnvironmentFault
from diptych.index.manifest.entity import Entity
from diptych.index.query.graphql.budget import Budget, check_shape
from diptych.index.query.graphql.fetching import Fetching, tables_of
from diptych.index.query.graphql.heights import height_of, meta_of
from diptych.index.query.graphql.naming import plural, singular
from diptych.index.query.graphql.schema import schema_text
from diptych.index.query.graphql.selection import Selected, Selecting
from diptych.index.store.errors import StoreFailed
from diptych.index.store.store import QueryLimits, Snapshot

_REMEMBERED = 256
_MAX_CHARACTERS = 100_000
_MAX_TOKENS = 4_000
_MAX_ERRORS = 10
_ROOTS = {OperationType.QUERY: "Query", OperationType.SUBSCRIPTION: "Subscription"}
_INTROSPECTION = {"__schema", "__type"}
_FAULT = {"code": StoreFailed.code}
Answer = dict[str, Any]


class _Checked(NamedTuple):
    document: DocumentNode | None
    errors: list[GraphQLError]


class GraphQL:
    """The GraphQL of one index.

    Args:
        entities: its tables.
        amount: type of amounts in its database: `BIGNUM` or `NUMERIC`.
        limits: of a request; the time is that of all its statements together.
        clock: seconds that never go back.
    """

    def __init__(
        self,
        entities: Sequence[Entity],
        *,
        amount: str = "BIGNUM",
        limits: QueryLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.text = schema_text(entities)
        self.schema = build_schema(self.text)
        self._tables = tables_of(entities)
        self._single = {singular(one): one for one in entities}
        self._plural = {plural(one): one for one in entities}
        self._amount = amount
        self._limits = limits or QueryLimits()
        self._clock = clock
        self._documents: OrderedDict[str, _Checked] = OrderedDict()
        self._remembering = threading.Lock()

    def answer(
        self,
        snapshot: Snapshot,
        text: str,
        variables: Mapping[str, Any] | None = None,
        operation: str | None = None,
    ) -> Answer:
        """Return `data` and `errors`, as the GraphQL specification forms them; never raises.

        Args:
            snapshot: the store to ask.
            text: the document.
            variables: values by name.
            operation: name of the operation if there are several.
        """
        checked = self._checked(text)
        if checked.document is None or checked.errors:
            return {"errors": [one.formatted for one in checked.errors[:_MAX_ERRORS]]}
        chosen = _operation(checked.document, operation)
        if chosen is None:
            return {"errors": [{"message": f"there is no operation {operation!r:.80}"}]}
        try:
            return self._execute(snapshot, checked.document, chosen, dict(variables or {}))
        except EnvironmentFault:  # its message may name a path
            return {"errors": [{"message": "the index cannot answer now", "extensions": _FAULT}]}
        except DiptychError as error:
            return {"errors": [{"message": error.message, "extensions": {"code": error.code}}]}

    def is_subscription(self, text: str, operation: str | None = None) -> bool:
        """Whether a document asks to be told of changes."""
        checked = self._checked(text)
        if checked.document is None or checked.errors:
            return False
        chosen = _operation(checked.document, operation)
        return chosen is not None and chosen.operation is OperationType.SUBSCRIPTION

    def _checked(self, text: str) -> _Checked:
        with self._remembering:
            known = self._documents.get(text)
            if known is not None:
                self._documents.move_to_end(text)
                return known
        made = self._check(text)
        with self._remembering:
            self._documents[text] = made
            if len(self._documents) > _REMEMBERED:
                self._documents.popitem(last=False)
        return made

    def _check(self, text: str) -> _Checked:
        if len(text) > _MAX_CHARACTERS:
            message = f"got a query of {len(text)} characters, expected at most {_MAX_CHARACTERS}"
            return _Checked(None, [GraphQLError(message)])
        try:
            document = parse(text, max_tokens=_MAX_TOKENS, no_location=False)
            check_shape(document)
            return _Checked(document, validate(self.schema, document, max_errors=_MAX_ERRORS))
        except GraphQLError as error:
            return _Checked(None, [error])
        except RecursionError:
            return _Checked(None, [GraphQLError("got a query that is nested too deep")])

    def _execute(
        self,
        snapshot: Snapshot,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: dict[str, Any],
    ) -> Answer:
        coerced = get_variable_values(self.schema, operation.variable_definitions or (), variables)
        if isinstance(coerced, list):
            return {"errors": [one.formatted for one in coerced[:_MAX_ERRORS]]}
        fragments = {
            one.name.value: one
            for one in document.definitions
            if isinstance(one, FragmentDefinitionNode)
        }
        values: dict[str, Any] = getattr(coerced, "coerced", {})
        selected = Selecting(fragments, values).of(operation.selection_set)
        if any(one.name in _INTROSPECTION for one in selected.values()):
            return self._introspect(document, operation, variables)
        budget = Budget(self._limits, self._clock)
        fetching = Fetching(self._tables, snapshot, self._amount, budget)
        root = _ROOTS[operation.operation]
        return {
            "data": {
                alias: root if one.name == "__typename" else self._root(fetching, one, snapshot)
                for alias, one in selected.items()
            }
        }

    def _root(self, fetching: Fetching, chosen: Selected, snapshot: Snapshot) -> Any:
        height = height_of(chosen, snapshot)
        if chosen.name == "_meta":
            return meta_of(chosen, height, snapshot)
        if chosen.name in self._single:
            return fetching.single(self._single[chosen.name], chosen, height)
        return fetching.many(self._plural[chosen.name], chosen, height)

    def _introspect(
        self,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: dict[str, Any],
    ) -> Answer:
        name = operation.name.value if operation.name else None
        result = execute_sync(self.schema, document, variable_values=variables, operation_name=name)
        return dict(result.formatted)


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    found = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if name is not None:
        found = [one for one in found if one.name and one.name.value == name]
    return found[0] if len(found) == 1 else None
