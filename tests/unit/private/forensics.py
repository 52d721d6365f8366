"""What an attacker looks for who has all bytes left, the master key and the true plaintext."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping

from tests.unit.private.table_case import MASTER, Case

from diptych.core.canonical import canonical_json
from diptych.provenance.private.table import OpenedTable, SubjectEntry
from diptych.provenance.private.table.cells import Cell
from diptych.provenance.private.table.keys import subject_tag
from diptych_verify.disclosed import commitment
from diptych_verify.merkle import leaf_hash


def secrets_of(case: Case, table: OpenedTable, subject: SubjectEntry) -> dict[str, bytes]:
    """Return everything that could open or confirm a subject, as it lies in the stores now."""
    keys, tables = case.stores.keys, case.stores.tables
    found = {"tag": subject_tag(keys.table_key(table.root), subject.name)}
    row = keys._row("SELECT body FROM subjects WHERE id=?", (subject.id,))
    assert row is not None
    found |= {"wrapped key": row[0][:60], "wrapped rows": row[0][60:]}
    for place, opened in enumerate(table.rows_of(subject)):
        key = subject.rows[place]
        found[f"row key {place}"] = key.key
        found[f"payload {place}"] = tables.body(table.entry.id, key.block)
        found |= salts_of(table, opened.cells, opened.row.slots, place)
    return found


def salts_of(
    table: OpenedTable, cells: tuple[Cell, ...], slots: bytes, row: int
) -> dict[str, bytes]:
    """Return salts, commitments and leaf hashes of all fields of a row."""
    found: dict[str, bytes] = {}
    for place, (name, value) in enumerate(zip(table.columns, cells, strict=True)):
        salt = slots[32 * place : 32 * place + 32]
        made = commitment(name, value, salt)
        found |= {
            f"salt {row}.{place}": salt,
            f"commitment {row}.{place}": made,
            f"leaf {row}.{place}": leaf_hash(made),
        }
    return found


def plain_traces(rows: Iterable[tuple[Cell, ...]], columns: tuple[str, ...]) -> dict[str, bytes]:
    """Return what the plaintext alone, or with the master key, leads to: texts and digests."""
    found: dict[str, bytes] = {}
    for row in rows:
        texts = [cell for cell in row if isinstance(cell, str) and len(cell) > 8]
        messages = [canonical_json([n, v]) for n, v in zip(columns, row, strict=True)]
        messages += [text.encode() for text in texts] + [canonical_json(list(row))]
        for message in messages:
            if len(message) > 16:
                found[f"plain {message!r}"] = message
            for name in ("sha256", "blake2b", "md5"):
                found[f"{name} {message!r}"] = hashlib.new(name, message).digest()[:16]
            found[f"leaf {message!r}"] = leaf_hash(message)
            found[f"keyed {message!r}"] = hmac.digest(MASTER, message, "sha256")[:16]
        for text in texts:
            found[f"utf-16 {text}"] = text.encode("utf-16-le")
            found[f"hex {text}"] = text.encode().hex().encode()
    return found


def traces(kept: Mapping[str, bytes], wanted: Mapping[str, bytes]) -> list[str]:
    """Return which of the wanted bytes occur in which file, also written as hex."""
    return [
        f"{what} in {name}"
        for name, content in kept.items()
        for what, needle in wanted.items()
        if needle in content or needle.hex().encode() in content
    ]


def confirmable(kept: Mapping[str, bytes], message: bytes, targets: set[bytes]) -> bool:
    """Try every 32 bytes that are kept as the salt of a commitment to the true plaintext.

    Args:
        kept: content by file.
        message: canonical JSON of `[name, value]`.
        targets: leaf hashes that still stand in the tree or in proofs.
    """
    for content in kept.values():
        for at in range(len(content) - 31):
            made = hmac.digest(content[at : at + 32], message, "sha256")
            if made in targets or leaf_hash(made) in targets:
                return True
    return False
