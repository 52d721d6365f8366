"""Versions: the quick way for sums gives what the plain way gives, and both what a loop gives."""

import random
from dataclasses import replace
from typing import Annotated

import pyarrow as pa
import pytest

from diptych.index import entity, kinds
from diptych.index.engine.versions import BlockHashes, folded, replaced
from diptych.index.manifest.entity import Entity, entity_of


@entity
class Held:
    account: Annotated[str, kinds.Key()]
    token: Annotated[int, kinds.Key()]
    amount: kinds.Total
    moves: kinds.Count


@entity
class Range:
    account: str
    low: Annotated[kinds.Int256, kinds.LEAST]
    high: Annotated[int, kinds.GREATEST]
    opened: Annotated[int, kinds.FIRST]
    closed: Annotated[int, kinds.LAST]


@entity
class Owner:
    token: int
    account: str


HASHES = BlockHashes(range(100), [bytes([one]) * 32 for one in range(100)])


def slowly(one: Entity) -> Entity:
    """Return the same entity in a form that the quick way does not take."""
    fields = [replace(field, nullable=field.name not in one.keys) for field in one.fields]
    return replace(one, fields=tuple(fields))


def rows_of(table: pa.Table) -> list[tuple[object, ...]]:
    names = sorted(table.column_names)
    return sorted((tuple(row[name] for name in names) for row in table.to_pylist()), key=repr)


@pytest.mark.parametrize("bits", [8, 61, 66, 256])
@pytest.mark.parametrize("seed", range(8))
def test_sums_by_columns_equal_sums_by_rows(seed: int, bits: int) -> None:
    rng = random.Random(seed)
    made = entity_of(Held)
    blocks = sorted(rng.randrange(20, 40) for _ in range(rng.randrange(1, 120)))
    amounts = [rng.randrange(-(1 << bits), 1 << bits) for _ in blocks]
    changes = pa.table(
        {
            "account": [rng.choice("abcdef") for _ in blocks],
            "token": [rng.randrange(3) for _ in blocks],
            "amount": [str(one) for one in amounts],
            "moves": [rng.randrange(3) for _ in blocks],
            "_block": blocks,
        }
    )
    stood = [(one, token) for one in "abcgh" for token in range(3) if rng.random() < 0.5]
    standing = pa.table(
        {
            "account": pa.array([one for one, _ in stood], pa.string()),
            "token": pa.array([token for _, token in stood], pa.int64()),
            "amount": pa.array([str(rng.randrange(1 << bits)) for _ in stood], pa.string()),
            "moves": pa.array([rng.randrange(9) for _ in stood], pa.int64()),
        }
    )
    quick = folded(made, changes, standing, HASHES)
    plain = folded(slowly(made), changes, standing, HASHES)
    assert rows_of(quick.added) == rows_of(plain.added)
    assert rows_of(quick.closed) == rows_of(plain.closed)
    newest = {
        (row["account"], row["token"]): int(row["amount"])
        for row in quick.added.to_pylist()
        if row["_to"] is None
    }
    expected = {(row["account"], row["token"]): int(row["amount"]) for row in standing.to_pylist()}
    for row, amount in zip(changes.to_pylist(), amounts, strict=True):
        key = (row["account"], row["token"])
        expected[key] = expected.get(key, 0) + amount
    assert newest == {key: expected[key] for key in newest}


def test_other_folds_keep_least_greatest_first_and_last() -> None:
    changes = pa.table(
        {
            "account": ["a", "a", "b", "a"],
            "low": ["5", "-7", "1", "9"],
            "high": [5, 7, 1, 6],
            "opened": [1, 2, 3, 4],
            "closed": [1, 2, 3, 4],
            "_block": [10, 10, 11, 12],
        }
    )
    standing = pa.table({"account": ["b"], "low": ["0"], "high": [8], "opened": [0], "closed": [0]})
    made = folded(entity_of(Range), changes, standing, HASHES)
    rows = {(row["account"], row["_from"]): row for row in made.added.to_pylist()}
    assert rows["a", 10]["low"] == "-7"
    assert rows["a", 10]["_to"] == 12
    assert (rows["a", 12]["high"], rows["a", 12]["opened"], rows["a", 12]["closed"]) == (7, 1, 4)
    assert (rows["b", 11]["low"], rows["b", 11]["high"]) == ("0", 8)
    assert made.closed.to_pylist() == [{"account": "b", "_to": 11}]


def test_a_row_that_is_taken_away_ends_and_may_come_back() -> None:
    changes = pa.table(
        {
            "token": [1, 1, 1, 2],
            "account": ["x", None, "y", None],
            "_block": [5, 6, 8, 8],
            "_gone": [False, True, False, True],
        }
    )
    standing = pa.table({"token": [2], "account": ["old"]})
    made = replaced(entity_of(Owner), changes, standing, HASHES)
    shown = [(row["account"], row["_from"], row["_to"]) for row in made.added.to_pylist()]
    assert shown == [("x", 5, 6), ("y", 8, None)]
    assert made.closed.to_pylist() == [{"token": 2, "_to": 8}]
