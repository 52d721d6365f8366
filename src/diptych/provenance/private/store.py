"""The private store: salts and keys of private seals, encrypted field by field, truly deletable.

`private/private.sqlite` (0600 in a 0700 folder). Each seal has its own key, wrapped by the master
key that the caller hands in; salts and the rest are encrypted under the seal's key. Erasing
deletes the row with `secure_delete=ON` and truncates the WAL, so that neither remains.
"""

import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from diptych.core.database import Connect, connect_sqlite, transaction
from diptych.core.errors import JsonValue
from diptych.provenance.private.errors import (
    BadMasterKey,
    PrivateErased,
    PrivateLocked,
    PrivateMissing,
)
from diptych.provenance.private.framing import KEY_BYTES, power_of_two
from diptych.provenance.private.table.files import (
    empty_log,
    memory_database,
    open_database,
    store_errors,
)

SCHEMA_VERSION = 1
PART_BYTES = 1 << 17
_NONCE_BYTES = 12
_MIN_BODY_BYTES = 512
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS seals(root BLOB PRIMARY KEY, object TEXT, payload TEXT,"
    " key BLOB, body BLOB) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS parts(root BLOB, part TEXT, number INTEGER, body BLOB,"
    " PRIMARY KEY(root, part, number)) WITHOUT ROWID",
)


@dataclass(frozen=True)
class SealSecrets:
    """What a private seal needs to be opened.

    Attributes:
        object_name: encrypted manifest object, empty for a field tree.
        payload_name: encrypted payload object, empty if none was kept.
        body: keys and fields, JSON-ready.
        slots: 32 bytes per leaf: the salt, or a padding leaf's commitment.
        order: 4 bytes (big endian) per file: the leaf that belongs to it.
    """

    object_name: str
    payload_name: str
    body: dict[str, JsonValue] = field(repr=False)
    slots: bytes = field(repr=False)
    order: bytes = field(default=b"", repr=False)


