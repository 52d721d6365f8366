"""Both stores pass the suite that any store must pass; a faulty one does not."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from diptych.index.blocks import BlockRef
from diptych.index.manifest.entity import Entity
from diptych.index.store.check_rows import ENTITIES, block, first, second
from diptych.index.store.checks import check_store
from diptych.index.store.digest import store_digest
from diptych.index.store.duck import DuckStore
from diptych.index.store.store import Commit


def test_duckdb_passes(tmp_path: Path) -> None:
    results = check_store(lambda name, entities: DuckStore(tmp_path / name, entities))
    assert [one for one in results if not one.is_passed] == []
    assert len(results) > 20


class Faulty(DuckStore):
    """Goes back without opening what it must, stores steps in parts, looks for one key only."""

    def rollback(self, to: BlockRef) -> None:
        """Take back rows but not their ends."""
        with self._transaction() as writer:
            writer.execute("delete from balance where _from > ?", [to.number])

    def commit(self, step: Commit) -> None:
        """Store each table in a transaction of its own."""
        for name, table in step.versions.items():
            super().commit(Commit(step.cursor, versions={name: table}))
        super().commit(replace(step, versions={}))

    def current(self, entity: Entity, keys: pa.Table) -> pa.Table:
        """Look for the first key alone."""
        return super().current(entity, keys.slice(0, 1))


def test_a_faulty_store_does_not_pass() -> None:
    results = check_store(lambda _, entities: Faulty(None, entities))
    failed = {one.name for one in results if not one.is_passed}
    assert {"rollback", "failed commit", "current of many keys", "current"} <= failed
    assert "commit and cursor" not in failed


def test_a_digest_tells_of_each_row_and_not_of_its_place() -> None:
    with DuckStore(None, ENTITIES) as one, DuckStore(None, ENTITIES) as other:
        stores = (one, other)
        for store in stores:
            store.commit(first())
        one.commit(second())
        turned = {
            name: table.take(list(range(table.num_rows))[::-1])
            for name, table in second().versions.items()
        }
        other.commit(replace(second(), versions=turned))
        digests = []
        for store in stores:
            with store.snapshot() as seen:
                digests.append(store_digest(seen, ENTITIES))
        assert digests[0] == digests[1]
        assert digests[0].digest == digests[1].digest
        other.rollback(block(10))
        with other.snapshot() as seen:
            before = store_digest(seen, ENTITIES)
    changed = [name for name, digest in before.tables.items() if digests[0].tables[name] != digest]
    assert changed == ["_unread", "balance", "transfer"]
    assert before.digest != digests[0].digest
