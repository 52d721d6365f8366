"""Kill -9 of a process that indexes, at random points, again and again until the story is told."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from tests.unit.index import story_child
from tests.unit.index.stories import Story, manifest

from diptych.index import Indexer, IndexOptions
from diptych.index.store.digest import StoreDigest, store_digest
from diptych.index.store.duck import DuckStore
from diptych.index.store.opening import open_store

_ROOT = Path(__file__).parents[3]


class Told(NamedTuple):
    """A story that children were told.

    Attributes:
        kills: how many were killed.
        mine: digest of what they left.
        fresh: digest of an index that nobody disturbed.
    """

    kills: int
    mine: StoreDigest
    fresh: StoreDigest


def told_to_children(place: str, name: str, seed: int, kills: int, *, window: int = 24) -> Told:
    """Index a story by children that are killed; each restart finds the chain reorganised.

    Args:
        place: where rows go.
        name: of the rows.
        seed: of the story and of the kills.
        kills: how many children to kill.
        window: of the index.
    """
    rng = random.Random(seed)
    length, span = 40, rng.choice([2, 7, 50])
    killed = 0
    for chapter in range(kills + 1):
        numbers = [seed, window, length, chapter, span]
        command = [sys.executable, story_child.__file__, place, name, *map(str, numbers)]
        killed += _killed(command, rng, last=chapter == kills)
    story = Story(seed, window=window, length=length)
    for _ in range(kills):
        story.go_on()
    made = manifest()
    entities = list(made.entities.values())
    with open_store(place, name, None) as store, store.snapshot() as seen:
        mine = store_digest(seen, entities)
    with DuckStore(None, entities) as store:
        Indexer(made, story.chain, store, IndexOptions(window=window)).catch_up()
        with store.snapshot() as seen:
            return Told(killed, mine, store_digest(seen, entities))


def _killed(command: list[str], rng: random.Random, *, last: bool) -> bool:
    """Run a child; unless it is the last, kill it some time after one of its steps."""
    environ = {**os.environ, "PYTHONPATH": str(_ROOT)}
    after, pause_s = rng.randrange(6), rng.random() * 0.03
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environ) as child:
        assert child.stdout is not None
        for place, line in enumerate(child.stdout):
            if line == b"done\n":
                break
            if place == after and not last:
                time.sleep(pause_s)
                child.kill()
        child.wait()
    if last and child.returncode != 0:
        raise AssertionError(f"the last child ended with {child.returncode}")
    return child.returncode < 0
