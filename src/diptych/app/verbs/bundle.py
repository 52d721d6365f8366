"""`bundle`: one file that proves a record to a stranger, offline."""

from collections.abc import Sequence
from dataclasses import replace

from diptych.app.verbs.anchors import earliest_anchor
from diptych.app.verbs.erasures import for_bundle
from diptych.app.verbs.records import Record, find_record
from diptych.app.workspace import Workspace
from diptych.core.errors import UsageError
from diptych.provenance.bundle import BundleRequest, build_bundle
from diptych.provenance.log import Log
from diptych.provenance.objects import ObjectMissing, object_bytes
from diptych.provenance.timestamp import stored_timestamps
from diptych_verify.bundle import DisclosedField, ShownTensor
from diptych_verify.lineage import LICENCE

IDENTITY_LABEL = "identity/"
"""Label of identity records, before the key id; a log without them needs no look at evidence."""


class NotPrivate(UsageError):
    """Fields were to be disclosed of a record that is no private seal."""

    code = "Bundle.NotPrivate"


def make_bundle(
    workspace: Workspace,
    what: str,
    *,
    lineage: bool = False,
    manifest: bool = False,
    disclose: Sequence[str] = (),
    since: Sequence[int] = (),
) -> bytes:
    """Build the bundle of one record with the best evidence there is.

    Args:
        workspace: where the log stands.
        what: index, record id or sealed path.
        lineage: include all ancestors.
        manifest: include the manifest, so that a changed file can be named.
        disclose: paths in a private seal to open.
        since: log sizes that the receiver has seen, to show that nothing was rewritten.

    Raises:
        NoSuchRecord: `what` names nothing.
        NotPrivate: `disclose` for a public record.
        BadBundleRequest: a part does not belong to the record.
    """
    with workspace.read_log() as log:
        record = find_record(workspace, log, what, private=bool(disclose))
        return bundle_of(
            workspace,
            log,
            record,
            lineage=lineage,
            manifest=manifest,
            disclose=disclose,
            since=since,
        )


def bundle_of(
    workspace: Workspace,
    log: Log,
    record: Record,
    *,
    lineage: bool = False,
    manifest: bool = False,
    disclose: Sequence[str] = (),
    since: Sequence[int] = (),
    fields: Sequence[DisclosedField] = (),
) -> bytes:
    """Build the bundle of a record that was found already; arguments as in `make_bundle`.

    `fields` are opened already, for example those of a table.
    """
    claim = record.statement.manifest
    request = replace(
        _evidence(workspace, log, record, fields),
        lineage=lineage,
        consistency_with=tuple(since),
        manifest=object_bytes(workspace.objects, claim.object_digest.hex())
        if manifest and claim
        else None,
        disclosed=(*fields, *_disclosed(workspace, record, disclose)),
    )
    return build_bundle(log, record.index, request)


def bundle_with_sources(workspace: Workspace, log: Log, record: Record) -> bytes:
    """Build the bundle of a record and of those it names as its sources, where the log has them."""
    request = replace(_evidence(workspace, log, record, ()), sources=True)
    return build_bundle(log, record.index, request)


def bundle_with_tensor(workspace: Workspace, log: Log, record: Record, shown: ShownTensor) -> bytes:
    """Build the bundle of a model's record that shows one of its tensors."""
    request = replace(_evidence(workspace, log, record, ()), tensors=(shown,))
    return build_bundle(log, record.index, request)


def _evidence(
    workspace: Workspace, log: Log, record: Record, fields: Sequence[DisclosedField]
) -> BundleRequest:
    """Return what there is about a record: time, licence, erasures, identities."""
    anchor = earliest_anchor(workspace, covering=record.index)
    stamps = [
        stamp
        for stamp in stored_timestamps(log, workspace.place.timestamps)
        if stamp.size > record.index
    ]
    # A token stamps one checkpoint, so with tokens the bundle must stand under that one.
    at_size = stamps[0].size if stamps else None
    if at_size is not None and anchor is not None and anchor.size > at_size:
        anchor = None
    identities, revocations = _identities(workspace, log, record)
    return BundleRequest(
        anchor=anchor.proof if anchor else None,
        at_size=at_size,
        timestamps=tuple(s.token for s in stamps if s.size == at_size),
        licences=_licences(workspace, log, record),
        erased=for_bundle(log, record, fields),
        identities=identities,
        revocations=revocations,
    )


def _licences(workspace: Workspace, log: Log, record: Record) -> tuple[tuple[int, bytes], ...]:
    """Return the licence that holds for a record, so that the bundle says which use is allowed."""
    from diptych.app.verbs.licences import LICENCE_LABEL, open_licences

    if log.label(LICENCE_LABEL) is None:
        return ()
    with open_licences(workspace, log) as licences:
        try:
            own = record.statement.kind == LICENCE
            held = licences.read(record) if own else licences.held(record)
        except ObjectMissing:
            return ()
    return () if held is None else ((held.record.index, held.document),)


def _identities(
    workspace: Workspace, log: Log, record: Record
) -> tuple[tuple[tuple[int, bytes], ...], tuple[int, ...]]:
    """Return whose the signing keys are said to be, so that the bundle shows names."""
    if not log.labels(IDENTITY_LABEL):
        return (), ()
    from diptych.app.verbs.identity import identities_of

    return identities_of(workspace, log, record)


def _disclosed(
    workspace: Workspace, record: Record, paths: Sequence[str]
) -> tuple[DisclosedField, ...]:
    if not paths:
        return ()
    claim = record.statement.private
    if claim is None:
        raise NotPrivate(
            f"record {record.index} is public: there is nothing to disclose",
            hint="diptych bundle --manifest",
        )
    from diptych.app.verbs.private import opened

    with opened(workspace, claim.root) as folder:
        return tuple(folder.reveal(path) for path in paths)
