"""`model export --format cyclonedx`: a bill of materials of a checked version."""

from pathlib import Path

from diptych.app.verbs.model.load import Loading, check, read_card
from diptych.app.verbs.model.package import TargetExists
from diptych.app.workspace import Workspace
from diptych.core.files import write_durably
from diptych.models.card.schema import Card
from diptych.models.folder import sealed_entries
from diptych.models.interop.cyclonedx import Listed, ModelFile, dump_cyclonedx
from diptych.models.registry.registry import Resolved
from diptych.provenance.objects import object_bytes

_NAMES = {"sha256": "SHA-256", "blake3": "BLAKE3"}


def export_cyclonedx(workspace: Workspace, what: str, target: Path) -> Path:
    """Write a CycloneDX 1.6 bill of materials with the model card.

    Raises:
        TargetExists: `target` exists.
        VerificationError: the model does not pass the checks of `models.load`.
    """
    place = workspace.start / target
    if place.exists():
        raise TargetExists(f"{target} exists already", hint="give another name with -o")
    with workspace.read_log() as log:
        found, _ = check(workspace, log, what, Loading())
        origin = log.origin
    write_durably(place, bill_of(workspace, found, read_card(workspace, found), origin))
    return place


def bill_of(workspace: Workspace, found: Resolved, card: Card, origin: str) -> bytes:
    """Return the bill of materials of a version whose card was read; `origin` is the log's."""
    claim = found.logged.statement.manifest
    assert claim is not None  # the card agrees with the record, which names its files
    manifest = object_bytes(workspace.objects, claim.object_digest.hex())
    header, entries = sealed_entries(manifest, claim)
    files = tuple(
        ModelFile(
            one.path,
            one.size,
            tuple(
                (_NAMES[name], digest.hex())
                for name, digest in zip(header.algorithms, one.digests, strict=True)
            ),
        )
        for one in entries
    )
    listed = Listed(found.logged.record, origin, found.logged.statement.time, files)
    return dump_cyclonedx(card, listed)
