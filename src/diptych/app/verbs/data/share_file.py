"""The file of a share: complete under its name, or its record is taken back, even after a kill.

A journal in `private/sharing/` says which file belongs to which record. It is written before the
record is logged and gets a second line once the file is complete and durable. Who opens the
workspace after a kill gives a complete file its name, deletes any other and revokes its record.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from diptych.app.verbs.records import Record, record_at
from diptych.app.verbs.signing import current_signer
from diptych.app.workspace import Workspace
from diptych.core.errors import DiptychError
from diptych.core.files import sync_folder, write_error
from diptych.core.journal import Journal, abandoned, journal_lines
from diptych.provenance.log import LeaseTerms, Log
from diptych.provenance.statement import Draft, Edge, Subject, sign_statements
from diptych_verify.jsonio import ObjectReader, decode_hex, strict_json
from diptych_verify.merkle import leaf_hash

FOLDER, SUFFIX = "sharing", ".jsonl"
TAKEN_BACK_LABEL = "share-taken-back/"
_MAX_LINE_BYTES = 65_536


@contextmanager
def share_file(
    workspace: Workspace, log: Log, target: Path, envelope: bytes
) -> Iterator[tuple[Record, BinaryIO]]:
    """Log a share and give what to write it to; it gets its name if all goes well.

    If anything fails, the file is deleted and the record revoked, now or by `settle_shares`.

    Args:
        workspace: where the log stands.
        log: opened for writing.
        target: the file; must not exist.
        envelope: the signed `share` statement.

    Raises:
        CannotWrite: the file or its journal cannot be written.
    """
    record, terms = leaf_hash(envelope), workspace.lease_terms()
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    places = {name: os.fsencode(path).hex() for name, path in (("part", part), ("target", target))}
    journal = Journal.begin(_folder(workspace) / f"{record.hex()}{SUFFIX}", {**places})
    settled = False
    try:
        with log.writer(terms) as writer:
            (index,) = writer.append([envelope])
        with part.open("xb") as stream:
            yield record_at(log, index), stream
            stream.flush()
            os.fsync(stream.fileno())
        journal.add({"complete": True})
        part.rename(target)
        sync_folder(target.parent)
        settled = True
    except BaseException as error:
        part.unlink(missing_ok=True)
        _take_back(workspace, log, record, terms)
        settled = True
        if isinstance(error, OSError):
            raise write_error(target, error) from error
        raise
    finally:
        journal.close(keep=not settled)


def settle_shares(workspace: Workspace) -> None:
    """Finish or take back the shares whose process was killed.

    Nobody is asked for a passphrase and no other writer is waited for: what cannot be done now
    stays for the next time.
    """
    quiet = Workspace(workspace.place, workspace.settings, clock=workspace.clock)
    for path in abandoned(_folder(workspace), SUFFIX):
        with suppress(DiptychError, OSError):
            _settle(quiet, path)


@dataclass(frozen=True)
class _Unfinished:
    """What a journal says."""

    part: Path
    target: Path
    complete: bool

    @classmethod
    def parse(cls, lines: list[bytes]) -> "_Unfinished":
        value = strict_json(lines[0], max_bytes=_MAX_LINE_BYTES, max_depth=1)
        reader = ObjectReader(value, "journal")
        part, target = (
            Path(os.fsdecode(decode_hex(reader.text(name, max_characters=_MAX_LINE_BYTES))))
            for name in ("part", "target")
        )
        return cls(part, target, len(lines) > 1)

    def finished(self) -> bool:
        """Give a complete file its name; tell whether it has, or had it already."""
        if not self.complete:
            return False
        if self.part.exists() and not self.target.exists():
            self.part.rename(self.target)
            sync_folder(self.target.parent)
        return not self.part.exists()


def _settle(workspace: Workspace, path: Path) -> None:
    lines = journal_lines(path)
    if lines:  # otherwise nothing was logged yet
        one = _Unfinished.parse(lines)
        if not one.target.parent.is_dir():
            return  # perhaps on a medium that is away now
        if not one.finished():
            one.part.unlink(missing_ok=True)
            terms = replace(workspace.lease_terms(), wait_s=0.0)
            with workspace.write_log() as log:
                _take_back(workspace, log, bytes.fromhex(path.name.removesuffix(SUFFIX)), terms)
    path.unlink()


def _take_back(workspace: Workspace, log: Log, record: bytes, terms: LeaseTerms) -> None:
    """Revoke a share that was logged but never finished; once."""
    index, label = log.find(record), TAKEN_BACK_LABEL + record.hex()
    if index is None or log.label(label) is not None:
        return
    made = record_at(log, index)
    draft = Draft(
        "revocation",
        (Subject(made.name, dict(made.statement.subjects[0].digests)),),
        workspace.clock(),
        (Edge("revokes", made.record),),
        {"revocation": {"reason": "the share was never finished"}},
    )
    envelopes = sign_statements([draft], current_signer(workspace, log))
    with log.writer(terms) as writer:
        writer.append(envelopes, labels={label: 0})


def _folder(workspace: Workspace) -> Path:
    return workspace.place.private / FOLDER
