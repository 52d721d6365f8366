"""What a GraphQL operation selects, with fragments resolved and limits kept. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
    value_from_ast_untyped,
)

from diptych.core.errors import UsageError

_MAX_DEPTH = 12
_MAX_FIELDS = 2_000


class QueryTooLarge(UsageError):
    """A GraphQL query is deeper, wider or dearer than the server answers."""

    code = "Index.QueryTooLarge"


@dataclass
class Selected:
    """One field that is selected.

    Attributes:
        name: in the schema.
        arguments: with variables put in.
        below: what is selected of it, by alias.
    """

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    below: "dict[str, Selected]" = field(default_factory=dict)


class Selecting:
    """Resolves fragments, variables and directives.

    Args:
        fragments: of the document.
        variables: checked values.
    """

    def __init__(
        self, fragments: Mapping[str, FragmentDefinitionNode], variables: Mapping[str, Any]
    ) -> None:
        self._fragments = fragments
        self._variables = dict(variables)
        self._fields = 0

    def of(
        self,
        nodes: SelectionSetNode,
        depth: int = 0,
        into: dict[str, Selected] | None = None,
    ) -> dict[str, Selected]:
        """Return what a selection set selects, by alias.

        Raises:
            QueryTooLarge: it is too deep or has too many fields.
        """
        if depth > _MAX_DEPTH:
            raise QueryTooLarge(f"got a query deeper than {_MAX_DEPTH} levels")
        found = {} if into is None else into
        for node in self._fields_of(nodes):
            self._fields += 1
            if self._fields > _MAX_FIELDS:
                raise QueryTooLarge(f"got a query of more than {_MAX_FIELDS} fields")
            alias = node.alias.value if node.alias else node.name.value
            if alias not in found:
                arguments = {
                    one.name.value: value_from_ast_untyped(one.value, self._variables)
                    for one in node.arguments or ()
                    if not self._is_unset(one.value)
                }
                found[alias] = Selected(node.name.value, arguments)
            if node.selection_set is not None:
                self.of(node.selection_set, depth + 1, found[alias].below)
        return found

    def _fields_of(self, nodes: SelectionSetNode, depth: int = 0) -> Iterator[FieldNode]:
        if depth > _MAX_DEPTH:
            raise QueryTooLarge(f"got fragments within fragments deeper than {_MAX_DEPTH}")
        for node in nodes.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                yield from self._fields_of(node.selection_set, depth + 1)
            elif isinstance(node, FragmentSpreadNode):
                named = self._fragments[node.name.value]
                yield from self._fields_of(named.selection_set, depth + 1)

    def _included(self, node: Any) -> bool:
        for one in node.directives or ():
            arguments = one.arguments or ()
            value = next(
                (value_from_ast_untyped(arg.value, self._variables) for arg in arguments), True
            )
            if (one.name.value == "skip") == bool(value):
                return False
        return True

    def _is_unset(self, node: Any) -> bool:
        return node.kind == "variable" and node.name.value not in self._variables
