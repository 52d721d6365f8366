"""The constants in a contract's own source."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.payloads.literals import Literal, literals

__all__ = ["contract_literals"]

_MAX_LITERALS = 2_000
_MAX_BYTES = 1 << 19


def contract_literals(contract: ContractGraph, *, around: bool = False) -> list[Literal]:
    """Return the constants of a contract in order, within 2,000 and 512 KiB.

    Args:
        contract: what is looked at, without its bases.
        around: for the first contract of a file, also what stands outside of contracts, less the
            paths of imports.
    """
    tree, unit = contract.node.tree, contract.node.unit
    spans = [(tree.start, tree.end)]
    known = unit.tree.contracts
    if tree not in known:
        spans = []
    if around and (not known or known[0] is tree):
        spans += _gaps(contract)
    found = islice(_within(contract, spans), _MAX_LITERALS)
    kept: list[Literal] = []
    size = 0
    for each in found:
        size += len(each.value)
        if size > _MAX_BYTES:
            break
        kept.append(each)
    return kept


def _gaps(contract: ContractGraph) -> list[tuple[int, int]]:
    """Return the stretches of a file that are in no contract and no import."""
    unit = contract.node.unit
    shift = unit.tree.shift
    taken = sorted(
        [(each.start, each.end) for each in unit.tree.contracts]
        + [(each.start, each.end) for each in unit.tree.imports]
    )
    starts = [shift, *(end for _, end in taken)]
    ends = [*(start for start, _ in taken), shift + len(unit.text)]
    return [(start, end) for start, end in zip(starts, ends, strict=True) if start < end]


def _within(contract: ContractGraph, spans: list[tuple[int, int]]) -> Iterator[Literal]:
    unit = contract.node.unit
    shift, comments = unit.tree.shift, unit.tree.comments
    for start, end in spans:
        first = bisect_left(comments, (start, start))
        last = bisect_left(comments, (end, end))
        inside = [(a - start, b - start) for a, b in comments[first:last]]
        offset = max(start - shift, 0)
        for each in literals(unit.text[offset : max(end - shift, 0)], inside):
            yield each._replace(start=each.start + offset, end=each.end + offset)
