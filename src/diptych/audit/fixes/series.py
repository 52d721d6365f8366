"""Repairs the findings of a file one after the other, each on top of the fixes before it."""

from collections.abc import Callable, Iterator

from diptych.audit.finding import Finding
from diptych.audit.fingerprint import fingerprints
from diptych.audit.fixes.engine import Fixer, FixResult

__all__ = ["fix_file"]

_MAX_FIXES = 200


def fix_file(
    fixer: Fixer,
    path: str,
    wanted: Callable[[Finding], bool],
    skipped: frozenset[str] = frozenset(),
) -> Iterator[FixResult]:
    """Yield what became of each finding in a file; `fixer.loaded` holds all fixes at the end.

    A fix is checked against the text with the fixes before it, so all of them together pass the
    checks too, and the last text is what a person can take over as a whole.

    Args:
        fixer: what repairs.
        path: the file.
        wanted: which findings to repair.
        skipped: fingerprints of findings to leave alone.
    """
    tried = set(skipped)
    for _ in range(_MAX_FIXES):
        finding = _next(fixer, path, wanted, tried)
        if finding is None:
            return
        result = fixer.fix(finding)
        if result.fix is not None:
            fixer.accept(result.fix)
        yield result


def _next(
    fixer: Fixer, path: str, wanted: Callable[[Finding], bool], tried: set[str]
) -> Finding | None:
    """Return the gravest finding that was not tried, and note that it is being tried."""
    named = fingerprints(fixer.findings(path), fixer.loaded.texts)
    for finding, name in named.items():
        if finding.location.path == path and name not in tried and wanted(finding):
            tried.add(name)
            return finding
    return None