class PrivateStore:
    """Salts and keys of private seals by root.

    Args:
        folder: created with mode 0700.
        master_key: 32 bytes; without them nothing can be read, but everything can be erased.
        connect: opens the database; replaceable for power-cut tests.

    Raises:
        BadMasterKey: the key is not 32 bytes long.
        PrivateUnusable: the folder or database cannot be used.
    """

    def __init__(
        self, folder: Path, master_key: bytes, *, connect: Connect = connect_sqlite
    ) -> None:
        if len(master_key) != KEY_BYTES:
            raise BadMasterKey(f"got a master key of {len(master_key)} bytes, expected {KEY_BYTES}")
        self._path = folder / "private.sqlite"
        self._master = AESGCM(master_key)
        self._connection = open_database(self._path, _SCHEMA, SCHEMA_VERSION, connect)

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def add(self, root: bytes, seal: SealSecrets) -> None:
        """Keep the secrets of a seal, durably.

        Raises:
            PrivateUnusable: the database cannot be written.
        """
        key = secrets.token_bytes(KEY_BYTES)
        own = AESGCM(key)
        body = json.dumps(seal.body).encode()
        body = body.ljust(power_of_two(max(len(body), _MIN_BODY_BYTES)))
        row = (
            root,
            seal.object_name,
            seal.payload_name,
            _encrypt(self._master, key, _label(root, "key")),
            _encrypt(own, body, _label(root, "body")),
        )
        parts = [
            (root, part, number, _encrypt(own, chunk, _label(root, f"{part} {number}")))
            for part, content in (("slots", seal.slots), ("order", seal.order))
            for number, chunk in enumerate(_split(content))
        ]
        with store_errors(self._path):
            with transaction(self._connection):
                self._connection.execute("INSERT INTO seals VALUES(?,?,?,?,?)", row)
                self._connection.executemany("INSERT INTO parts VALUES(?,?,?,?)", parts)
            empty_log(self._connection, self._path)

    def load(self, root: bytes) -> SealSecrets:
        """Return the secrets of a seal.

        Raises:
            PrivateMissing: no such seal.
            PrivateErased: it was erased.
            PrivateLocked: the master key is wrong, or rows were altered.
        """
        with store_errors(self._path):
            row = self._connection.execute(
                "SELECT object, payload, key, body FROM seals WHERE root=?", (root,)
            ).fetchone()
            if row is None:
                raise PrivateMissing(f"no private seal with root {root.hex()} is kept here")
            if row[2] is None:
                raise PrivateErased(f"the private seal with root {root.hex()} was erased")
            parts = self._connection.execute(
                "SELECT part, number, body FROM parts WHERE root=? ORDER BY part, number", (root,)
            ).fetchall()
        own = AESGCM(_decrypt(self._master, row[2], _label(root, "key")))
        opened: dict[str, list[bytes]] = {"slots": [], "order": []}
        for part, number, sealed in parts:
            opened[part].append(_decrypt(own, sealed, _label(root, f"{part} {number}")))
        return SealSecrets(
            object_name=row[0],
            payload_name=row[1],
            body=json.loads(_decrypt(own, row[3], _label(root, "body"))),
            slots=b"".join(opened["slots"]),
            order=b"".join(opened["order"]),
        )

    def roots(self) -> list[bytes]:
        """Return the roots of all seals that can still be opened."""
        with store_errors(self._path):
            rows = self._connection.execute("SELECT root FROM seals WHERE key IS NOT NULL")
            return [root for (root,) in rows.fetchall()]

    def erase(self, root: bytes) -> tuple[str, ...]:
        """Destroy key, salts and fields of a seal; needs no master key.

        Returns:
            Names of the objects that the caller must remove (again, if called again).

        Raises:
            PrivateMissing: no such seal.
            EraseIncomplete: another process keeps old pages alive; call again.
        """
        with store_errors(self._path):
            row = self._connection.execute(
                "SELECT object, payload FROM seals WHERE root=?", (root,)
            ).fetchone()
            if row is None:
                raise PrivateMissing(f"no private seal with root {root.hex()} is kept here")
            with transaction(self._connection):
                self._connection.execute("DELETE FROM parts WHERE root=?", (root,))
                self._connection.execute("DELETE FROM seals WHERE root=?", (root,))
                self._connection.execute("INSERT INTO seals VALUES(?,?,?,NULL,NULL)", (root, *row))
            # `secure_delete` spares the copies that a page keeps of cells it has moved.
            self._connection.execute("VACUUM")
            empty_log(self._connection, self._path)
        return tuple(name for name in row if name)

    def adopt(self, content: bytes, *, refused: Collection[bytes]) -> int:
        """Add the seals of a copy that are missing here; nothing that is here is changed.

        Args:
            content: a private store's database.
            refused: roots that were erased and must not come back.

        Returns:
            How many seals came back.

        Raises:
            PrivateUnusable: it is no private store of this version.
        """
        copy = memory_database(content, SCHEMA_VERSION)
        try:
            with store_errors(self._path), transaction(self._connection):
                rows = copy.execute("SELECT * FROM seals WHERE key IS NOT NULL").fetchall()
                known = {root for (root,) in self._connection.execute("SELECT root FROM seals")}
                fresh = [row for row in rows if row[0] not in known and row[0] not in refused]
                self._connection.executemany("INSERT INTO seals VALUES(?,?,?,?,?)", fresh)
                for row in fresh:
                    parts = copy.execute("SELECT * FROM parts WHERE root=?", (row[0],))
                    self._connection.executemany("INSERT INTO parts VALUES(?,?,?,?)", parts)
        finally:
            copy.close()
        return len(fresh)


def _label(root: bytes, what: str) -> bytes:
    return b"diptych-private-store/1 " + root + what.encode()


def _split(content: bytes) -> list[bytes]:
    return [content[at : at + PART_BYTES] for at in range(0, len(content), PART_BYTES)]


def _encrypt(cipher: AESGCM, plain: bytes, label: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, label)


def _decrypt(cipher: AESGCM, sealed: bytes, label: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], label)
    except (InvalidTag, ValueError) as error:
        raise PrivateLocked(
            "the private store does not open with this key",
            hint="unlock the keys of this workspace; if it is the right key, restore a backup",
        ) from error
