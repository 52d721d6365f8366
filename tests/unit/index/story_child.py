"""Indexes one chapter of a story and says so after each step; killed by tests at random points.

Usage: story_child.py PLACE NAME SEED WINDOW LENGTH CHAPTERS SPAN
"""

import sys

from tests.unit.index.stories import Story, manifest

from diptych.index import Indexer, IndexOptions
from diptych.index.store.opening import open_store


def caught_up(indexer: Indexer) -> bool:
    """Take one step; return whether there was none."""
    before = indexer.counters.steps
    indexer.catch_up(stop=lambda: indexer.counters.steps > before)
    return indexer.counters.steps == before


def main() -> None:
    """Open the rows and catch up with the story as far as it is told."""
    place, name = sys.argv[1:3]
    seed, window, length, chapters, span = map(int, sys.argv[3:])
    story = Story(seed, window=window, length=length)
    for _ in range(chapters):
        story.go_on()
    made = manifest()
    entities = list(made.entities.values())
    with open_store(place, name, entities) as store:
        print("opened", flush=True)
        options = IndexOptions(window=window, max_span=span)
        indexer = Indexer(made, story.chain, store, options)
        while not caught_up(indexer):
            print("step", flush=True)
    print("done", flush=True)


if __name__ == "__main__":
    main()
