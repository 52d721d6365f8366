"""The log of one workspace: append-only, signed, provable, safe against a second writer."""

import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from diptych.core.database import (
    Connect,
    make_durable,
    transaction,
)
from diptych.core.errors import DiptychError
from diptych.core.files import sync_folder
from diptych.core.progress import ProgressFactory, silent
from diptych.provenance.log import cosignatures, schema
from diptych.provenance.log import lease as leases
from diptych.provenance.log.check import check_everything, check_head
from diptych.provenance.log.errors import LogMissing, WrongKey, storage_error
from diptych.provenance.log.lease import LeaseTerms
from diptych.provenance.log.pins import check_pins, read_pins, write_pin
from diptych.provenance.log.reader import LogReader
from diptych.provenance.log.store import Store
from diptych.provenance.log.writer import CheckpointSigner, Writer
from diptych_verify.errors import Rollback, SplitView
from diptych_verify.merkle import EMPTY_ROOT
from diptych_verify.note import Checkpoint, Cosignature, VerifierKey, verify_checkpoint


class Log(LogReader):
    """A log that can be created and appended to, besides everything `LogReader` shows."""

    def __init__(
        self,
        path: Path,
        *,
        signer: CheckpointSigner | None,
        pins: Iterable[Checkpoint],
        connect: Connect,
    ) -> None:
        self._writing: Store | None = None
        super().__init__(path, connect=connect)
        self._signer = signer
        self._pins = tuple(pins)

    @classmethod
    def create(
        cls, path: Path, signer: CheckpointSigner, *, connect: Connect = schema.connect_log
    ) -> "Log":
        """Make a new, empty log.

        Args:
            path: the file, in an existing folder.
            signer: the log's key for ever; its name becomes the origin.
            connect: opens the database; another SQLite binding can stand in.

        Raises:
            LogExists: there is a log at `path`.
        """
        signature = signer.sign(Checkpoint(signer.key.name, 0, EMPTY_ROOT).body().encode())
        try:
            connection = connect(path)
            try:
                connection.execute(f"PRAGMA page_size={schema.PAGE_BYTES}").fetchall()
                make_durable(connection)
                schema.create_tables(connection, path, key=str(signer.key), signature=signature)
            finally:
                connection.close()
            sync_folder(path.parent)
        except sqlite3.Error as error:
            raise storage_error(path, error) from error
        return cls.open(path, signer=signer, connect=connect)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        signer: CheckpointSigner | None = None,
        pins: Iterable[Checkpoint] = (),
        connect: Connect = schema.connect_log,
    ) -> "Log":
        """Open an existing log.

        Args:
            path: the file.
            signer: needed for appending only.
            pins: checkpoints known from outside (chain, witnesses), besides `pins.json`.
            connect: opens the database.

        Raises:
            LogMissing: there is no log.
            SchemaTooNew: it was written by a newer version.
            Corrupt: the file is something else, or damaged.
            WrongKey: the signer is not this log's.
        """
        if not path.is_file():
            raise LogMissing(
                f"there is no log at {path}",
                hint="diptych restore BACKUP, or diptych init in a new folder",
            )
        log = cls(path, signer=signer, pins=pins, connect=connect)
        if signer is not None and signer.key != log.key:
            log.close()
            raise WrongKey(f"got the key of {signer.key}, expected {log.key}")
        return log

    def close(self) -> None:
        """Close the file."""
        super().close()
        if self._writing is not None:
            self._writing.connection.close()
            self._writing = None

    def writer(self, terms: LeaseTerms | None = None) -> Writer:
        """Become the one writer; use as `with log.writer() as writer: writer.append([...])`.

        Args:
            terms: how long to hold and to wait; by default 10 s and 60 s.

        Raises:
            WrongKey: the log was opened without a signer.
            Busy: somebody else is still writing after the wait.
            Rollback: a pin is ahead of this log (restored backup).
            SplitView: a pin contradicts this log (second writer, rewritten history).
            Corrupt: the newest checkpoint does not match the entries.
        """
        if self._signer is None:
            raise WrongKey("the log was opened for reading", hint="unlock the log key")
        store = self._write_store()
        try:
            lease = leases.acquire(store.connection, terms or LeaseTerms())
            try:
                edge = check_head(store, self.key)
                self.check_pins()
            except BaseException:
                leases.release(store.connection, lease)
                raise
        except sqlite3.Error as error:
            raise storage_error(self.path, error) from error
        return Writer(store, self._signer, lease, edge)

    def check_pins(self) -> None:
        """Compare this log with `pins.json` and with the pins given to `open`.

        Raises:
            Rollback: a pin is ahead of this log.
            SplitView: a pin contradicts this log.
        """
        pins = [*self._pins, *read_pins(self.path, self.origin).values()]
        head = self.head()
        check_pins(self._tree_of(head.size), head, pins)

    def pin(self, checkpoint: Checkpoint, *, by: str) -> None:
        """Remember durably that `checkpoint` was anchored or witnessed; refuse what differs.

        Args:
            checkpoint: what was seen outside.
            by: who saw it, for example `anchor 31337 0x...`.

        Raises:
            Rollback: it is ahead of this log.
            SplitView: it contradicts this log.
        """
        head = self.head()
        check_pins(self._tree_of(head.size), head, [checkpoint])
        store = self._write_store()
        try:
            with transaction(store.connection):
                write_pin(self.path, by, checkpoint)
        except sqlite3.Error as error:
            raise storage_error(self.path, error) from error

    def distrust(self, checkpoint: Checkpoint, *, by: str) -> None:
        """Remember durably a checkpoint that contradicts this log: it grows no more.

        Unlike `pin` this stores what does not fit, so that after a rollback or split view was
        seen once, every later append is refused too. Whoever knows that `by` lied removes its
        entry from `pins.json`.

        Args:
            checkpoint: what was seen outside.
            by: who saw it.
        """
        store = self._write_store()
        try:
            with transaction(store.connection):
                write_pin(self.path, by, checkpoint)
        except sqlite3.Error as error:
            raise storage_error(self.path, error) from error

    def add_cosignature(
        self, note: str, key: VerifierKey, *, size: int | None = None
    ) -> Cosignature:
        """Check a witness's cosignature, keep it with its checkpoint, and pin the checkpoint.

        A checkpoint that does not fit is remembered too if this log's own key signed it: then the
        log was rolled back or forked, and grows no more. A witness alone cannot bring that about.

        Args:
            note: the cosigned note, or the witness's signature line alone.
            key: the witness's verifier key.
            size: for a line alone: the size it is about, by default the newest.

        Raises:
            BadSignature: the cosignature does not verify.
            UntrustedKey: there is none of `key`.
            MalformedError: not a note or line.
            Rollback: the witness saw more than this log has.
            SplitView: the witness saw another root.
        """
        if "\n\n" not in note:
            head = self._store.head() if size is None else self._store.head_at(self._inside(size))
            body = Checkpoint(self.origin, head.size, head.root).body()
            note = f"{body}\n{note.rstrip()}\n"
        line, seen, cosignature = cosignatures.verify(note, key)
        try:
            self.pin(seen, by=f"witness {key.name}")
        except (Rollback, SplitView):
            self._remember_conflict(note, seen, by=f"conflict witness {key.name}")
            raise
        store = self._write_store()
        store.head_at(seen.size)
        cosignatures.keep(store, seen.size, key, line)
        return cosignature

    def _remember_conflict(self, note: str, seen: Checkpoint, *, by: str) -> None:
        with suppress(DiptychError):  # The conflict itself is the error to show.
            verify_checkpoint(note, self.key)
            self.distrust(seen, by=by)

    def check(self, *, full: bool = False, progress: ProgressFactory = silent) -> Checkpoint:
        """Check the log against itself, its newest signature and its pins.

        Args:
            full: recompute every hash from the entries; else only the right edge.
            progress: shows the entries done.

        Returns:
            The checked head.

        Raises:
            Corrupt: naming the first bad index or tile.
            BadSignature: a checkpoint's signature does not verify.
            Rollback: a pin is ahead of this log.
            SplitView: a pin contradicts this log.
        """
        if full:
            check_everything(self._store, self.key, progress)
        else:
            check_head(self._store, self.key)
        self.check_pins()
        return self.head()

    def _write_store(self) -> Store:
        if self._writing is None:
            try:
                connection = self._connect(self.path)
                make_durable(connection)
            except sqlite3.Error as error:
                raise storage_error(self.path, error) from error
            self._writing = Store(connection, self.path)
        return self._writing
