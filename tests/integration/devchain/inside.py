"""The engine inside the test's own process, where disks can be made to fail or to be quick."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from diptych.core.database import Connect, Connection
from diptych.ledger import devchain
from diptych.ledger.binary import find_anvil
from diptych.ledger.devchain.engine import Engine
from diptych.ledger.devchain.node import start_node
from diptych.ledger.devchain.store import BlockStore


class _Hasty(sqlite3.Connection):
    """Does not wait for the disk; for tests that are not about the disk."""

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        return super().execute(sql.replace("synchronous=FULL", "synchronous=OFF"), parameters)


def connect_hastily(path: Path) -> Connection:
    """Open a database without fsync."""
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=_Hasty)


@contextmanager
def engine_in(folder: Path, connect: Connect = connect_hastily) -> Iterator[Engine]:
    """Run the chain of `folder` in this process, creating it if there is none."""
    if not (folder / "blocks.sqlite").exists():
        devchain.create(folder, [])
    store = BlockStore.open(folder / "blocks.sqlite", connect=connect)
    anvil = find_anvil()
    engine = Engine(
        store,
        folder / "snapshots",
        lambda: start_node(anvil, store.spec, folder),
        clock=lambda: 1_800_000_000.0,
    )
    try:
        engine.start(lambda done, total: None)
    except BaseException:
        store.close()
        raise
    try:
        yield engine
    finally:
        engine.close()
