"""Walks: what is reached, how far, as of which size, and that nothing makes them run away."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.graph.book import Book

from diptych.provenance.graph import Direction, WalkOptions, walk
from diptych.provenance.graph.errors import BadWalk
from diptych.provenance.graph.terms import FLOW, TESTED, NodeType, type_of
from diptych.provenance.graph.walking import EDGES_PER_NODE, IndexedEdge, Walked


def reached(book: Book, start: str, options: WalkOptions, size: int | None = None) -> set[str]:
    with book.graph() as graph:
        found = walk(graph, book.index[start], size=size or book.log.size, options=options)
    names = {index: name for name, index in book.index.items()}
    return {names[index] for index in found.hops}


def test_up_follows_content_and_shows_terms(study: Book) -> None:
    up = reached(study, "model", WalkOptions())
    assert up == {"model", "clean2", "raw", "test", "terms", "train"}
    assert reached(study, "model", WalkOptions(context=False)) == up - {"terms"}
    assert reached(study, "model", WalkOptions(versions=True)) == up | {"clean1"}


def test_down_reaches_what_came_of_it(study: Book) -> None:
    down = WalkOptions(Direction.DOWN)
    assert reached(study, "raw", down) == {"raw", "clean1", "clean2", "train", "model"}
    assert reached(study, "test", down) == {"test", "model"}
    assert reached(study, "terms", down) == {"terms"}
    untested = WalkOptions(Direction.DOWN, without=frozenset({TESTED}))
    assert reached(study, "test", untested) == {"test"}


def test_both_ways_from_the_middle(study: Book) -> None:
    both = reached(study, "clean2", WalkOptions(Direction.BOTH))
    assert both == {"clean2", "raw", "train", "model"}


@pytest.mark.parametrize(
    ("depth", "expected"),
    [(0, {"model"}), (1, {"model", "clean2", "train", "test", "terms"})],
)
def test_depth(study: Book, depth: int, expected: set[str]) -> None:
    assert reached(study, "model", WalkOptions(depth=depth)) == expected


def test_as_of_a_size_later_records_are_not_there(study: Book) -> None:
    down = WalkOptions(Direction.DOWN)
    assert reached(study, "raw", down, study.index["model"]) == {"raw", "clean1", "clean2", "train"}
    with study.graph() as graph, pytest.raises(BadWalk):
        walk(graph, study.index["model"], size=study.index["model"], options=down)


def test_a_missing_end_is_shown(book: Book) -> None:
    book.add("derived", "dataset", ("derivedFrom", "ab" * 32))
    with book.graph() as graph:
        found = walk(graph, 1, size=2, options=WalkOptions())
    assert list(found.missing) == [b"\xab" * 32]
    assert found.edges[0].pointer == b"\xab" * 32


@pytest.mark.parametrize("options", [{"limit": 0}, {"limit": 10**9}, {"depth": -1}])
def test_limits_that_cannot_be(options: dict[str, int]) -> None:
    with pytest.raises(BadWalk):
        WalkOptions(**options)  # type: ignore[arg-type]


@dataclass
class Edges:
    """Edges as a hostile cache could hold them: circles and all."""

    pairs: Sequence[tuple[int, int]]

    def edges_from(
        self, indexes: Sequence[int], relations: Iterable[str], *, size: int, limit: int
    ) -> Iterator[IndexedEdge]:
        return self._some([(a, b) for a, b in self.pairs if a in indexes], limit)

    def edges_to(
        self, indexes: Sequence[int], relations: Iterable[str], *, size: int, limit: int
    ) -> Iterator[IndexedEdge]:
        return self._some([(a, b) for a, b in self.pairs if b in indexes], limit)

    def _some(self, pairs: Sequence[tuple[int, int]], limit: int) -> Iterator[IndexedEdge]:
        return (IndexedEdge(a, "used", b) for a, b in pairs[:limit])


PAIRS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=60)


def closure(pairs: Sequence[tuple[int, int]], start: int) -> set[int]:
    seen, todo = {start}, [start]
    while todo:
        at = todo.pop()
        for a, b in pairs:
            if a == at and b not in seen:
                seen.add(b)
                todo.append(b)
    return seen


@given(PAIRS, st.integers(0, 12))
def test_a_walk_reaches_exactly_the_closure_even_of_circles(
    pairs: list[tuple[int, int]], start: int
) -> None:
    up = walk(Edges(pairs), start, size=13, options=WalkOptions())
    assert set(up.hops) == closure(pairs, start)
    back = [(b, a) for a, b in pairs]
    down = walk(Edges(pairs), start, size=13, options=WalkOptions(Direction.DOWN))
    assert set(down.hops) == closure(back, start)


@given(PAIRS, st.integers(1, 5))
def test_a_walk_never_exceeds_its_limit(pairs: list[tuple[int, int]], limit: int) -> None:
    found: Walked = walk(Edges(pairs), 0, size=13, options=WalkOptions(limit=limit))
    assert len(found.hops) <= limit
    assert found.truncated == (len(closure(pairs, 0)) > limit)


def test_a_hub_is_cut_off_and_says_so(book: Book) -> None:
    book.add("hub")
    for number in range(40):
        book.add(f"d{number}", "dataset", ("derivedFrom", "hub"))
    options = WalkOptions(Direction.DOWN, limit=2)
    assert EDGES_PER_NODE * 2 < 40
    with book.graph() as graph:
        found = walk(graph, 1, size=book.log.size, options=options)
    assert found.truncated
    assert len(found.hops) == 2


def test_no_edges_of_unknown_relations(study: Book) -> None:
    with study.graph() as graph:
        assert list(graph.edges_from([study.index["model"]], ["nonsense"], size=99, limit=9)) == []


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("run", NodeType.ACTIVITY), ("dataset", NodeType.ENTITY), ("invented", NodeType.ENTITY)],
)
def test_types(kind: str, expected: NodeType) -> None:
    assert type_of(kind) is expected
    assert "used" in FLOW
