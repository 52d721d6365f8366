"""A chain of its own for each test, stopped at the end whatever happens."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.integration.devchain.actor import Actor, Rpc

from diptych.ledger import devchain
from diptych.ledger.devchain import ChainSpec, Endpoint


@dataclass
class Chain:
    """A created chain, its actors, and connections to it."""

    folder: Path
    spec: ChainSpec
    actors: list[Actor]
    clients: list[Rpc]

    def start(self) -> Endpoint:
        """Make sure that it runs."""
        return devchain.ensure_running(self.folder)

    def rpc(self) -> Rpc:
        """Make sure that it runs, and connect."""
        self.clients.append(Rpc(self.start().url))
        return self.clients[-1]

    def transfer(self, actor: int = 0) -> str:
        """Return one signed transfer."""
        return self.actors[actor].sign(self.spec.chain_id)


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    """A chain that funds four actors; not started."""
    folder = tmp_path / "chain"
    actors = [Actor(number) for number in range(4)]
    spec = devchain.create(folder, [actor.address for actor in actors])
    made = Chain(folder, spec, actors, [])
    yield made
    for client in made.clients:
        client.close()
    devchain.stop(folder)
