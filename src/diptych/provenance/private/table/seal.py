"""Seal a table privately: one commitment per cell, one key per row, one key per subject."""

import json
import secrets
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from diptych.core.errors import JsonValue
from diptych.core.progress import ProgressFactory, silent
from diptych.provenance.objects.store import BlobStore
from diptych.provenance.private.errors import BadTableSeal
from diptych.provenance.private.framing import encrypt_object, padded, power_of_two
from diptych.provenance.private.table.boxes import KEY_BYTES
from diptych.provenance.private.table.cells import (
    Cell,
    SealedRow,
    block_root,
    lock_row,
    new_slots,
    prefixes_of,
)
from diptych.provenance.private.table.keys import DataKeys, RowKey
from diptych.provenance.private.table.layout import TableLayout
from diptych.provenance.private.table.store import TableStore
from diptych_verify.merkle import HASH_BYTES, merkle_root

FORMAT = "diptych-table/1"
MAX_ROWS = 1 << 24
_SPOOL_BYTES = 32 << 20


@dataclass(frozen=True)
class TableContent:
    """What is to be sealed.

    Attributes:
        columns: unique names in order.
        rows: one cell per column; read once.
        subject: column that says whose row it is; None makes each row its own subject, named by
            its number.
        about: further facts for the key holder, for example name, labels and types; encrypted.
    """

    columns: tuple[str, ...]
    rows: Iterator[tuple[Cell, ...]] = field(repr=False)
    subject: str | None = None
    about: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class TableSeal:
    """A sealed table; `root`, `object_name` and `width` may be published.

    Attributes:
        root: 32 bytes over all leaves.
        object_name: the encrypted description of the table.
        width: leaves per row.
        leaves: of the padded tree.
        rows: how many were sealed; for the key holder.
        subjects: how many persons or things they are about; for the key holder.
    """

    root: bytes
    object_name: str
    width: int
    leaves: int
    rows: int = field(repr=False)
    subjects: int = field(repr=False)

    def subject_digest(self) -> dict[str, str]:
        """Return `subject.digest` of the statement."""
        return {"diptychPrivate1": self.root.hex()}

    def predicate(self) -> dict[str, JsonValue]:
        """Return the members `private` and `table` of the predicate (docs/formats.md)."""
        return {
            "private": {"root": self.root.hex(), "object": self.object_name},
            "table": {"leaves": self.leaves, "width": self.width},
        }


@dataclass(frozen=True)
class TableStores:
    """Where private tables live: description objects, ciphertext rows, keys."""

    objects: BlobStore
    tables: TableStore
    keys: DataKeys

    def close(self) -> None:
        """Close both databases."""
        self.tables.close()
        self.keys.close()


def seal_rows(
    content: TableContent, stores: TableStores, *, progress: ProgressFactory = silent
) -> TableSeal:
    """Seal all rows; everything is durable when this returns, and the caller logs the statement.

    Raises:
        BadTableSeal: no such subject column, a row without subject, or too many rows.
        NotCanonical: a cell has no canonical JSON form.
        EnvironmentFault: a store cannot be written.
    """
    place = _subject_place(content)
    with SpooledTemporaryFile(max_size=_SPOOL_BYTES, dir=str(stores.tables.path.parent)) as spool:
        sealing = _Sealing(content.columns, cast("IO[bytes]", spool))
        with progress("sealing rows", total=None, unit="rows") as task:
            for number, cells in enumerate(content.rows):
                sealing.add(cells, _name(cells, place, number))
                task.advance(1)
        sealing.shuffle()
        root = merkle_root(sealing.nodes)
        table_key = secrets.token_bytes(KEY_BYTES)
        object_name = _put_description(content, table_key, stores.objects)
        stores.tables.add(root, object_name, sealing.nodes, sealing.bodies())
        subjects = stores.keys.add_table(root, table_key, sealing.subjects())
    layout = TableLayout(content.columns, len(sealing.nodes))
    return TableSeal(root, object_name, layout.width, layout.leaves, sealing.rows, subjects)


def _put_description(content: TableContent, key: bytes, objects: BlobStore) -> str:
    about: dict[str, JsonValue] = {
        "format": FORMAT,
        "columns": list(content.columns),
        "subject": content.subject,
        **content.about,
    }
    plain = padded([json.dumps(about).encode()], exact=False)
    name = objects.put(encrypt_object(key, plain))
    objects.flush()
    return name


class _Sealing:
    """What is gathered of the rows while they stream by, about 150 bytes each.

    Args:
        columns: names.
        spool: takes the encrypted rows until their places are drawn.
    """

    def __init__(self, columns: Sequence[str], spool: IO[bytes]) -> None:
        self.nodes: list[bytes] = []
        self.rows = 0
        self._spool = spool
        self._ends = array("Q", [0])
        self._prefixes = prefixes_of(columns)
        self._width = power_of_two(len(columns))
        self._keys = bytearray()
        self._rows_of: dict[str, array[int]] = {}
        self._blocks: list[int] = []

    def add(self, cells: tuple[Cell, ...], subject: str) -> None:
        """Commit to a row and encrypt it."""
        if self.rows >= MAX_ROWS:
            raise BadTableSeal(f"got more than {MAX_ROWS:,} rows, which one tree does not hold")
        key = secrets.token_bytes(KEY_BYTES)
        row = SealedRow(self.rows + 1, cells, new_slots(key, self._width))
        self.nodes.append(block_root(row.leaf_hashes(self._prefixes)))
        self._ends.append(self._ends[-1] + self._spool.write(lock_row(key, row)))
        self._keys += key
        self._rows_of.setdefault(subject, array("I")).append(self.rows)
        self.rows += 1

    def shuffle(self) -> None:
        """Draw the block of every row, and fill the other blocks with random nodes."""
        places = list(range(power_of_two(self.rows)))
        secrets.SystemRandom().shuffle(places)
        nodes = [b""] * len(places)
        for number, block in enumerate(places):
            inside = number < self.rows
            nodes[block] = self.nodes[number] if inside else secrets.token_bytes(HASH_BYTES)
        self.nodes, self._blocks = nodes, places[: self.rows]

    def bodies(self) -> Iterator[tuple[int, bytes]]:
        """Yield (block, encrypted row) by block."""
        for number in sorted(range(self.rows), key=self._blocks.__getitem__):
            self._spool.seek(self._ends[number])
            length = self._ends[number + 1] - self._ends[number]
            yield self._blocks[number], self._spool.read(length)

    def subjects(self) -> Iterator[tuple[str, list[RowKey]]]:
        """Yield each subject with its rows."""
        for name, numbers in self._rows_of.items():
            spans = ((n, n * KEY_BYTES) for n in numbers)
            yield (
                name,
                [
                    RowKey(self._blocks[n], bytes(self._keys[at : at + KEY_BYTES]))
                    for n, at in spans
                ],
            )


def _subject_place(content: TableContent) -> int | None:
    if content.subject is None:
        return None
    if content.subject not in content.columns:
        raise BadTableSeal(
            f"the table has no column {content.subject!a}, which should say whose rows they are",
            hint=f"--subject with one of {', '.join(map(ascii, content.columns[:40]))}",
        )
    return content.columns.index(content.subject)


def _name(row: tuple[Cell, ...], place: int | None, number: int) -> str:
    if place is None:
        return str(number + 1)
    value = row[place]
    if value is None or value == "":
        raise BadTableSeal(f"row {number + 1} names no subject")
    return subject_name(value)


def subject_name(value: Cell) -> str:
    """Return the name of a subject whose column holds `value`."""
    return value if isinstance(value, str) else json.dumps(value)
