"""Rollback and split view are noticed before anything is appended; cosignatures are checked."""

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.log.signing import SeededSigner, SeededWitness

from diptych.provenance.log import Log
from diptych.provenance.log.errors import Corrupt, NoSuchEntry
from diptych_verify.errors import (
    BadSignature,
    MalformedError,
    Rollback,
    SplitView,
    UntrustedKey,
)
from diptych_verify.note import verify_checkpoint, verify_cosignature


def fill(log: Log, *tags: str) -> None:
    with log.writer() as writer:
        for tag in tags:
            writer.append([tag.encode()])


def test_a_consistent_pin_lets_the_writer_in(log: Log) -> None:
    fill(log, "a", "b")
    log.pin(log.head(), by="anchor")
    fill(log, "c")
    assert log.check().size == 3


def test_restoring_only_the_database_is_noticed(log: Log, path: Path, tmp_path: Path) -> None:
    fill(log, "a")
    backup = tmp_path / "backup.sqlite"
    _copy(path, backup)
    fill(log, "b")
    seen = log.head()
    log.pin(seen, by="anchor")
    log.close()
    _remove(path)
    shutil.copy(backup, path)
    with Log.open(path, signer=SeededSigner()) as restored:
        with pytest.raises(Rollback) as caught:
            restored.writer()
        assert caught.value.details["seen_size"] == 2
        assert caught.value.details["local_size"] == 1
        assert restored.entry(0) == b"a"  # reading goes on
        with pytest.raises(Rollback):
            restored.check()


def test_a_pin_from_the_chain_is_enough(log: Log, path: Path, tmp_path: Path) -> None:
    fill(log, "a")
    _copy(path, tmp_path / "backup.sqlite")
    fill(log, "b")
    seen = log.head()
    log.close()
    with (
        Log.open(tmp_path / "backup.sqlite", signer=SeededSigner(), pins=[seen]) as old,
        pytest.raises(Rollback),
    ):
        old.writer()


def test_a_fork_at_the_same_size_is_a_split_view(tmp_path: Path, signer: SeededSigner) -> None:
    heads = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        with Log.create(tmp_path / name / "log.sqlite", signer) as log:
            fill(log, "shared", name, "end")
            heads.append(log.head())
    with (
        Log.open(tmp_path / "one" / "log.sqlite", signer=signer, pins=[heads[1]]) as forked,
        pytest.raises(SplitView) as caught,
    ):
        forked.writer()
    assert caught.value.details["seen_root"] != caught.value.details["local_root"]


def test_a_pin_ahead_or_different_is_never_stored(log: Log) -> None:
    fill(log, "a", "b")
    head = log.head()
    with pytest.raises(Rollback):
        log.pin(replace(head, size=3), by="anchor")
    with pytest.raises(SplitView):
        log.pin(replace(head, root=bytes(32)), by="anchor")
    with pytest.raises(SplitView):
        log.pin(replace(head, origin="diptych.log/other"), by="anchor")
    assert not log.path.with_name("pins.json").exists()


def test_only_the_newest_pin_of_a_source_is_kept(log: Log) -> None:
    fill(log, "a", "b")
    newest = log.head()
    log.pin(newest, by="anchor")
    log.pin(replace(newest, size=1, root=log.root(1)), by="anchor")
    log.pin(replace(newest, size=1, root=log.root(1)), by="witness")
    text = log.path.with_name("pins.json").read_text()
    assert text.count('"by"') == 2
    assert '"by":"anchor","root":"' in text
    assert '"size":2' in text


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{}",
        b'{"format":"diptych-pins/2","origin":"x","pins":[]}',
        b'{"format":"diptych-pins/1","origin":"diptych.log/other","pins":[]}',
        b"[" * 2_000,
        b"\xff",
    ],
)
def test_unreadable_pins_stop_the_writer(log: Log, payload: bytes) -> None:
    fill(log, "a")
    log.path.with_name("pins.json").write_bytes(payload)
    with pytest.raises(Corrupt, match="pins"):
        log.writer()


