"""Appending: one transaction per batch, holding entries, tiles and the signed checkpoint."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Protocol, Self

from diptych.core.database import Connection, transaction
from diptych.core.errors import DiptychError
from diptych.provenance.log import lease as leases
from diptych.provenance.log.edge import Edge
from diptych.provenance.log.errors import BadEntry, LeaseLost, storage_error
from diptych.provenance.log.finder import RUN_HEIGHT, RUN_LENGTH, build_run
from diptych.provenance.log.lease import Lease
from diptych.provenance.log.store import Store, tile_id
from diptych.provenance.log.tiles import TILE_HEIGHT, TILE_WIDTH
from diptych_verify.merkle import leaf_hash, leaf_hashes
from diptych_verify.note import VerifierKey, checkpoint_body

MAX_ENTRY_BYTES = 65_535
_INSERT_SIGNED = "INSERT INTO entries SELECT ?, ?, ?, sign_head() FROM lease WHERE fence=?"


class CheckpointSigner(Protocol):
    """The log's key: signs note bodies, and nothing else."""

    @property
    def key(self) -> VerifierKey:
        """The verifier key; its name is the log's origin."""

    def sign(self, body: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature of a note body."""


class Writer:
    """The one writer of a log while its `with` block lasts; `Log.writer` makes it."""

    def __init__(self, store: Store, signer: CheckpointSigner, lease: Lease, edge: Edge) -> None:
        self._store = store
        self._connection: Connection = store.connection
        self._execute = store.connection.execute
        self._sign = signer.sign
        self._origin = signer.key.name
        self._lease = lease
        self._edge = edge
        self._usable = True
        self._body = b""
        self._signature: bytes | None = None
        self._sign_error: BaseException | None = None
        self._connection.create_function("sign_head", 0, self._sign_head)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
            return
        with suppress(DiptychError):  # the first error is the one to show
            self.close()

    @property
    def size(self) -> int:
        """Number of entries, those of this writer included."""
        return self._edge.size

    def append(
        self, envelopes: Sequence[bytes], *, labels: Mapping[str, int] | None = None
    ) -> range:
        """Append a batch durably, all of it or nothing, and sign the new head.

        Args:
            envelopes: at least one; each 1 to 65,535 bytes.
            labels: names that point to entries of this batch, by position in it; a name that
                exists already moves.

        Returns:
            The indexes of the batch.

        Raises:
            BadEntry: an entry is empty or too large, the batch is empty, or a label points
                outside the batch.
            LeaseLost: another writer took over; nothing was written.
            DiskFull: no space left; nothing was written.
        """
        _check(envelopes, labels)
        if not self._usable:
            raise LeaseLost("this writer is closed or failed", hint="open a new writer")
        self._usable = False  # until committed: a failed append leaves the edge ahead of the file
        first = self._edge.size
        try:
            if len(envelopes) != 1 or labels or not self._append_one(first, envelopes[0]):
                self._append_batch(first, envelopes, labels or {})
        except sqlite3.Error as error:
            if self._sign_error is not None:
                raise self._sign_error from None
            raise storage_error(self._store.path, error) from error
        self._usable = True
        return range(first, self._edge.size)

    def close(self) -> None:
        """Give the lease back."""
        self._usable = False
        try:
            leases.release(self._connection, self._lease)
        except sqlite3.Error as error:
            raise storage_error(self._store.path, error) from error

    def _append_one(self, first: int, envelope: bytes) -> bool:
        """Append in a single statement, which is a transaction of its own.

        Returns:
            False, with nothing done, where more than that is due: a tile or the lease.
        """
        if self._lease.renewal_due() is not None:
            return False
        root = self._edge.append(leaf_hash(envelope))
        if root is None:
            return False
        self._insert_signed(first, envelope, root)
        return True

    def _append_batch(
        self, first: int, envelopes: Sequence[bytes], labels: Mapping[str, int]
    ) -> None:
        tiles = self._edge.extend(leaf_hashes(envelopes))
        expires = self._lease.renewal_due()
        with transaction(self._connection):
            leases.check_fence(
                self._connection, self._lease, last_index=first - 1 if first else None
            )
            self._connection.executemany(
                "INSERT INTO entries VALUES (?, ?, NULL, NULL)",
                enumerate(envelopes[:-1], start=first),
            )
            self._insert_signed(self._edge.size - 1, envelopes[-1], self._edge.root())
            self._write_tiles(tiles, first)
            self._label(first, labels)
            if expires is not None:
                leases.renew(self._connection, self._lease, expires)

    def _insert_signed(self, index: int, envelope: bytes, root: bytes) -> None:
        """Insert the last entry of a batch with the root and the signature over it.

        SQLite calls `_sign_head` once it holds the write lock and has found our fence in the lease,
        so that a head that the database would refuse is never signed.
        """
        self._body = checkpoint_body(self._origin, index + 1, root).encode()
        self._signature = None
        self._execute(_INSERT_SIGNED, (index, envelope, root, self._lease.fence))
        if self._signature is None:
            raise leases.lost(self._lease)

    def _sign_head(self) -> bytes:
        try:
            signature = self._signature = self._sign(self._body)
        except BaseException as error:
            self._sign_error = error  # SQLite would replace it by its own
            raise
        return signature

    def _write_tiles(self, tiles: Mapping[tuple[int, int], bytes], first: int) -> None:
        self._connection.executemany(
            "INSERT OR REPLACE INTO tiles VALUES (?, ?)",
            [(tile_id(level, number), body) for (level, number), body in tiles.items()],
        )
        for run in range(first >> RUN_HEIGHT, self._edge.size >> RUN_HEIGHT):
            number = run << RUN_HEIGHT - TILE_HEIGHT
            leaves: list[bytes] = []
            for tile in range(number, number + RUN_LENGTH // TILE_WIDTH):
                leaves += self._store.load_tile(0, tile, TILE_WIDTH)
            self._connection.executemany(
                "INSERT OR REPLACE INTO finder VALUES (?, ?)", build_run(run, leaves)
            )

    def _label(self, first: int, labels: Mapping[str, int]) -> None:
        self._connection.executemany(
            "INSERT INTO labels VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET idx=excluded.idx",
            [(name, first + position) for name, position in labels.items()],
        )


def _check(envelopes: Sequence[bytes], labels: Mapping[str, int] | None) -> None:
    if not envelopes:
        raise BadEntry("got an empty batch, expected at least one entry")
    for position, envelope in enumerate(envelopes):
        if not 0 < len(envelope) <= MAX_ENTRY_BYTES:
            raise BadEntry(
                f"entry {position} of the batch has {len(envelope)} bytes, "
                f"expected 1 to {MAX_ENTRY_BYTES}"
            )
    for name, position in (labels or {}).items():
        if not 0 <= position < len(envelopes):
            raise BadEntry(f"label '{name}' points to entry {position} of {len(envelopes)}")
