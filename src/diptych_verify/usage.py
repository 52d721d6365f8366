"""Totals of usage, proven: what one licensee used under a root, and that nothing was left out.

A root covers all usage up to a moment. Below it stands a tree of licensees, sorted by the SHA-256
of their id; every node commits to the first and last key below it and to the sums of records and
units (a Merkle sum tree over disjoint ranges). A verifier checks on the way up that ranges are
disjoint and sums add up. So two proofs for one licensee cannot disagree under one root: wherever
they part, the licensee's key would have to lie in two disjoint ranges. Each licensee's own records
are an RFC 6962 tree; the last one carries the running total and shows the size of that tree.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from diptych_verify.errors import MalformedError, NotIncluded
from diptych_verify.jcs import canonical_json
from diptych_verify.jsonio import MAX_INTEGER, strict_json
from diptych_verify.merkle import leaf_hash, verify_inclusion

EMPTY_ROOT: Final = hashlib.sha256(b"\x02").digest()


@dataclass(frozen=True)
class Span:
    """A node of the tree of licensees as its parent commits to it.

    Attributes:
        first: smallest key below it, 32 bytes.
        last: largest key below it.
        count: records below it.
        units: units below it.
        hash: 32 bytes.
    """

    first: bytes
    last: bytes
    count: int
    units: int
    hash: bytes

    def encoded(self) -> bytes:
        """Return the 112 bytes that its parent hashes."""
        sums = self.count.to_bytes(8, "big") + self.units.to_bytes(8, "big")
        return self.first + self.last + sums + self.hash


@dataclass(frozen=True)
class LicenseeTotal:
    """What stands for one licensee under a root: sums, and the root of its own records."""

    licensee: str
    count: int
    units: int
    root: bytes


@dataclass(frozen=True)
class UsageProof:
    """Evidence for one licensee's total.

    Attributes:
        licensee: key id or pseudonym.
        total: what stands for it; None if it used nothing.
        gap: for a licensee that used nothing, the two neighbours between which it would stand, or
            the one node of the whole tree if it would stand outside.
        path: siblings from the entry or gap to the top; True if the sibling is on the left.
        last: the licensee's newest record as it was hashed.
        last_proof: its inclusion path in the licensee's own tree, 32 bytes each.
    """

    licensee: str
    total: LicenseeTotal | None
    gap: tuple[Span, ...]
    path: tuple[tuple[bool, Span], ...]
    last: bytes
    last_proof: tuple[bytes, ...]


def licensee_key(licensee: str) -> bytes:
    """Return the 32-byte key under which a licensee stands in the tree."""
    return hashlib.sha256(licensee.encode()).digest()


def entry_span(total: LicenseeTotal) -> Span:
    """Return the leaf of one licensee."""
    key = licensee_key(total.licensee)
    fields = canonical_json([total.licensee, total.count, total.units, total.root.hex()])
    return Span(key, key, total.count, total.units, leaf_hash(fields))


def joined(left: Span, right: Span) -> Span:
    """Return the parent of two neighbours.

    Raises:
        NotIncluded: their ranges are not disjoint and in order.
    """
    if not (left.first <= left.last < right.first <= right.last):
        raise NotIncluded("usage: two ranges of licensees overlap")
    node = hashlib.sha256(b"\x01" + left.encoded() + right.encoded()).digest()
    return Span(left.first, right.last, left.count + right.count, left.units + right.units, node)


def usage_root(top: Span | None) -> bytes:
    """Return the root that a usage record states; of nothing, `EMPTY_ROOT`."""
    return EMPTY_ROOT if top is None else hashlib.sha256(b"\x02" + top.encoded()).digest()


def verify_usage_total(proof: UsageProof, *, root: bytes, count: int, units: int) -> LicenseeTotal:
    """Check one licensee's total against the root of a usage record.

    Args:
        proof: from whoever keeps the log.
        root: 32 bytes, from the usage record.
        count: records under the root, from the usage record.
        units: units under the root, from the usage record.

    Returns:
        The total; zero records if the licensee is proven to stand nowhere.

    Raises:
        NotIncluded: the proof does not lead to the root, or says something else than it.
        MalformedError: proof and total do not belong together.
    """
    found = proof.total or LicenseeTotal(proof.licensee, 0, 0, b"")
    if found.licensee != proof.licensee or (proof.total is None) != bool(proof.gap or not count):
        raise MalformedError("usage proof: the total is not the licensee's")
    top = _climb(proof)
    if not hmac.compare_digest(usage_root(top), root):
        raise NotIncluded("usage: the proof does not lead to the root of the usage record")
    if top is not None and (top.count, top.units) != (count, units):
        raise NotIncluded(
            f"usage: the root sums up {top.count} records and {top.units} units, "
            f"the usage record says {count} and {units}"
        )
    if proof.total is not None:
        _verify_last(proof, proof.total)
    return found


def _climb(proof: UsageProof) -> Span | None:
    key = licensee_key(proof.licensee)
    if proof.total is not None:
        node = entry_span(proof.total)
    elif not proof.gap:
        return None
    elif len(proof.gap) == 1:
        node = proof.gap[0]
        if proof.path or node.first <= key <= node.last:
            raise NotIncluded("usage: the licensee could stand in the tree")
    else:
        left, right = proof.gap
        if not left.last < key < right.first:
            raise NotIncluded("usage: the licensee could stand elsewhere")
        node = joined(left, right)
    for on_left, sibling in proof.path:
        node = joined(sibling, node) if on_left else joined(node, sibling)
    if max(node.count, node.units) > MAX_INTEGER:
        raise NotIncluded("usage: the sums are out of range")
    return node


def _verify_last(proof: UsageProof, total: LicenseeTotal) -> None:
    record = read_usage_record(proof.last)
    said = (record.licensee, record.sequence + 1, record.running_units)
    if said != (total.licensee, total.count, total.units):
        raise NotIncluded(
            f"usage: the newest record is number {record.sequence + 1} with {record.running_units} "
            f"units in all, the total says {total.count} and {total.units}"
        )
    verify_inclusion(
        leaf_hash(proof.last),
        index=record.sequence,
        size=total.count,
        proof=proof.last_proof,
        root=total.root,
    )


@dataclass(frozen=True)
class LoggedUse:
    """One call or download as it is hashed.

    Attributes:
        licensee: key id or pseudonym.
        sequence: how many records of this licensee came before.
        time_s: when, seconds since the epoch, on the log keeper's word.
        asset: hex record id of what was used.
        action: what was done.
        units: how much, for example calls or tokens.
        running_units: units of this licensee so far, this record included.
    """

    licensee: str
    sequence: int
    time_s: int
    asset: str
    action: str
    units: int
    running_units: int


def read_usage_record(raw: bytes) -> LoggedUse:
    """Read a record as it was hashed: a canonical JSON array.

    Raises:
        MalformedError: it is none.
    """
    value = strict_json(raw, max_bytes=1024, max_depth=1, max_values=16)
    if not isinstance(value, list) or canonical_json(value) != raw:
        raise MalformedError("usage record: expected a canonical JSON array")
    licensee, sequence, time_s, asset, action, units, running = [*value, *[None] * 7][:7]
    numbers = (sequence, time_s, units, running)
    texts = (licensee, asset, action)
    if (
        len(value) != 7
        or not all(type(number) is int and number >= 0 for number in numbers)
        or not all(isinstance(text, str) for text in texts)
    ):
        raise MalformedError("usage record: expected licensee, number, time, asset, action, units")
    return LoggedUse(licensee, sequence, time_s, asset, action, units, running)  # type: ignore[arg-type]
