"""Anchoring a log on a live node: once, provable offline, and against a log that was changed."""

import itertools
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.integration.contracts.conftest import ACCOUNTS, Stage

from diptych.contracts.bindings.anchor import Anchored, encode_set_publisher
from diptych.contracts.deployment import NotDeployed
from diptych.ledger.errors import BlockNotFound, Reverted
from diptych.ledger.outbox import Outbox
from diptych.provenance.anchor import AnchorClient
from diptych.provenance.anchored import CannotAnchor, NotAnchored
from diptych.provenance.log import Log
from diptych_verify.errors import Rollback, SplitView
from diptych_verify.merkle import leaf_hash
from diptych_verify.note import Checkpoint, VerifierKey
from diptych_verify.receipt import parse_header, verify_event

OWNER = ACCOUNTS[0].address
NUMBERS = itertools.count(1)


class LogSigner:
    """A log key in memory."""

    def __init__(self) -> None:
        number = next(NUMBERS)
        self._key = Ed25519PrivateKey.from_private_bytes(number.to_bytes(32, "big"))
        public = self._key.public_key().public_bytes_raw()
        self.key = VerifierKey(f"diptych.log/{number:032x}", public)

    def sign(self, body: bytes) -> bytes:
        return self._key.sign(body)


@pytest.fixture
def outbox(stage: Stage, tmp_path: Path) -> Iterator[Outbox]:
    outbox = stage.outbox(tmp_path)
    yield outbox
    outbox.close()


@pytest.fixture
def signer() -> LogSigner:
    return LogSigner()


@pytest.fixture
def client(stage: Stage, outbox: Outbox, signer: LogSigner) -> AnchorClient:
    return AnchorClient(stage.chain, outbox, stage.contract, key=signer.key, owner=OWNER)


def _checkpoint(client: AnchorClient, size: int, word: bytes = b"root") -> Checkpoint:
    return Checkpoint(client.key.name, size, leaf_hash(word))


def test_register_once_and_read_back(client: AnchorClient, stage: Stage) -> None:
    assert client.head() is None
    assert client.register_if_needed() is not None
    sent = stage.chain.nonce(OWNER)
    assert client.register_if_needed() is None
    assert stage.chain.nonce(OWNER) == sent
    head = client.head()
    assert head is not None
    assert (head.owner, head.size, head.root, head.time_s) == (OWNER, 0, bytes(32), 0)


def test_publish_grows_within_the_gas_bar(client: AnchorClient) -> None:
    client.register_if_needed()
    client.publish(_checkpoint(client, 5))
    receipt = client.publish(_checkpoint(client, 1_000_000, b"next"))
    assert receipt.gas_used <= 40_000
    assert receipt.cost_wei >= receipt.gas_used
    head = client.head()
    assert head is not None
    assert (head.size, head.root) == (1_000_000, leaf_hash(b"next"))
    earlier = client.head(receipt.block_number - 1)
    assert earlier is not None
    assert earlier.size == 5


def test_publishing_again_sends_nothing_and_gives_the_same_receipt(
    client: AnchorClient, stage: Stage, tmp_path: Path
) -> None:
    client.register_if_needed()
    first = client.publish(_checkpoint(client, 5))
    sent = stage.chain.nonce(OWNER)
    assert client.publish(_checkpoint(client, 5)) == first
    (tmp_path / "other").mkdir()
    other_box = stage.outbox(tmp_path / "other")
    other = AnchorClient(stage.chain, other_box, stage.contract, key=client.key, owner=OWNER)
    assert other.publish(_checkpoint(client, 5)) == first
    assert stage.chain.nonce(OWNER) == sent
    other_box.close()


def test_evidence_is_proven_offline(client: AnchorClient) -> None:
    client.register_if_needed()
    receipt = client.publish(_checkpoint(client, 9))
    evidence = client.evidence(receipt)
    header = parse_header(evidence.header)
    event = verify_event(header, evidence.index, evidence.proof, log_index=evidence.log_index)
    anchored = Anchored.parse(event.topics, event.data)
    assert (anchored.id_, anchored.size, anchored.root) == (client.log_id, 9, receipt.root)
    assert event.address == evidence.contract
    assert header.number == receipt.block_number
    head = client.head()
    assert head is not None
    assert header.time_s == head.time_s


def test_evidence_of_a_transaction_that_never_was_is_refused(client: AnchorClient) -> None:
    client.register_if_needed()
    receipt = client.publish(_checkpoint(client, 9))
    with pytest.raises(BlockNotFound):
        client.evidence(replace(receipt, transaction_hash=bytes(32)))


