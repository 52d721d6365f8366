"""Audit of what does not compile: single functions cut out of files, and files cut off.

A function that a label names is scanned alone, without the contract around it; a file is cut off
after three fifths of its bytes, unless that is between two contracts, where nobody could tell.
Everything must be analysed, and what is cut off marked partial.
"""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from audit_scoring import lines_of
from diptych.audit.catalogue import installed_rules
from diptych.audit.finding import FileState, Finding
from diptych.audit.learned.rank import shipped_ranker
from diptych.audit.scan import scan_files
from diptych.audit.syntax.solidity.reader import read_solidity
from harness import Row, row

_KEPT = 0.6
_OURS = (" in the graph", "rule ", "judge: ")


class Piece(NamedTuple):
    """A text to scan, and the category it is labelled with, if any."""

    text: bytes
    category: str = ""


def functions(folder: Path) -> Iterator[Piece]:
    """Yield each labelled function of a set by itself."""
    for label in lines_of(folder / "labels.jsonl"):
        text = (folder / label["file"]).read_bytes()
        tree = read_solidity(text)
        for contract in tree.contracts:
            for function in contract.functions:
                start, end = function.start - tree.shift, function.end - tree.shift
                first = text.count(b"\n", 0, max(start, 0)) + 1
                last = text.count(b"\n", 0, end) + 1
                if label["line"] and first <= label["line"] <= last:
                    yield Piece(text[max(start, 0) : end], label["category"])


def cut_off(folder: Path) -> Iterator[Piece]:
    """Yield each file of a set without its end."""
    for file in lines_of(folder / "files.jsonl"):
        text = (folder / file["file"]).read_bytes().rstrip()
        kept = text[: int(len(text) * _KEPT)]
        if kept.count(b"{") != kept.count(b"}"):
            yield Piece(kept)


def scanned(pieces: Sequence[Piece]) -> Iterator[tuple[FileState, Sequence[Finding]]]:
    """Scan each piece as a file of its own."""
    rules, ranker = installed_rules(), shipped_ranker()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "piece.sol"
        for piece in pieces:
            path.write_bytes(piece.text)
            report = scan_files([path], rules, ranker=ranker)
            yield report.files[0], report.findings


def fragment_rows(folder: Path) -> list[Row]:
    """Score fragments of one labelled set."""
    alone, cut = list(functions(folder)), list(cut_off(folder))
    told = list(scanned(alone))
    hits = sum(
        any(finding.rule.category == piece.category for finding in findings)
        for piece, (_, findings) in zip(alone, told, strict=True)
    )
    ends = list(scanned(cut))
    marked = sum(bool(state.reasons) for state, _ in ends)
    whole = sum(_is_analysed(state) for state, _ in [*told, *ends])
    more: dict[str, Any] = {"functions": len(alone), "files cut off": len(cut)}
    return [
        row("fragments analysed", whole / len([*told, *ends]), "of all", at_least=1, more=more),
        row("fragments cut off: marked partial", marked / len(ends), "of all", at_least=1),
        row("labelled functions by themselves: fault found", hits / len(alone), "of all"),
    ]


def _is_analysed(state: FileState) -> bool:
    faults = (reason for reason in state.reasons for mark in _OURS if mark in reason)
    return state.lines > 0 and not any(True for _ in faults)
