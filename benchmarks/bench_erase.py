"""Erase 1,000 of 10,000 subjects and hunt for what is left, with the keys and plaintext in hand.

Recorded before erasing: every tag, wrapped key, row key, salt, commitment, leaf and ciphertext of
the erased subjects. Hunted afterwards in every byte of every file: all of these and the plaintext
with its digests, raw, as hex and as base64. As a control, the same hunt must find them before.
"""

import base64
import hashlib
import hmac
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from diptych import create
from diptych.app.verbs.data.table import opened_table, table_stores
from diptych.app.workspace import Workspace
from diptych.core.canonical import canonical_json
from diptych.core.errors import JsonValue
from diptych.provenance.private.table import OpenedTable
from diptych.provenance.private.table.keys import subject_tag
from diptych_verify.disclosed import commitment, verify_disclosed
from diptych_verify.merkle import leaf_hash
from diptych_verify.verify import verify_bundle
from harness import Row, arguments, report, row

COLUMNS = ("USUBJID", "VISIT", "SITE", "AGE", "WEIGHT", "ENDPOINT", "REMARK")
VISITS = 3
PREFIX = 16
"""Bytes of each trace that are looked for; all of them are random or unique before that."""


def name_of(subject: int) -> str:
    return f"STUDY-77-SUBJECT-{subject:06d}"


def write_table(path: Path, subjects: int) -> None:
    lines = [",".join(COLUMNS)]
    for visit in range(VISITS):
        for one in range(subjects):
            remark = f"remark of subject {one:06d} at visit {visit}"
            age, weight = 20 + one % 60, 50 + one % 400 / 10
            lines.append(f"{name_of(one)},{visit},S{one % 40},{age},{weight},R{one % 5},{remark}")
    path.write_text("\n".join(lines) + "\n")


def secret_traces(table: OpenedTable, book: Workspace, names: list[str]) -> Iterator[bytes]:
    """Yield what opens or confirms the subjects, as it lies in the stores now."""
    with sqlite3.connect(book.place.private / "datakeys.sqlite") as reader:
        wrapped = dict(reader.execute("SELECT id, body FROM subjects").fetchall())
    reader.close()
    with table_stores(book) as stores:
        key = stores.keys.table_key(table.root)
        for name in names:
            subject = table.subject(name)
            yield subject_tag(key, name)
            yield wrapped[subject.id]
            for place, opened in enumerate(table.rows_of(subject)):
                yield subject.rows[place].key
                yield stores.tables.body(table.entry.id, opened.block)
                for at, (column, value) in enumerate(zip(COLUMNS, opened.cells, strict=True)):
                    salt = opened.row.salt(at)
                    made = commitment(column, value, salt)
                    yield from (salt, made, leaf_hash(made))


def plain_traces(table: OpenedTable, names: list[str]) -> Iterator[bytes]:
    """Yield the plaintext and the digests of it that anybody could compute."""
    for name in names:
        for opened in table.rows_of(table.subject(name)):
            texts = [cell for cell in opened.cells if isinstance(cell, str) and len(cell) >= PREFIX]
            yield from (text.encode() for text in texts)
            yield from (text.encode("utf-16-le") for text in texts)
            cells: list[JsonValue] = list(opened.cells)
            for value in ([COLUMNS[0], cells[0]], [COLUMNS[-1], cells[-1]], cells):
                message = canonical_json(value)
                yield from (hashlib.sha256(message).digest(), leaf_hash(message))
                yield hashlib.blake2b(message).digest()


def needles(traces: Iterable[bytes]) -> set[bytes]:
    """Return the beginnings of all traces, raw and in the spellings that files use."""
    found = set()
    for one in traces:
        for text in (one, one.hex().encode(), base64.b64encode(one)):
            found.add(text[:PREFIX])
    return found


def hits(folder: Path, wanted: set[bytes]) -> set[bytes]:
    """Return which of the needles occur anywhere in any file."""
    found: set[bytes] = set()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            raw = path.read_bytes()
            found.update(
                piece
                for at in range(len(raw) - PREFIX + 1)
                if (piece := raw[at : at + PREFIX]) in wanted
            )
    return found


