"""One world per test: fixed keys, a log on disk, Alice's key at index 0."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.golden.world import World, open_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path / "world") as made:
        yield made
