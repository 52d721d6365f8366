from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.log.signing import SeededSigner

from diptych.provenance.log import Log


@pytest.fixture
def signer() -> SeededSigner:
    return SeededSigner()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.sqlite"


@pytest.fixture
def log(path: Path, signer: SeededSigner) -> Iterator[Log]:
    with Log.create(path, signer) as created:
        yield created
