"""Which block a GraphQL query asks about, and what `_meta` says of it."""

from typing import Any

from diptych.index.blocks import BlockRef
from diptych.index.query.graphql.filters import BadFilter
from diptych.index.query.graphql.selection import Selected
from diptych.index.store.store import Snapshot
from diptych.index.store.tables import LINKS

_LINK = "number, hash, parent_hash, timestamp_s"
Answer = dict[str, Any]


def height_of(chosen: Selected, snapshot: Snapshot) -> int | None:
    """Return the block whose state is asked for, None for the newest.

    Raises:
        BadFilter: it is not indexed.
    """
    block = {
        name: value
        for name, value in (chosen.arguments.get("block") or {}).items()
        if value is not None
    }
    if not block:
        return None
    if len(block) > 1:
        raise BadFilter(f"got block: {', '.join(sorted(block))}, expected one of them")
    if "hash" in block:
        return _of_hash(str(block["hash"]), snapshot)
    cursor = snapshot.cursor()
    newest = -1 if cursor is None else cursor.block.number
    ((name, asked),) = block.items()
    if not 0 <= int(asked) <= newest:
        raise BadFilter(f"block {asked} is not indexed, the newest is {newest}")
    return None if name == "number_gte" or int(asked) == newest else int(asked)


def _of_hash(asked: str, snapshot: Snapshot) -> int:
    digits = asked.lower().removeprefix("0x")
    cursor = snapshot.cursor()
    if cursor is not None and cursor.block.hash.hex() == digits:
        return cursor.block.number
    found = snapshot.rows(f"select number from {LINKS} where hash = $1", [digits])
    if not found:
        raise BadFilter(
            f"block {asked!r:.80} is not among the newest that the index remembers by hash",
            hint="ask by number",
        )
    return int(found[0][0])


def meta_of(chosen: Selected, height: int | None, snapshot: Snapshot) -> Answer | None:
    """Return `_meta`; of an older block what the index remembers of it, else None."""
    cursor = snapshot.cursor()
    if cursor is None:
        return None
    at = cursor.block if height is None else _remembered(height, cursor.block, snapshot)
    if at is None:
        return None
    block = {
        "number": at.number,
        "hash": "0x" + at.hash.hex(),
        "parentHash": "0x" + at.parent_hash.hex(),
        "timestamp": at.timestamp_s,
        "__typename": "_Block_",
    }
    known: Answer = {
        "deployment": cursor.manifest,
        "hasIndexingErrors": False,
        "__typename": "_Meta_",
    }
    return {
        alias: {inner: block[below.name] for inner, below in one.below.items()}
        if one.name == "block"
        else known[one.name]
        for alias, one in chosen.below.items()
    }


def _remembered(number: int, newest: BlockRef, snapshot: Snapshot) -> BlockRef | None:
    if number == newest.number:
        return newest
    found = snapshot.rows(f"select {_LINK} from {LINKS} where number = $1", [number])
    for at, hash_, parent_hash, timestamp_s in found:
        return BlockRef(at, bytes.fromhex(hash_), bytes.fromhex(parent_hash), timestamp_s)
    return None
