"""`verify` in a workspace: re-read what was sealed and judge it by the workspace's own keys.

The same verifier that strangers use judges a bundle made on the spot. Files are compared with the
manifest in the object store, streaming, so that a folder of a million files can be verified.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, cast

from diptych.app.verbs.bundle import bundle_of
from diptych.app.verbs.erasures import with_local_erasures
from diptych.app.verbs.policy import own_policy
from diptych.app.verbs.records import Record, find_record
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue
from diptych.provenance.manifest import ignore_rules
from diptych_verify.__main__ import NoSuchFile
from diptych_verify.compare import verify_tree
from diptych_verify.content import ContentView, answer_untampered
from diptych_verify.evidence import Evidence
from diptych_verify.policy import TrustPolicy
from diptych_verify.scan import ScanOptions
from diptych_verify.statement import ManifestClaim
from diptych_verify.verify import verify_bundle
from diptych_verify.wording import counted

_IN_MEMORY_CHUNKS = 16


def verify(
    workspace: Workspace,
    what: str,
    *,
    path: Path | None = None,
    policy: TrustPolicy | None = None,
    lineage: bool = False,
    online: bool = False,
) -> Evidence:
    """Verify a record, and the files that it seals if they are here.

    Args:
        workspace: where the log stands.
        what: index, record id or sealed path.
        path: file or folder to compare, by default where it was sealed.
        policy: what to believe; by default the workspace's own keys and anchors.
        lineage: insist on all ancestors.
        online: also compare the log with the head that the chain holds now.

    Raises:
        NoSuchRecord: `what` names nothing.
        DigestMismatch: files differ; `details` names them.
        SplitView: chain and log contradict each other.
        Rollback: the chain has seen a longer log than this one.
        VerificationError: anything else that does not verify.
    """
    with workspace.read_log() as log:
        record = find_record(workspace, log, what)
        bundle = bundle_of(workspace, log, record, lineage=lineage)
        trust = policy or own_policy(workspace, log, covering=record.index)
        evidence = verify_bundle(bundle, policy=trust, lineage=lineage)
        log.check()
        if online:
            from diptych.app.verbs.anchor import check_against_chain

            check_against_chain(workspace, log)
        content = _verify_files(workspace, record, path or Path(what), given=path is not None)
        if content is None:
            return evidence
        return with_local_erasures(_with_content(evidence, content), log, ())


def _verify_files(
    workspace: Workspace, record: Record, what: Path, *, given: bool
) -> ContentView | None:
    path, claim = workspace.start / what, record.statement.manifest
    if claim is not None and not given and not path.exists():
        path = workspace.place.project / record.name
    if given and not path.exists():
        raise NoSuchFile(f"there is no {path}")
    if not path.exists():
        return None
    private = record.statement.private
    if private is not None:
        if "table" in record.statement.predicate:
            from diptych.app.verbs.data.compare import compare, require_same

            return ContentView(True, require_same(compare(workspace, str(record.index), path)))
        from diptych.app.verbs.private import opened

        with opened(workspace, private.root) as folder:
            shown = folder.verify(path)
        text = f"{counted(shown.files, 'private file')} re-read and unchanged"
        return ContentView(True, text)
    return _verify_public(workspace, claim, path) if claim is not None else None


def _verify_public(workspace: Workspace, claim: ManifestClaim, path: Path) -> ContentView:
    with workspace.progress("verifying", total=claim.total_bytes, unit="B") as task:
        options = ScanOptions(workers=workspace.settings.seal.workers, advance=task.advance)
        with _seekable(workspace, claim.object_digest.hex()) as manifest:
            verify_tree(path, manifest, root=claim.root, rules=ignore_rules, options=options)
    size = f"{counted(claim.files, 'file')}, {counted(claim.total_bytes, 'byte')}"
    return ContentView(True, f"{size}, all re-read and unchanged")


@contextmanager
def _seekable(workspace: Workspace, name: str) -> Iterator[BinaryIO]:
    """Copy a verified object to where it can be read twice."""
    chunks = workspace.objects.read(name)
    first = list(islice(chunks, _IN_MEMORY_CHUNKS))
    if len(first) < _IN_MEMORY_CHUNKS:
        yield io.BytesIO(b"".join(first))
        return
    from tempfile import TemporaryFile

    with TemporaryFile() as copy:
        copy.writelines(chain(first, chunks))
        copy.seek(0)
        yield cast(BinaryIO, copy)


def _with_content(evidence: Evidence, content: ContentView) -> Evidence:
    before = evidence.answer("untampered")
    vouched = bool(before.evidence.get("vouched"))
    answer = answer_untampered(content, vouched=vouched)
    others = tuple(one for one in evidence.answers if one.question != "untampered")
    return replace(evidence, answers=(answer, *others))


@dataclass(frozen=True)
class LogVerified:
    """The whole log was recomputed; it holds `size` entries under `root` (hex)."""

    origin: str
    size: int
    root: str

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych verify --json` shows."""
        return {"origin": self.origin, "size": self.size, "root": self.root}


def verify_log(workspace: Workspace, *, online: bool = False) -> LogVerified:
    """Recompute the whole log from its entries and compare it with all that was seen of it.

    Raises:
        Corrupt: naming the first bad entry or tile.
        SplitView: it contradicts an anchor or witness.
        Rollback: an anchor or witness saw a longer log.
    """
    with workspace.read_log() as log:
        head = log.check(full=True, progress=workspace.progress)
        if online:
            from diptych.app.verbs.anchor import check_against_chain

            check_against_chain(workspace, log)
        return LogVerified(head.origin, head.size, head.root.hex())
