"""Is a share revoked? Asked of an exported log, which is recomputed first."""

from pathlib import Path

from diptych.provenance.log.exported import ExportedLog, verify_export
from diptych.provenance.log.tiles import TILE_WIDTH
from diptych_verify.bundle import Bundle
from diptych_verify.dsse import parse_envelope
from diptych_verify.errors import MalformedError
from diptych_verify.merkle import leaf_hash
from diptych_verify.note import verify_checkpoint
from diptych_verify.statement import statement_of


def revocation_in(folder: Path, share: Bundle) -> tuple[int, int | None]:
    """Look for the revocation of a share in an export of the log that holds it.

    Args:
        folder: what `diptych export tiles` wrote.
        share: verified bundle of the share record; its checkpoint must be a prefix of the export.

    Returns:
        Size of the export, and index of the first revocation, None if there is none.

    Raises:
        Corrupt: the export does not follow from its entries.
        Rollback, SplitView: it is shorter than the share, or another history.
        BadSignature, UntrustedKey: it is not the export of this log.
    """
    seen = verify_checkpoint(share.checkpoint, share.log)
    head = verify_export(folder, share.log, seen=seen)
    export = ExportedLog(folder, share.log)
    wanted = leaf_hash(share.records[0].envelope)
    start = share.records[0].index // TILE_WIDTH
    for number in range(start, -(-head.size // TILE_WIDTH)):
        for at, raw in enumerate(export.entries(number)):
            if _revokes(raw, wanted):
                return head.size, number * TILE_WIDTH + at
    return head.size, None


def _revokes(raw: bytes, wanted: bytes) -> bool:
    try:
        statement = statement_of(parse_envelope(raw))
    except MalformedError:
        return False
    return statement.kind == "revocation" and any(
        edge.relation == "revokes" and edge.record == wanted for edge in statement.edges
    )
