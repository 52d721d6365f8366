"""Open a private table: whose rows it holds, what they say, and proofs of single cells."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from diptych.core.digests import same_digest
from diptych.core.errors import JsonValue
from diptych.provenance.private.errors import NoSuchField, PrivateCorrupt, PrivateErased
from diptych.provenance.private.framing import decrypt_object
from diptych.provenance.private.table.cells import (
    Cell,
    SealedRow,
    block_root,
    prefixes_of,
    unlock_row,
)
from diptych.provenance.private.table.keys import RowKey, SubjectEntry
from diptych.provenance.private.table.layout import TableLayout
from diptych.provenance.private.table.seal import FORMAT, TableStores
from diptych_verify.bundle import DisclosedField
from diptych_verify.merkle import node_hash


@dataclass(frozen=True)
class OpenedRow:
    """One row: whose it is, its block in the tree, and its content."""

    subject: str = field(repr=False)
    block: int
    row: SealedRow

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Values by column; None where a field was erased, too (`row.gone` says which)."""
        return self.row.cells


class OpenedTable:
    """A private table whose nodes were checked against the root.

    Args:
        root: 32 bytes, as in the statement.
        stores: where it is kept.

    Raises:
        PrivateMissing, PrivateErased, PrivateLocked: from the key store.
        PrivateCorrupt: nodes or description contradict the root.
        ObjectMissing, ObjectCorrupt: from the object store.
    """

    def __init__(self, root: bytes, stores: TableStores) -> None:
        self.root = root
        self._stores = stores
        key = stores.keys.table_key(root)
        self.entry = stores.tables.find(root)
        plain = b"".join(decrypt_object(key, stores.objects.read(self.entry.object_name)))
        self.about: dict[str, JsonValue] = _about(plain)
        columns = self.about["columns"]
        assert isinstance(columns, list)
        self.layout = TableLayout(tuple(str(name) for name in columns), self.entry.blocks)
        self._prefixes = prefixes_of(self.layout.columns)
        if not same_digest(self.levels[-1][0], root):
            raise PrivateCorrupt(
                f"the kept nodes of a private table do not lead to root {root.hex()}",
                hint="diptych restore BACKUP",
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names in order."""
        return self.layout.columns

    @cached_property
    def levels(self) -> list[list[bytes]]:
        """Nodes over the blocks, level by level up to the root."""
        levels = [self._stores.tables.nodes(self.entry.id)]
        if len(levels[0]) != self.entry.blocks:
            raise PrivateCorrupt("nodes of a private table are missing", hint="diptych restore")
        while len(levels[-1]) > 1:
            row = levels[-1]
            levels.append([node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)])
        return levels

    def subjects(self) -> Iterator[SubjectEntry]:
        """Yield every subject that is left."""
        return self._stores.keys.subjects(self.root)

    def subject(self, name: str) -> SubjectEntry:
        """Return one subject.

        Raises:
            PrivateErased: no row of it is left, and rows of this table were erased; whether it
                ever was there cannot be told any more.
            NoSuchField: the table holds no such subject.
        """
        found = self._stores.keys.find(self.root, name)
        if found is not None:
            return found
        if self._stores.tables.has_erased(self.entry.id):
            raise PrivateErased(
                "the table holds no row of this subject: it was erased, or never was there; "
                "which of the two can no longer be told"
            )
        raise NoSuchField("the table holds no row of this subject")

    def rows_of(self, subject: SubjectEntry) -> list[OpenedRow]:
        """Return the rows of a subject."""
        return [OpenedRow(subject.name, one.block, self.open_row(one)) for one in subject.rows]

    def rows(self) -> Iterator[OpenedRow]:
        """Yield every row that is left, in random order; `row.number` is that of the file."""
        owners = {
            one.block: (subject.name, one) for subject in self.subjects() for one in subject.rows
        }
        for block, body in self._stores.tables.bodies(self.entry.id):
            owner = owners.get(block)
            if owner is not None:
                name, one = owner
                row = self._checked(one, unlock_row(one.key, body, self.layout.width))
                yield OpenedRow(name, one.block, row)

    def open_row(self, key: RowKey) -> SealedRow:
        """Decrypt one row and check it against the tree.

        Raises:
            PrivateCorrupt: it does not decrypt, or is not what was sealed.
        """
        body = self._stores.tables.body(self.entry.id, key.block)
        return self._checked(key, unlock_row(key.key, body, self.layout.width))

    def reveal(self, row: OpenedRow, columns: Sequence[str] = ()) -> list[DisclosedField]:
        """Open fields of a row: those of the named columns, or all that are left.

        Raises:
            NoSuchField: there is no such column.
            PrivateErased: a named field was erased.
        """
        places = [self.layout.place(name) for name in columns] or [
            place for place in range(len(self.columns)) if place not in row.row.gone
        ]
        gone = sorted(set(places) & row.row.gone)
        if gone:
            raise PrivateErased(f"the field {self.columns[gone[0]]!a} of this row was erased")
        leaves = row.row.leaf_hashes(self._prefixes)
        return [self._field(row, place, leaves) for place in places]

    def owner_of(self, leaf: int) -> SubjectEntry:
        """Return the subject to which a leaf belongs.

        Raises:
            PrivateErased: its row was erased.
            NoSuchField: it is padding, or there is no such leaf.
        """
        block = self.layout.block_of(leaf)
        for subject in self.subjects():
            if any(one.block == block for one in subject.rows):
                return subject
        if any(one.block == block for one in self._stores.tables.erased(self.entry.id)):
            raise PrivateErased(f"the row of leaf {leaf} was erased")
        raise NoSuchField(f"leaf {leaf} is padding, no row of the table")

    def _field(self, row: OpenedRow, place: int, leaves: Sequence[bytes]) -> DisclosedField:
        return DisclosedField(
            name=self.columns[place],
            value=row.cells[place],
            salt=row.row.salt(place),
            index=row.block * self.layout.width + place,
            leaves=self.layout.leaves,
            proof=(*_siblings(leaves, place), *self._path(row.block)),
        )

    def _path(self, block: int) -> list[bytes]:
        path = []
        for level in self.levels[:-1]:
            path.append(level[block ^ 1])
            block >>= 1
        return path

    def _checked(self, key: RowKey, row: SealedRow) -> SealedRow:
        node = block_root(row.leaf_hashes(self._prefixes))
        if not same_digest(node, self.levels[0][key.block]):
            raise PrivateCorrupt(
                "a row of a private table is not what was sealed", hint="diptych restore BACKUP"
            )
        return row


def _siblings(leaves: Sequence[bytes], place: int) -> list[bytes]:
    path, row = [], list(leaves)
    while len(row) > 1:
        path.append(row[place ^ 1])
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
        place >>= 1
    return path


def _about(plain: bytes) -> dict[str, JsonValue]:
    try:
        found = json.loads(plain.rstrip(b"\0"))
    except ValueError:
        found = None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise PrivateCorrupt("the description of a private table is not readable")
    return found
