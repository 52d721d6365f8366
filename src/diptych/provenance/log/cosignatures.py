"""Witness cosignatures, checked before they are stored (https://c2sp.org/tlog-cosignature)."""

import sqlite3

from diptych.provenance.log.errors import storage_error
from diptych.provenance.log.store import Store
from diptych_verify.note import (
    Checkpoint,
    Cosignature,
    VerifierKey,
    note_signature_line,
    parse_note,
    verify_cosignature,
)


def verify(note: str, key: VerifierKey) -> tuple[str, Checkpoint, Cosignature]:
    """Return the witness's line, what it saw, and when.

    Raises:
        BadSignature: the cosignature does not verify.
        UntrustedKey: the note carries none of `key`.
        MalformedError: not a cosigned checkpoint.
    """
    signed = parse_note(note)
    cosignature = verify_cosignature(signed, key)
    own = next(
        one for one in signed.signatures if (one.name, one.key_hash) == (key.name, key.key_hash)
    )
    line = note_signature_line(own.name, own.key_hash, own.signature)
    return line, Checkpoint.parse(signed.body), cosignature


def keep(store: Store, size: int, key: VerifierKey, line: str) -> None:
    """Store a line; the first one of a witness stays, since the earliest time proves most."""
    try:
        store.connection.execute(
            "INSERT OR IGNORE INTO cosignatures VALUES (?, ?, ?)", (size, str(key), line)
        )
    except sqlite3.Error as error:
        raise storage_error(store.path, error) from error


def lines(store: Store, size: int) -> str:
    """Return the witness lines of the checkpoint at `size`."""
    rows = store.rows("SELECT line FROM cosignatures WHERE size=? ORDER BY witness", (size,))
    return "".join(row[0] for row in rows)