def test_smaller_and_contradicting_checkpoints_are_refused_with_both_roots(
    client: AnchorClient, stage: Stage
) -> None:
    client.register_if_needed()
    client.publish(_checkpoint(client, 9))
    sent = stage.chain.nonce(OWNER)
    with pytest.raises(Rollback) as rolled:
        client.publish(_checkpoint(client, 8, b"old"))
    with pytest.raises(SplitView) as split:
        client.publish(_checkpoint(client, 9, b"rewritten"))
    assert rolled.value.details["seen_size"] == 9
    assert split.value.details["seen_root"] != split.value.details["local_root"]
    assert stage.chain.nonce(OWNER) == sent


def test_impossible_checkpoints_are_refused(client: AnchorClient) -> None:
    for checkpoint in (
        _checkpoint(client, 0),
        _checkpoint(client, 2**48),
        replace(_checkpoint(client, 5), origin="diptych.log/another"),
    ):
        with pytest.raises(CannotAnchor):
            client.publish(checkpoint)


def test_publishing_before_registering_names_the_rule(client: AnchorClient) -> None:
    with pytest.raises(Reverted) as caught:
        client.publish(_checkpoint(client, 5))
    assert caught.value.code == "Anchor.UnknownLog"


def test_a_checkpoint_that_was_never_anchored_has_no_receipt(client: AnchorClient) -> None:
    client.register_if_needed()
    with pytest.raises(NotAnchored):
        client.receipt(_checkpoint(client, 5))


def test_publishers_may_publish_only_while_allowed(
    client: AnchorClient, stage: Stage, tmp_path: Path
) -> None:
    client.register_if_needed()
    (tmp_path / "second").mkdir()
    box = stage.outbox(tmp_path / "second", ACCOUNTS[1])
    second = AnchorClient(stage.chain, box, stage.contract, key=client.key, owner=OWNER)
    assert second.log_id == client.log_id
    with pytest.raises(Reverted) as caught:
        second.publish(_checkpoint(client, 5))
    assert caught.value.code == "Anchor.NotPublisher"
    grant = encode_set_publisher(client.log_id, ACCOUNTS[1].address, True)
    stage.send(grant, OWNER, stage.chain.block().timestamp_s + 1)
    assert second.publish(_checkpoint(client, 5)).gas_used <= 60_000
    box.close()


def test_no_contract_at_the_address_is_told(stage: Stage, outbox: Outbox) -> None:
    nobody = AnchorClient(stage.chain, outbox, "0x" + "11" * 20, key=LogSigner().key, owner=OWNER)
    with pytest.raises(NotDeployed) as caught:
        nobody.head()
    assert caught.value.hint == "diptych contracts deploy"


def _append(path: Path, signer: LogSigner, *entries: bytes) -> None:
    with Log.open(path, signer=signer) as log, log.writer() as writer:
        writer.append(list(entries))


def test_a_log_that_grew_honestly_passes(
    client: AnchorClient, signer: LogSigner, tmp_path: Path
) -> None:
    path = tmp_path / "log.sqlite"
    with Log.create(path, signer=signer) as log:
        assert client.check_against(log) is None
    client.register_if_needed()
    _append(path, signer, b"one", b"two")
    with Log.open(path) as log:
        assert client.check_against(log) is None
        client.publish(log.head())
    _append(path, signer, b"three")
    with Log.open(path) as log:
        head = client.check_against(log)
    assert head is not None
    assert head.size == 2


def test_a_restored_backup_and_a_rewritten_log_are_caught(
    client: AnchorClient, signer: LogSigner, tmp_path: Path
) -> None:
    path = tmp_path / "log.sqlite"
    Log.create(path, signer=signer).close()
    _append(path, signer, b"one")
    shutil.copytree(tmp_path, tmp_path / "backup", ignore=shutil.ignore_patterns("outbox*"))
    client.register_if_needed()
    _append(path, signer, b"two")
    with Log.open(path) as log:
        client.publish(log.head())
    backup = tmp_path / "backup" / "log.sqlite"
    with Log.open(backup) as log, pytest.raises(Rollback) as rolled:
        client.check_against(log)
    _append(backup, signer, b"another two")
    with Log.open(backup) as log, pytest.raises(SplitView) as split:
        client.check_against(log)
    assert rolled.value.details["seen_size"] == 2
    assert split.value.details["seen_root"] != split.value.details["local_root"]
