"""`seal -`: seal what a program writes, under a name, as a manifest of one file."""

from collections.abc import Sequence
from typing import BinaryIO

from diptych.app.verbs.records import STREAM_LABEL, require_utf8
from diptych.app.verbs.requirements import checked_stream
from diptych.app.verbs.seal import Sealed, build_options, log_manifest, prepare
from diptych.app.workspace import Workspace
from diptych.provenance.manifest import build_stream_manifest


def seal_stream(
    workspace: Workspace,
    stream: BinaryIO,
    name: str,
    *,
    store: bool = False,
    derived_from: Sequence[str] = (),
) -> Sealed:
    """Seal a stream up to its end; `verify NAME` finds it, beside a file of that name too.

    Args:
        workspace: where the log stands.
        stream: read once, kept nowhere unless `store`.
        name: plain file name, by which it is known from then on.
        store: also keep the content as an object.
        derived_from: references to records that this one comes from.

    Raises:
        BadName: `name` is not UTF-8.
        BadStreamName: `name` is no plain file name.
        NeedsSha256: content is to be stored, but the settings choose BLAKE3 alone.
        RequirementUnmet: the requirements ask for a quality report that is not there.
        NoSuchRecord: a `derived_from` reference names nothing.
        EnvironmentFault: the disk is full or another writer holds the log.
    """
    require_utf8(name)
    options = build_options(workspace, store=store)
    edges = prepare(workspace, derived_from)
    built = build_stream_manifest(
        stream, workspace.objects, name=name, options=options, keep_payload=store
    )
    edges += checked_stream(workspace, name, built.subject_digest())
    return log_manifest(workspace, built, label=STREAM_LABEL + name, edges=edges)
