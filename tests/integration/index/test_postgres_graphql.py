"""GraphQL answers the same from PostgreSQL as from DuckDB."""

from collections.abc import Iterator

import pytest
from tests.integration.index.postgres_server import postgres_server
from tests.unit.index import test_graphql_shapes as shapes

from diptych.index.store.postgres import PostgresStore


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[shapes.Asked, shapes.Asked]]:
    with postgres_server() as url:
        other = shapes.Asked(lambda each: PostgresStore(url, each, schema="notes"), "NUMERIC")
        plain = shapes.Asked()
        yield plain, other
        plain.store.close()
        other.store.close()


_PAGE = "first: 1000, orderBy: {order}, orderDirection: {direction}"


@pytest.mark.parametrize("order", ["mark", "word", "number", "id", "pool__price"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_rows_and_relations_come_in_the_same_order(
    both: tuple[shapes.Asked, shapes.Asked], order: str, direction: str
) -> None:
    given = _PAGE.format(order=order, direction=direction)
    text = f"{{ notes({given}) {{ id mark word pool {{ id price notes(first: 3) {{ id }} }} }} }}"
    plain, other = (one(text) for one in both)
    assert len(plain["data"]["notes"]) > 20
    assert plain == other


@pytest.mark.parametrize(
    "text",
    [
        '{ notes(where: {mark_gt: 5, word_starts_with: "w"}) { id mark } }',
        "{ notes(where: {or: [{mark: null}, {pool_: {price_lt: 90}}]}) { id } }",
        "{ notes(first: 1000, block: {number: 7}) { id } _meta(block: {number: 7}) {"
        " block { number hash timestamp } } }",
        "{ notes(block: {number: 99}) { id } }",
        "{ pools(where: {price_in: [1, 7, 77]}) { id price } }",
    ],
)
def test_filters_and_past_blocks_are_answered_alike(
    both: tuple[shapes.Asked, shapes.Asked], text: str
) -> None:
    plain, other = (one(text) for one in both)
    assert plain == other


def test_pages_by_key_are_the_same(both: tuple[shapes.Asked, shapes.Asked]) -> None:
    for order in ("mark", "id"):
        text = f"query($after: ID) {{ notes(first: 5, after: $after, orderBy: {order}) {{ id }} }}"
        after = None
        while page := both[0](text, after=after)["data"]["notes"]:
            assert both[1](text, after=after)["data"]["notes"] == page
            after = page[-1]["id"]
