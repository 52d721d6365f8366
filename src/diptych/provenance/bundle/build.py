"""Building bundles from a log: choose the checkpoint, prove every record under it, check all."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from diptych.core.digests import same_digest
from diptych.provenance.bundle.closure import ancestor_indexes, key_record_indexes, source_indexes
from diptych.provenance.bundle.dump import dump_bundle
from diptych.provenance.bundle.errors import BadBundleRequest
from diptych.provenance.keys.records import signers_of
from diptych.provenance.log import LogReader
from diptych_verify.bundle import (
    AnchorProof,
    Bundle,
    BundleRecord,
    DisclosedField,
    OlderHead,
    ShownTensor,
)
from diptych_verify.dsse import parse_envelope
from diptych_verify.note import parse_note
from diptych_verify.statement import statement_of
from diptych_verify.verify import verify_bundle


@dataclass(frozen=True)
class BundleRequest:
    """What goes into a bundle besides the record and the key records of its signers.

    Attributes:
        lineage: include every ancestor record.
        sources: include the records that the subject itself names as sources, where this log has
            them; without `lineage`.
        anchor: chain evidence; its tree head is proven to be a prefix of the checkpoint.
        consistency_with: sizes of tree heads that the receiver has seen; larger ones than the
            checkpoint are refused.
        at_size: checkpoint to prove under; default is the newest, which shows the most about
            revoked keys.
        timestamps: RFC 3161 tokens over the body of that checkpoint.
        manifest: the manifest object of the subject.
        disclosed: opened fields of a private seal.
        tensors: tensors of a model, with their proofs.
        licences: index of a licence record that concerns the subject, and its document; those
            logged after the checkpoint are left out.
        erased: indexes of `erased` records that name the subject; later ones are left out.
        identities: index and evidence of identity records of the subject's signers.
        revocations: indexes of records that revoke one of these identities.
    """

    lineage: bool = False
    anchor: AnchorProof | None = None
    consistency_with: tuple[int, ...] = ()
    at_size: int | None = None
    timestamps: tuple[bytes, ...] = ()
    manifest: bytes | None = None
    disclosed: tuple[DisclosedField, ...] = ()
    tensors: tuple[ShownTensor, ...] = ()
    licences: tuple[tuple[int, bytes], ...] = ()
    erased: tuple[int, ...] = ()
    identities: tuple[tuple[int, bytes], ...] = ()
    revocations: tuple[int, ...] = ()
    sources: bool = False


def build_bundle(
    log: LogReader, record: bytes | int, request: BundleRequest | None = None
) -> bytes:
    """Build and verify the bundle of one record.

    Args:
        log: the log that holds it.
        record: record id (32 bytes) or index.
        request: what else to include.

    Returns:
        The file's content, accepted by `verify_bundle` without a policy.

    Raises:
        BadBundleRequest: unknown record, or a part that does not belong to it or to the log.
        MissingAncestor: lineage leads out of this log.
        NoSuchEntry: no checkpoint was signed at `at_size`.
        VerificationError: the record itself does not verify, for example a revoked signer.
    """
    request = request or BundleRequest()
    bundle = assemble_bundle(log, record, request)
    raw = dump_bundle(bundle)
    verify_bundle(raw, lineage=request.lineage)
    return raw


def assemble_bundle(log: LogReader, record: bytes | int, request: BundleRequest) -> Bundle:
    """Collect the parts of a bundle without judging signers and time evidence.

    Raises:
        BadBundleRequest: unknown record, or a part that does not belong to it or to the log.
        MissingAncestor: lineage leads out of this log.
        NoSuchEntry: no checkpoint was signed at `at_size`.
    """
    size = log.size if request.at_size is None else request.at_size
    note = parse_note(log.checkpoint(size))
    index = _locate(log, record, size)
    _require_own_content(log.entry(index), request)
    return Bundle(
        log=log.key,
        checkpoint=note,
        records=tuple(_records(log, index, size, request)),
        consistency=tuple(_older_heads(log, index, size, request)),
        anchor=request.anchor,
        timestamps=request.timestamps,
        manifest=request.manifest,
        disclosed=request.disclosed,
        tensors=request.tensors,
        licences=tuple(dict.fromkeys(raw for at, raw in request.licences if at < size)),
        identities=tuple(dict.fromkeys(raw for at, raw in request.identities if at < size)),
    )


def anchored_head(anchor: AnchorProof) -> tuple[int, bytes]:
    """Return (size, root) that an anchor's event states; contract and policy are not judged.

    Raises:
        MalformedError: header, proof or event cannot be decoded.
        AnchorMismatch: there is no such event.
    """
    from diptych_verify.receipt import parse_header, verify_event

    header = parse_header(anchor.header)
    event = verify_event(header, anchor.index, anchor.proof, log_index=anchor.log_index)
    if len(event.data) != 64:
        raise BadBundleRequest(f"the anchor's event has {len(event.data)} data bytes, expected 64")
    return int.from_bytes(event.data[:32], "big"), event.data[32:]


def _locate(log: LogReader, record: bytes | int, size: int) -> int:
    index = record if isinstance(record, int) else log.find(record)
    if index is None or not 0 <= index < size:
        wanted = record if isinstance(record, int) else record.hex()
        raise BadBundleRequest(
            f"record {wanted} is not among the first {size} entries of log {log.origin}",
            hint="diptych log",
        )
    return index


def _records(
    log: LogReader, index: int, size: int, request: BundleRequest
) -> Iterable[BundleRecord]:
    chosen = [index]
    if request.lineage:
        chosen += ancestor_indexes(log, index, size=size)
    elif request.sources:
        chosen += source_indexes(log, index, size=size)
    about = [at for at, _ in (*request.licences, *request.identities)]
    chosen += [at for at in (*about, *request.erased, *request.revocations) if at < size]
    signers = {keyid for one in chosen for keyid in signers_of(log.entry(one))}
    keys = key_record_indexes(log, signers, size=size)
    for one in dict.fromkeys([*chosen, *keys]):
        yield BundleRecord(one, log.entry(one), tuple(log.inclusion_proof(one, size)))


def _older_heads(
    log: LogReader, index: int, size: int, request: BundleRequest
) -> Iterable[OlderHead]:
    sizes = set(request.consistency_with)
    if request.anchor is not None:
        sizes.add(_anchored_size(log, index, size, request.anchor))
    if any(not 0 <= one <= size for one in sizes):
        raise BadBundleRequest(
            f"got consistency with sizes {sorted(sizes)}, expected 0 to {size}",
            hint="bundle at a newer checkpoint",
        )
    for one in sorted(sizes - {0, size}):
        yield OlderHead(one, log.root(one), tuple(log.consistency_proof(one, size)))


def _anchored_size(log: LogReader, index: int, size: int, anchor: AnchorProof) -> int:
    anchored, root = anchored_head(anchor)
    if not index < anchored <= size:
        raise BadBundleRequest(
            f"the anchor covers {anchored} entries, expected {index + 1} to {size}",
            hint="diptych anchor, then bundle again",
        )
    if not same_digest(log.root(anchored), root):
        raise BadBundleRequest(f"the anchor at size {anchored} is not of log {log.origin}")
    return anchored


def _require_own_content(raw: bytes, request: BundleRequest) -> None:
    statement = statement_of(parse_envelope(raw))
    if request.manifest is not None:
        claim = statement.manifest
        digest = hashlib.sha256(request.manifest).digest()
        if claim is None or not same_digest(digest, claim.object_digest):
            raise BadBundleRequest(f"manifest {digest.hex()} is not the one that the record seals")
    if request.disclosed and statement.private is None:
        raise BadBundleRequest("fields can be disclosed of a private seal only")