def confirmed_by_any_window(folder: Path, messages: list[bytes], targets: set[bytes]) -> int:
    """Return how many messages some 32 bytes that are kept confirm as their salt."""
    confirmed = set()
    for path in sorted(folder.rglob("*")):
        raw = path.read_bytes() if path.is_file() else b""
        for message in messages:
            for at in range(len(raw) - 31):
                made = hmac.digest(raw[at : at + 32], message, "sha256")
                if leaf_hash(made) in targets:
                    confirmed.add(message)
    return len(confirmed)


def proofs(book: Workspace) -> tuple[int, int]:
    """Verify every field of every row that is left; return (verified, tried)."""
    good = tried = 0
    with opened_table(book, "trial") as (_, table, _):
        for opened in table.rows():
            fields = tuple(table.reveal(opened))
            tried += len(fields)
            verify_disclosed(fields, table.root)
            good += len(fields)
    return good, tried


@dataclass(frozen=True)
class Hunt:
    """What to look for after the erasure, and what confirms one field."""

    secrets: set[bytes]
    plain: set[bytes]
    targets: set[bytes]
    messages: list[bytes]


def prepared(book: Workspace, names: list[str]) -> Hunt:
    """Record everything about the subjects that are to be erased."""
    with opened_table(book, "trial") as (_, table, _):
        opened = table.rows_of(table.subject(names[0]))[0]
        pairs = enumerate(zip(COLUMNS, opened.cells, strict=True))
        leaves = {leaf_hash(commitment(c, v, opened.row.salt(at))) for at, (c, v) in pairs}
        return Hunt(
            needles(secret_traces(table, book, names)),
            needles(plain_traces(table, names)),
            leaves | {node for level in table.levels for node in level},
            [canonical_json(["REMARK", opened.cells[-1]])],
        )


def measure(folder: Path, subjects: int, erased: int) -> Iterator[Row]:
    """Seal, record, erase, hunt."""
    book = create(folder)
    write_table(folder.parent / "trial.csv", subjects)
    start_s = time.perf_counter()
    book.data.add_table(folder.parent / "trial.csv", name="trial", subject="USUBJID")
    seal_s = time.perf_counter() - start_s
    names = [name_of(one) for one in range(0, subjects, subjects // erased)][:erased]
    others = [name_of(1), name_of(subjects - 1)]
    kept = [book.data.disclose("trial", name).bundle for name in others]
    hunt = prepared(book, names)
    control = len(hits(folder / ".diptych", hunt.secrets))
    start_s = time.perf_counter()
    done = book.data.erase("trial", subjects=names)
    erase_s = time.perf_counter() - start_s
    wanted = hunt.secrets | hunt.plain
    left = len(hits(folder, wanted))
    left += confirmed_by_any_window(folder / ".diptych" / "private", hunt.messages, hunt.targets)
    about = {"subjects": subjects, "erased": erased, "rows_each": VISITS, "columns": len(COLUMNS)}
    about |= {"hunted": len(wanted), "found_before": control}
    what = "erased subjects: traces left in every byte kept"
    yield row(what, left, "traces", at_most=0, more=about)
    good, tried = proofs(book)
    for raw in kept:
        verify_bundle(raw)
    share = 100 * good / tried
    yield row("other proofs that verify", share, "%", at_least=100, more={"fields": tried})
    more = {"batch": erased, "records": len(done.indexes)}
    yield row("erase, each, in a batch", 1000 * erase_s / erased, "ms", at_most=5, more=more)
    start_s = time.perf_counter()
    book.data.erase("trial", subjects=[name_of(1)])
    yield row("erase one subject alone", 1000 * (time.perf_counter() - start_s), "ms")
    yield row("rows sealed", subjects * VISITS / seal_s, "rows/s")


def main() -> int:
    """Measure and report."""
    asked = arguments(__doc__)
    os.environ.update({"DIPTYCH_KEYS__PASSPHRASE": "bench", "DIPTYCH_KEYS__SCRYPT_LOG2_N": "14"})
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base, "workspace")
        folder.mkdir()
        rows = list(measure(folder, *((500, 50) if asked.quick else (10_000, 1_000))))
    return report("erase", rows, asked)


if __name__ == "__main__":
    sys.exit(main())
