"""Which files are near-copies of each other, so that a split keeps them on one side."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping

__all__ = ["clusters"]

_COMMENT = re.compile(rb"//[^\n]*|/\*.*?\*/", re.S)
_TOKEN = re.compile(rb"\w+|[^\w\s]")
_PERMUTATIONS = 24
_ROWS = 3
_ALIKE = 0.7
_PRIME = (1 << 61) - 1


def clusters(sources: Mapping[str, bytes]) -> dict[str, int]:
    """Return a number for each file; files that reach each other by Jaccard >= 0.7 share it.

    Candidates by MinHash (8 bands of 3 rows) over 5-token shingles of source without comments,
    then the exact coefficient (Broder, "On the resemblance and containment of documents", 1997).
    """
    shingles = {name: _shingles(source) for name, source in sources.items()}
    parent = {name: name for name in sources}
    for one, other in _candidates(shingles):
        if _root(parent, one) != _root(parent, other):
            both = len(shingles[one] & shingles[other])
            if both >= _ALIKE * len(shingles[one] | shingles[other]):
                parent[_root(parent, one)] = _root(parent, other)
    roots = sorted({_root(parent, name) for name in sources})
    number = {root: at for at, root in enumerate(roots)}
    return {name: number[_root(parent, name)] for name in sources}


def _shingles(source: bytes) -> frozenset[int]:
    tokens = _TOKEN.findall(_COMMENT.sub(b" ", source))
    grams = {b" ".join(tokens[at : at + 5]) for at in range(max(len(tokens) - 4, 1))}
    return frozenset(
        int.from_bytes(hashlib.blake2b(gram, digest_size=7).digest(), "big") for gram in grams
    )


def _candidates(shingles: Mapping[str, frozenset[int]]) -> list[tuple[str, str]]:
    buckets: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for name, grams in shingles.items():
        lows = [
            min((gram * (2 * at + 3) + at * 7919) % _PRIME for gram in grams)
            for at in range(_PERMUTATIONS)
        ]
        for band in range(0, _PERMUTATIONS, _ROWS):
            buckets[(band, *lows[band : band + _ROWS])].append(name)
    return sorted(
        {(names[0], other) for names in buckets.values() for other in names[1:] if len(names) < 500}
    )


def _root(parent: dict[str, str], name: str) -> str:
    while parent[name] != name:
        parent[name] = parent[parent[name]]
        name = parent[name]
    return name
