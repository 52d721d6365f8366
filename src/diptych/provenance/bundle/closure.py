"""Which records a bundle needs: the subject, its ancestors, and the key records of all signers."""

from collections import deque
from collections.abc import Iterable

from diptych.core.errors import JsonValue
from diptych.provenance.bundle.errors import MissingAncestor
from diptych.provenance.keys.records import key_records
from diptych.provenance.log import LogReader
from diptych_verify.dsse import parse_envelope
from diptych_verify.keys import KeyRecord
from diptych_verify.lineage import ANCESTRY
from diptych_verify.statement import statement_of


def ancestor_indexes(log: LogReader, index: int, *, size: int) -> list[int]:
    """Return the indexes of all ancestors of a record, breadth first.

    Raises:
        MissingAncestor: an ancestor is not among the first `size` entries of this log.
    """
    order: list[int] = []
    seen = {index}
    missing: list[str] = []
    queue = deque([index])
    while queue:
        for record_id in _ancestors(log.entry(queue.popleft())):
            found = log.find(record_id)
            if found is None or found >= size:
                missing.append(record_id.hex())
            elif found not in seen:
                seen.add(found)
                order.append(found)
                queue.append(found)
    if missing:
        listed: list[JsonValue] = list(dict.fromkeys(missing))
        raise MissingAncestor(
            f"{len(listed)} ancestor records are not in this log, first {missing[0]}",
            hint="bundle without lineage, or in the log that holds the ancestors",
            missing=listed,
        )
    return order


def source_indexes(log: LogReader, index: int, *, size: int) -> list[int]:
    """Return the indexes of the direct ancestors that are among the first `size` entries."""
    found = map(log.find, _ancestors(log.entry(index)))
    return [one for one in found if one is not None and one < size]


def key_record_indexes(log: LogReader, signers: Iterable[str], *, size: int) -> list[int]:
    """Return the indexes of the key records that judge these signers, in index order.

    For each key: the records that add, replace or revoke it (later ones too: they are the honest
    answer to "was it revoked?"), and the same for the keys that signed those.
    """
    known = [record for record in key_records(log) if record.index < size]
    wanted = set(signers)
    chosen: set[int] = set()
    while True:
        found = [one for one in known if one.index not in chosen and _concerns(one, wanted)]
        if not found:
            return sorted(chosen)
        for record in found:
            chosen.add(record.index)
            wanted.update(record.signers)


def _concerns(record: KeyRecord, keyids: set[str]) -> bool:
    return record.claim.keyid in keyids or record.claim.replaces in keyids


def _ancestors(raw: bytes) -> list[bytes]:
    statement = statement_of(parse_envelope(raw))
    return [
        edge.record
        for edge in statement.edges
        if edge.record is not None and edge.relation in ANCESTRY
    ]
