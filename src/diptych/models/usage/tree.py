"""The tree of licensees under one root: built level by level, proofs from stored nodes. Pure."""

import base64
import hashlib
from collections.abc import Callable, Sequence

from diptych.core.canonical import canonical_json
from diptych.core.errors import JsonValue
from diptych_verify.errors import NotIncluded
from diptych_verify.usage import (
    LicenseeTotal,
    Span,
    UsageProof,
    joined,
    licensee_key,
)
from diptych_verify.usage_proof import FORMAT

SPAN_BYTES = 112
NodeAt = Callable[[int, int], Span | None]
"""Returns the node at (level, position), None beyond the end; level 0 holds the licensees."""


def build_levels(leaves: Sequence[Span]) -> list[list[Span]]:
    """Return all levels of the tree, leaves first; an odd node moves up as it is.

    Args:
        leaves: sorted by key, each key once.

    Raises:
        NotIncluded: they are not.
    """
    levels = [list(leaves)] if leaves else []
    while levels and len(levels[-1]) > 1:
        row = levels[-1]
        above = [joined(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)]
        levels.append(above + row[len(above) * 2 :])
    return levels


def join_packed(left: bytes, right: bytes) -> bytes:
    """Return the parent of two nodes, each as `Span.encoded` gives it: `joined` in bulk.

    Raises:
        NotIncluded: their ranges are not disjoint and in order.
    """
    if not left[:32] <= left[32:64] < right[:32] <= right[32:64]:
        raise NotIncluded("usage: two ranges of licensees overlap")
    count = int.from_bytes(left[64:72], "big") + int.from_bytes(right[64:72], "big")
    units = int.from_bytes(left[72:80], "big") + int.from_bytes(right[72:80], "big")
    node = hashlib.sha256(b"\x01" + left + right).digest()
    sums = count.to_bytes(8, "big") + units.to_bytes(8, "big")
    return left[:32] + right[32:64] + sums + node


def unpacked(raw: bytes) -> Span:
    """Return a node from its 112 bytes; the inverse of `Span.encoded`."""
    count, units = int.from_bytes(raw[64:72], "big"), int.from_bytes(raw[72:80], "big")
    return Span(raw[:32], raw[32:64], count, units, raw[80:])


def path_from(node_at: NodeAt, level: int, position: int) -> tuple[tuple[bool, Span], ...]:
    """Return the siblings from a node to the top; True where the sibling is on the left."""
    steps = []
    while node_at(level, 1) is not None:
        sibling = node_at(level, position ^ 1)
        if sibling is not None:
            steps.append((bool(position & 1), sibling))
        level, position = level + 1, position >> 1
    return tuple(steps)


def gap_proof(node_at: NodeAt, licensee: str, position: int) -> UsageProof:
    """Prove that a licensee stands nowhere.

    Args:
        node_at: the tree.
        licensee: who is missing.
        position: how many licensees have a smaller key.
    """
    key = licensee_key(licensee)
    level = 0
    if node_at(0, 0) is None:
        return UsageProof(licensee, None, (), (), b"", ())
    left, right = position - 1, position
    if left < 0 or node_at(0, right) is None:
        while node_at(level, 1) is not None:
            level += 1
        top = node_at(level, 0)
        assert top is not None
        assert not top.first <= key <= top.last
        return UsageProof(licensee, None, (top,), (), b"", ())
    # Climb to where the two neighbours meet: their ancestors there are siblings.
    while left >> 1 != right >> 1:
        level, left, right = level + 1, left >> 1, right >> 1
    pair = (node_at(level, left), node_at(level, right))
    assert pair[0] is not None
    assert pair[1] is not None
    return UsageProof(
        licensee, None, (pair[0], pair[1]), path_from(node_at, level + 1, left >> 1), b"", ()
    )


def total_proof(
    node_at: NodeAt, total: LicenseeTotal, position: int, last: tuple[bytes, Sequence[bytes]]
) -> UsageProof:
    """Prove a licensee's total.

    Args:
        node_at: the tree.
        total: what stands for the licensee.
        position: where, from 0.
        last: the licensee's newest record, and its inclusion path in the licensee's own tree.
    """
    path = path_from(node_at, 0, position)
    return UsageProof(total.licensee, total, (), path, last[0], tuple(last[1]))


def dump_usage_proof(proof: UsageProof) -> bytes:
    """Return a proof file; the inverse of `parse_usage_proof`."""
    document: dict[str, JsonValue] = {
        "format": FORMAT,
        "licensee": proof.licensee,
        "path": [
            {"side": "left" if on_left else "right", **_span_json(span)}
            for on_left, span in proof.path
        ],
    }
    if proof.total is None:
        document["gap"] = [_span_json(span) for span in proof.gap]
    else:
        total = proof.total
        document["total"] = {"count": total.count, "units": total.units, "root": total.root.hex()}
        document["last"] = proof.last.decode()
        document["proof"] = base64.b64encode(b"".join(proof.last_proof)).decode()
    return canonical_json(document)


def _span_json(span: Span) -> dict[str, JsonValue]:
    return {
        "first": span.first.hex(),
        "last": span.last.hex(),
        "count": span.count,
        "units": span.units,
        "hash": span.hash.hex(),
    }
