"""Names for findings that outlive edits elsewhere in the file."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping

from diptych.audit.finding import Finding
from diptych.audit.source.text import SourceText

__all__ = ["fingerprints", "normalised"]

_NOISE = re.compile(rb"//[^\n]*|/\*.*?(?:\*/|\Z)|\s+", re.DOTALL)
_VYPER_NOISE = re.compile(rb"#[^\n]*|\s+")  # where `//` divides
_VYPER = (".vy", ".vyi")


def normalised(code: bytes, path: str = "") -> bytes:
    """Return code without comments and white space, by the language that a path's ending says."""
    noise = _VYPER_NOISE if path.endswith(_VYPER) else _NOISE
    return noise.sub(b"", code)


def fingerprints(
    findings: Iterable[Finding], texts: Mapping[str, SourceText]
) -> dict[Finding, str]:
    """Name each finding by its rule, function and code without comments and white space.

    Line numbers play no part, so code that moves keeps its name. Findings that are alike in all
    of that are told apart by their order.

    Args:
        findings: in order of place.
        texts: the text of every path.
    """
    seen: Counter[bytes] = Counter()
    codes: dict[tuple[str, int, int], bytes] = {}
    named: dict[Finding, str] = {}
    for finding in findings:
        place = finding.location
        lines = (place.path, place.line, place.end_line)
        if lines not in codes:
            codes[lines] = normalised(texts[place.path].lines(*lines[1:]), place.path)
        parts = (finding.rule.id, place.path, place.contract, place.function)
        key = b"\0".join([*(part.encode() for part in parts), codes[lines]])
        named[finding] = hashlib.sha256(key + b"\0%d" % seen[key]).hexdigest()[:32]
        seen[key] += 1
    return named
