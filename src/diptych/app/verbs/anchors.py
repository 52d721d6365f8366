"""Chain evidence that this workspace keeps: one small bundle per anchored log size.

Each `anchors/<size>.diptych.json` proves record 0 under that size, so it is checked whenever it
is read, needs no chain, and can be handed out as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from diptych.app.workspace import Workspace
from diptych.core.errors import DiptychError, ProvenanceError
from diptych.core.files import make_folder, write_durably
from diptych.provenance.bundle import BundleRequest, build_bundle
from diptych.provenance.log import Log
from diptych_verify.__main__ import read_file
from diptych_verify.bundle import AnchorProof, parse_bundle
from diptych_verify.verify import verify_bundle

_SUFFIX = ".diptych.json"


class BadAnchor(ProvenanceError):
    """Kept evidence of an anchor is damaged; the chain still holds what it shows."""

    code = "Anchor.BadEvidence"


@dataclass(frozen=True)
class KeptAnchor:
    """A log size that stands on a chain, its proof, and the block that holds it."""

    size: int
    proof: AnchorProof
    block_number: int
    block_hash: bytes
    time_s: int


def keep_anchor(workspace: Workspace, log: Log, size: int, proof: AnchorProof) -> KeptAnchor:
    """Store the evidence that `size` is anchored, after checking it against the log."""
    raw = build_bundle(log, 0, BundleRequest(anchor=proof, at_size=size))
    folder = workspace.place.anchors
    make_folder(folder)
    write_durably(folder / f"{size}{_SUFFIX}", raw)
    return _kept(size, proof)


def read_anchors(workspace: Workspace, *, covering: int = -1) -> Iterator[KeptAnchor]:
    """Yield kept evidence, smallest size first, each checked when it is asked for.

    Args:
        workspace: whose anchors.
        covering: index that an anchor must cover; by default all are taken.

    Raises:
        BadAnchor: a kept file no longer verifies.
    """
    folder = workspace.place.anchors
    names = [path.name.removesuffix(_SUFFIX) for path in folder.glob(f"*{_SUFFIX}")]
    sizes = [int(name) for name in names if name.isascii() and name.isdigit()]
    for size in sorted(size for size in sizes if size > covering):
        path = folder / f"{size}{_SUFFIX}"
        try:
            raw = read_file(path)
            verify_bundle(raw)
        except DiptychError as error:
            raise BadAnchor(
                f"the evidence in {path} is damaged: {error.message}",
                hint=f"remove it, then diptych anchor: rm {path}",
            ) from error
        proof = parse_bundle(raw).anchor
        if proof is not None:
            yield _kept(size, proof)


def earliest_anchor(workspace: Workspace, *, covering: int) -> KeptAnchor | None:
    """Return the first anchor made after the record at index `covering` was logged.

    The first one gives the earliest time at which the record is known to have existed.
    """
    return next(read_anchors(workspace, covering=covering), None)


def _kept(size: int, proof: AnchorProof) -> KeptAnchor:
    from diptych_verify.receipt import parse_header

    header = parse_header(proof.header)
    return KeptAnchor(size, proof, header.number, header.block_hash, header.time_s)
