"""What the tables of an index said at a block, as one digest that any later run can recompute.

A table's digest is SHA-256 over its name and columns and the digests of the rows that stood, in
ascending order; rows as in `diptych.index.store.digest`, with `_from` and `_block_hash` but without
`_to`, which later blocks fill in.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from diptych.core.canonical import canonical_json
from diptych.core.errors import JsonValue
from diptych.index.manifest.entity import Entity
from diptych.index.query.standing import Asked, columns_of, standing
from diptych.index.store.digest import row_digests
from diptych_verify.errors import VerificationError
from diptych_verify.jsonio import ObjectReader
from diptych_verify.statement import Statement

KIND: Final = "index-state"
_MAX_TABLES = 500


class StateDiffers(VerificationError):
    """An index does not hold what was sealed."""

    code = "Index.StateDiffers"


@dataclass(frozen=True)
class IndexState:
    """What an index said.

    Attributes:
        index: its name.
        chain_id: EIP-155, 0 where the source does not tell.
        genesis_hash: hex.
        block: height.
        block_hash: hex.
        manifest: digest of the manifest, hex.
        tables: SHA-256 of each table, hex, by name.
    """

    index: str
    chain_id: int
    genesis_hash: str
    block: int
    block_hash: str
    manifest: str
    tables: Mapping[str, str]

    def to_json(self) -> dict[str, JsonValue]:
        """Return the member `index-state` of the predicate."""
        return {**vars(self), "tables": {**self.tables}}

    @property
    def digest(self) -> str:
        """SHA-256 of all of it, hex."""
        return hashlib.sha256(canonical_json(self.to_json())).hexdigest()


def table_digests(seen: Asked, entities: Iterable[Entity], block: int) -> dict[str, str]:
    """Return the digest of each table as it stood at a block; reads every row."""
    found = {}
    for one in entities:
        columns = columns_of(one)
        digests: list[bytes] = []
        for piece in standing(seen, one, block):
            digests += row_digests(piece, columns)
        total = hashlib.sha256(json.dumps([one.table, columns], separators=(",", ":")).encode())
        for digest in sorted(digests):
            total.update(digest)
        found[one.table] = total.hexdigest()
    return found


def read_state(statement: Statement) -> IndexState | None:
    """Return the state that a statement seals, None if it is of another kind.

    Raises:
        MalformedError: it is of this kind, but not well formed.
    """
    if statement.kind != KIND:
        return None
    reader = ObjectReader(dict(statement.predicate), "predicate").object(KIND)
    tables = reader.object("tables")
    if len(tables.members) > _MAX_TABLES:
        raise reader.wrong("tables", f"at most {_MAX_TABLES}")
    return IndexState(
        index=reader.text("index"),
        chain_id=reader.integer("chain_id"),
        genesis_hash=reader.hex_bytes("genesis_hash", size=32).hex(),
        block=reader.integer("block"),
        block_hash=reader.hex_bytes("block_hash", size=32).hex(),
        manifest=reader.hex_bytes("manifest", size=32).hex(),
        tables={name: tables.hex_bytes(name, size=32).hex() for name in tables.members},
    )


def require_same_state(found: IndexState, sealed: IndexState) -> None:
    """Check that what an index holds now is what was sealed.

    Raises:
        StateDiffers: naming what differs.
    """
    wrong = [
        f"{name}: got {str(mine)[:66]}, sealed was {str(theirs)[:66]}"
        for name in ("index", "chain_id", "genesis_hash", "block", "block_hash", "manifest")
        if (mine := getattr(found, name)) != (theirs := getattr(sealed, name))
    ]
    for name in sorted({*found.tables, *sealed.tables}):
        if found.tables.get(name) != sealed.tables.get(name):
            wrong.append(f"table {name} has other rows")
    if wrong:
        raise StateDiffers(
            f"the index '{found.index}' at block {sealed.block} is not what was sealed:"
            f" {'; '.join(wrong[:5])}",
            hint="diptych index replay makes the rows anew",
        )