def test_a_pinned_log_that_was_rewritten_is_refused(
    log: Log, path: Path, signer: SeededSigner, tmp_path: Path
) -> None:
    fill(log, "a", "b")
    log.pin(log.head(), by="anchor")
    log.close()
    _remove(path)
    with Log.create(path, signer) as rewritten, pytest.raises(Rollback):
        rewritten.writer()


class TestCosignature:
    def test_a_checked_line_is_shown_with_its_checkpoint(self, log: Log) -> None:
        fill(log, "a", "b")
        witness = SeededWitness()
        seen = log.add_cosignature(witness.cosign(log.checkpoint()), witness.key)
        assert (seen.name, seen.time_s) == (witness.name, 1_700_000_000)
        fill(log, "c")
        (note,) = log.cosigned()
        assert verify_checkpoint(note, log.key).size == 2
        assert verify_cosignature(note, witness.key).time_s == 1_700_000_000
        assert note == log.checkpoint(2)
        assert "witness.example" not in log.checkpoint()
        assert log.check(full=True).size == 3

    def test_a_line_alone_is_about_the_newest_or_the_named_size(self, log: Log) -> None:
        fill(log, "a", "b")
        witness = SeededWitness()
        old = witness.line(log.checkpoint(1))
        with pytest.raises(BadSignature):
            log.add_cosignature(old, witness.key)
        log.add_cosignature(old, witness.key, size=1)
        log.add_cosignature(witness.line(log.checkpoint()), witness.key)
        assert [verify_checkpoint(n, log.key).size for n in log.cosigned()] == [2, 1]

    def test_the_first_time_stays(self, log: Log) -> None:
        fill(log, "a")
        witness = SeededWitness()
        for time_s in (100, 200):
            log.add_cosignature(witness.line(log.checkpoint(), time_s=time_s), witness.key)
        assert verify_cosignature(log.checkpoint(), witness.key).time_s == 100

    def test_two_witnesses_stand_side_by_side(self, log: Log) -> None:
        fill(log, "a")
        for witness in (SeededWitness(), SeededWitness(seed=8, name="other.example")):
            log.add_cosignature(witness.line(log.checkpoint()), witness.key)
        note = log.checkpoint()
        assert note.count("\n— ") == 3

    @pytest.mark.parametrize("fault", ["other key", "no line", "garbage", "log key"])
    def test_what_does_not_verify_is_not_stored(self, log: Log, fault: str) -> None:
        fill(log, "a")
        witness = SeededWitness()
        note, key, error = {
            "other key": (
                witness.cosign(log.checkpoint()),
                replace(witness, seed=7).key,
                UntrustedKey,
            ),
            "no line": (log.checkpoint(), witness.key, UntrustedKey),
            "garbage": ("— witness.example AAAA", witness.key, MalformedError),
            "log key": (log.checkpoint(), log.key, MalformedError),
        }[fault]
        with pytest.raises(error):
            log.add_cosignature(note, key)
        assert list(log.cosigned()) == []
        assert not log.path.with_name("pins.json").exists()

    def test_a_witness_that_saw_another_tree_is_a_split_view(
        self, log: Log, tmp_path: Path, signer: SeededSigner
    ) -> None:
        fill(log, "a")
        with Log.create(tmp_path / "fork.sqlite", signer) as fork:
            fill(fork, "b")
            note = fork.checkpoint()
        witness = SeededWitness()
        with pytest.raises(SplitView):
            log.add_cosignature(witness.cosign(note), witness.key)

    def test_a_witnessed_checkpoint_is_a_pin(self, log: Log, path: Path, tmp_path: Path) -> None:
        fill(log, "a")
        _copy(path, tmp_path / "old.sqlite")
        fill(log, "b")
        witness = SeededWitness()
        log.add_cosignature(witness.cosign(log.checkpoint()), witness.key)
        with Log.open(tmp_path / "old.sqlite", signer=SeededSigner()) as old:
            with pytest.raises(Rollback):
                old.writer()
            with pytest.raises(Rollback):
                old.add_cosignature(log.checkpoint(), witness.key)

    def test_a_witnessed_checkpoint_ahead_is_remembered(self, path: Path, tmp_path: Path) -> None:
        ahead, witness = self._ahead(path, tmp_path), SeededWitness()
        with Log.open(path, signer=SeededSigner()) as log:
            fill(log)  # nobody has told it yet
            with pytest.raises(Rollback):
                log.add_cosignature(witness.cosign(ahead), witness.key)
        with Log.open(path, signer=SeededSigner()) as later:
            with pytest.raises(Rollback) as caught:
                later.writer()
            assert caught.value.details["seen_size"] == 2
            assert list(later.cosigned()) == []

    def test_a_log_that_has_caught_up_goes_on(self, path: Path, tmp_path: Path) -> None:
        ahead, witness = self._ahead(path, tmp_path), SeededWitness()
        with (
            Log.open(path, signer=SeededSigner()) as log,
            pytest.raises(Rollback),
        ):
            log.add_cosignature(witness.cosign(ahead), witness.key)
        _remove(path)
        shutil.copy(tmp_path / "newer.sqlite", path)
        with Log.open(path, signer=SeededSigner()) as restored:
            fill(restored, "c")
            restored.add_cosignature(witness.line(restored.checkpoint()), witness.key)
            assert restored.check().size == 3

    @pytest.mark.parametrize("fault", ["unsigned by the log", "unknown witness"])
    def test_what_the_log_never_signed_stops_nothing(
        self, path: Path, tmp_path: Path, fault: str
    ) -> None:
        ahead, witness = self._ahead(path, tmp_path), SeededWitness()
        body = ahead.partition("\n\n")[0]
        note, error = {
            "unsigned by the log": (f"{body}\n\n{witness.line(ahead)}", Rollback),
            "unknown witness": (replace(witness, seed=7).cosign(ahead), UntrustedKey),
        }[fault]
        with Log.open(path, signer=SeededSigner()) as log:
            with pytest.raises(error):
                log.add_cosignature(note, witness.key)
            fill(log, "c")
            assert log.check().size == 2

    @staticmethod
    def _ahead(path: Path, tmp_path: Path) -> str:
        """Make a log of one entry at `path`, and return the checkpoint of its second."""
        with Log.create(path, SeededSigner()) as log:
            fill(log, "a")
            _copy(path, tmp_path / "older.sqlite")
            fill(log, "b")
            _copy(path, tmp_path / "newer.sqlite")
            note = log.checkpoint()
        _remove(path)
        shutil.copy(tmp_path / "older.sqlite", path)
        return note

    def test_a_fork_that_a_witness_saw_is_remembered(
        self, log: Log, tmp_path: Path, signer: SeededSigner
    ) -> None:
        fill(log, "a")
        with Log.create(tmp_path / "fork.sqlite", signer) as fork:
            fill(fork, "b")
            note = fork.checkpoint()
        witness = SeededWitness()
        with pytest.raises(SplitView):
            log.add_cosignature(witness.cosign(note), witness.key)
        with pytest.raises(SplitView):
            log.writer()

    def test_a_size_without_checkpoint_is_refused(self, log: Log) -> None:
        with log.writer() as writer:
            writer.append([b"a", b"b"])
        witness = SeededWitness()
        with pytest.raises(NoSuchEntry):
            log.add_cosignature(witness.line(log.checkpoint()), witness.key, size=1)


def _copy(path: Path, target: Path) -> None:
    source = sqlite3.connect(path)
    copy = sqlite3.connect(target)
    source.backup(copy)
    source.close()
    copy.close()


def _remove(path: Path) -> None:
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)
