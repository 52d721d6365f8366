"""Rows are proven against a header, and states against the log; whatever is changed is noticed."""

import base64
import json
import random
from pathlib import Path
from typing import Any

import pytest
from tests.unit.index.chains import TOKEN, HandMadeChain, transfer
from tests.unit.index.made_chain import answers, make_chain

import diptych
from diptych.app.verbs.index.proving import NotSealed, seal_state, verify_row_file, verify_state
from diptych.app.verbs.index.rows import open_rows
from diptych.app.verbs.index.run import index_home
from diptych.core.secret import Secret
from diptych.index import Indexer, Manifest
from diptych.index.cache.source import CachedSource
from diptych.index.engine.home import Known
from diptych.index.manifest.ready.erc20 import erc20
from diptych.index.proof.row import row_proof_bytes, verify_row_proof
from diptych.index.proof.state import StateDiffers
from diptych.index.query.standing import NotIndexed
from diptych.index.source.answers import RawBlock, RawReceipt, as_struct
from diptych.index.verification.proof import prove_log
from diptych_verify.errors import AnchorMismatch, MalformedError, VerificationError


@pytest.fixture(scope="module")
def proven() -> bytes:
    block, told = (found[1] for found in answers(make_chain(3)))
    raw = as_struct(block, RawBlock)
    receipts = as_struct(told, list[RawReceipt])
    proof = prove_log(raw, receipts, 0, chain_id=1)
    values = {
        "id": f"{proof.block_number}-0",
        "share": 0.5,
        "large": 1 << 62,
        "_from": proof.block_number,
        "_block_hash": "0x" + proof.block_hash.hex(),
    }
    return row_proof_bytes(proof, [("transfer", values)])


def test_a_row_and_its_event_are_proven_without_a_chain(proven: bytes, tmp_path: Path) -> None:
    found = verify_row_proof(proven)
    assert verify_row_proof(proven, block_hash=found.block_hash) == found
    ((table, values),) = found.rows
    assert (table, values["share"], values["large"]) == ("transfer", "0.5", str(1 << 62))
    assert len(found.event.address) == 20
    path = tmp_path / "row.json"
    path.write_bytes(proven)
    assert verify_row_file(path, found.block_hash) == found


def _changed(raw: bytes, *path: str | int, value: Any) -> bytes:
    document = json.loads(raw)
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("block_number",), 10**6),
        (("block_hash",), "0x" + "11" * 32),
        (("rows", 0, "values", "_from"), 10**6),
        (("rows", 0, "values", "_block_hash"), "0x" + "11" * 32),
        (("receipt", "index"), 77),
        (("receipt", "log_index"), 10**6),
        (("receipt", "proof"), []),
        (("receipt", "proof", 0), base64.b64encode(b"\xc0").decode()),
        (("receipt", "header"), base64.b64encode(b"\xc0").decode()),
        (("rows",), []),
        (("format",), "diptych-row-proof/2"),
    ],
)
def test_whatever_is_changed_is_refused(
    proven: bytes, path: tuple[str | int, ...], value: object
) -> None:
    with pytest.raises(VerificationError):
        verify_row_proof(_changed(proven, *path, value=value))


def test_another_block_hash_and_what_is_no_proof_are_refused(proven: bytes) -> None:
    with pytest.raises(AnchorMismatch, match="whoever asks"):
        verify_row_proof(proven, block_hash=bytes(32))
    for raw in (b"", b"{}", b"[]", b"[" * 1000):
        with pytest.raises(MalformedError):
            verify_row_proof(raw)


def _filled(book: diptych.Workspace, chain: HandMadeChain) -> Manifest:
    manifest = erc20("0x" + TOKEN.hex(), name="tokens")
    home = index_home(book, "tokens")
    home.folder.mkdir(parents=True, exist_ok=True)
    cached = CachedSource(chain, home.cache, offline=False, window=4)
    entities = list(manifest.entities.values())
    with open_rows(book, home, manifest.digest(), entities) as store:
        Indexer(manifest, cached, store, cache=cached).catch_up()
    home.switch(Known(manifest.digest(), "tokens.py", "a test's chain"))
    return manifest


def test_a_sealed_state_is_recomputed_later_and_a_changed_row_is_noticed(tmp_path: Path) -> None:
    book = diptych.create(tmp_path, prompt=lambda reason: Secret("of a test"))
    rng = random.Random(1)
    chain = HandMadeChain()
    for _ in range(12):
        chain.mine(*(transfer(rng.randrange(4), rng.randrange(4), 1 << 90) for _ in range(3)))
    manifest = _filled(book, chain)
    with pytest.raises(NotSealed):
        verify_state(book, "tokens")
    with pytest.raises(NotIndexed):
        seal_state(book, "tokens", 12)
    sealed = seal_state(book, "tokens")
    assert sealed.state.block_hash == chain.head().hash.hex()
    for _ in range(5):
        chain.mine(transfer(0, 1, 5))
    _filled(book, chain)
    again = verify_state(book, "tokens")
    assert again == sealed
    home = index_home(book, "tokens")
    import duckdb

    with duckdb.connect(str(home.rows(manifest.digest()))) as connection:
        connection.execute("update transfer set value = 7 where id = '3-1'")
    with pytest.raises(StateDiffers, match="table transfer has other rows"):
        verify_state(book, "tokens")
