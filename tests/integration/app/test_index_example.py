"""The index on the embedded chain: its example, and our own contract recognised and proven."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.style.tree import ROOT

import diptych
from diptych.app.verbs.chain import chain_down
from diptych.app.verbs.index.asking import index_query
from diptych.app.verbs.index.origin import Origin
from diptych.app.verbs.index.proving import (
    NoSuchRow,
    prove_row,
    seal_state,
    verify_row_file,
    verify_state,
)
from diptych.app.verbs.index.run import run_index
from diptych.app.verbs.index.starting import Wish, start_manifest
from diptych.core.secret import Secret
from diptych_verify.errors import AnchorMismatch


def test_example_shows_the_log_at_both_blocks() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "examples/index_a_chain.py"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    first, *then = done.stdout.splitlines()
    assert first.endswith("2 events")
    assert [line.rsplit(maxsplit=2)[1] for line in then] == ["2", "3"]


def test_our_contract_is_recognised_by_its_code_and_its_rows_are_proven(tmp_path: Path) -> None:
    book = diptych.create(tmp_path, prompt=lambda reason: Secret("of a test"))
    try:
        (tmp_path / "model.bin").write_bytes(bytes(64))
        book.seal("model.bin")
        anchored = book.anchor()
        done = start_manifest(book, tmp_path, Wish(anchored.contract), Origin())
        assert done.use == "anchor"
        run_index(book, done.path, Origin())
        (row,) = index_query(book, "anchor", "select id, root from anchoring").to_pylist()
        assert row["root"] == f"0x{anchored.root}"
        block, index = map(int, row["id"].split("-"))
        to = tmp_path / "row.json"
        proven = prove_row(book, "anchor", (block, index), Origin(), to=to)
        assert verify_row_file(to, proven.block_hash).event.address.hex() in (
            anchored.contract.lower()
        )
        with pytest.raises(NoSuchRow):
            prove_row(book, "anchor", (block, index + 1), Origin(), to=to)
        with pytest.raises(AnchorMismatch):
            verify_row_file(to, bytes(32))
        assert seal_state(book, "anchor") == verify_state(book, "anchor")
    finally:
        chain_down(book)
