"""The GraphQL schema of a manifest's entities: queries, filters, orders, as text. Pure."""

from collections.abc import Iterable, Iterator

from diptych.index.manifest.entity import Entity, Field
from diptych.index.query.graphql.naming import derived, plural, refers_to_one, singular

ID = "id"
_HEAD = """scalar BigInt
scalar Bytes
scalar Int8

"The block whose state is asked for; without it the newest that is indexed."
input Block_height {
  number: Int
  hash: Bytes
  "At least this block must be indexed, else the query is refused."
  number_gte: Int
}

enum OrderDirection { asc desc }

type _Block_ { number: Int!  hash: Bytes!  parentHash: Bytes!  timestamp: Int! }

type _Meta_ { block: _Block_!  deployment: String!  hasIndexingErrors: Boolean! }
"""
COMPARED = ("not", "gt", "lt", "gte", "lte", "in", "not_in")
TEXTUAL = (
    "contains",
    "contains_nocase",
    "not_contains",
    "not_contains_nocase",
    "starts_with",
    "starts_with_nocase",
    "not_starts_with",
    "not_starts_with_nocase",
    "ends_with",
    "ends_with_nocase",
    "not_ends_with",
    "not_ends_with_nocase",
)


def schema_text(entities: Iterable[Entity]) -> str:
    """Return the schema.

    >>> from diptych.index.manifest.kinds import KINDS
    >>> made = Entity("Pool", (Field("id", KINDS[str]),), ("id",))
    >>> "pools(" in schema_text([made])
    True
    """
    every = list(entities)
    parts = [_HEAD]
    for one in every:
        parts += [_type(one, every), _orders(one, every), _filter(one, every)]
    parts += ["type Query {", *_queries(every), "}", "type Subscription {", *_queries(every), "}"]
    return "\n".join(parts)


def has_own_id(entity: Entity) -> bool:
    """Whether a column is named `id`; else `id` is made of the keys."""
    return any(one.name == ID for one in entity.fields)


def _type(entity: Entity, every: list[Entity]) -> str:
    one = refers_to_one(entity, every)
    lines = [] if has_own_id(entity) else ["  id: ID!"]
    for field in entity.fields:
        type_ = one[field.name].name if field.name in one else _scalar(field)
        # What is referred to may not be indexed, so only plain fields are sure to be there.
        sure = "" if field.nullable or field.name in one else "!"
        lines.append(f"  {field.name}: {type_}{sure}")
    for many in derived(entity, every):
        lines.append(f"  {many.name}({_arguments(many.entity)}): [{many.entity.name}!]!")
    return "\n".join([f"type {entity.name} {{", *lines, "}"])


def _scalar(field: Field) -> str:
    return "ID" if field.name == ID else field.kind.graphql


def _arguments(entity: Entity, *, block: bool = False) -> str:
    height = ", block: Block_height" if block else ""
    return (
        f"skip: Int = 0, first: Int = 100, after: ID, orderBy: {entity.name}_orderBy,"
        f" orderDirection: OrderDirection = asc, where: {entity.name}_filter{height}"
    )


def _orders(entity: Entity, every: list[Entity]) -> str:
    names = [*([] if has_own_id(entity) else [ID]), *(one.name for one in entity.fields)]
    for name, other in refers_to_one(entity, every).items():
        names += [f"{name}__{field.name}" for field in other.fields]
    return f"enum {entity.name}_orderBy {{ {' '.join(names)} }}"


def _filter(entity: Entity, every: list[Entity]) -> str:
    one = refers_to_one(entity, every)
    lines = [f"  and: [{entity.name}_filter]", f"  or: [{entity.name}_filter]"]
    if not has_own_id(entity):
        lines += ["  id: ID", "  id_not: ID", "  id_in: [ID!]", "  id_not_in: [ID!]"]
    for field in entity.fields:
        lines += [f"  {line}" for line in _comparisons(field)]
        if field.name in one:
            lines.append(f"  {field.name}_: {one[field.name].name}_filter")
    return "\n".join([f"input {entity.name}_filter {{", *lines, "}"])


def _comparisons(field: Field) -> Iterator[str]:
    type_ = _scalar(field)
    yield f"{field.name}: {type_}"
    for operator in ("not", "in", "not_in") if type_ == "Boolean" else COMPARED:
        shown = f"[{type_}!]" if operator.endswith("in") else type_
        yield f"{field.name}_{operator}: {shown}"
    if type_ in {"String", "ID", "Bytes"}:
        for operator in TEXTUAL:
            yield f"{field.name}_{operator}: {type_}"


def _queries(every: list[Entity]) -> Iterator[str]:
    yield "  _meta(block: Block_height): _Meta_"
    for one in every:
        yield f"  {singular(one)}(id: ID!, block: Block_height): {one.name}"
        yield f"  {plural(one)}({_arguments(one, block=True)}): [{one.name}!]!"
