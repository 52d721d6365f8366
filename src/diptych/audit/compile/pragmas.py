"""Which compilers a set of pragmas allows, best first.

Ranges as the Solidity compiler reads them: those of npm's semver, without prereleases.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from diptych.contracts.pins import SOLC_VERSION

__all__ = ["Version", "candidates"]

Version: TypeAlias = tuple[int, int, int]
_Test: TypeAlias = Callable[[Version], bool]

# The first that speaks standard JSON, and the last of each minor version, on npm.
_FIRST: Version = (0, 4, 11)
_LAST = {4: 26, 5: 17, 6: 12, 7: 6, 8: 37}
_MISSING = frozenset({(0, 4, 12)})
_PART = r"(\d+|[xX*])"
_BOUND = re.compile(rf"(\^|~|>=|<=|>|<|=)?\s*v?{_PART}(?:\.{_PART})?(?:\.{_PART})?")
_HYPHEN = re.compile(r"(\d+\.\d+\.\d+)\s+-\s+(\d+\.\d+\.\d+)")
_MAX_PRAGMA = 400
_MAX_CANDIDATES = 6


def candidates(pragmas: Iterable[str]) -> tuple[str, ...]:
    """Return the versions worth trying: the newest of each minor version, then the oldest.

    Args:
        pragmas: those of all files that are compiled together.

    >>> candidates(["pragma solidity >=0.4.22 <0.6.0;", "pragma solidity ^0.4.24;"])
    ('0.4.26', '0.4.24')
    """
    given = [_parsed(each) for each in pragmas if "solidity" in each]
    allowed = [each for each in _known() if all(_holds(tests, each) for tests in given)]
    newest: dict[int, Version] = {}
    for version in allowed:
        newest[version[1]] = version
    pinned = _read(SOLC_VERSION)
    if pinned in allowed:
        newest[pinned[1]] = pinned
    ordered = sorted(newest.values(), reverse=True) + (allowed[:1] if given else [])
    return tuple(".".join(map(str, v)) for v in dict.fromkeys(ordered))[:_MAX_CANDIDATES]


def _known() -> Iterator[Version]:
    for minor, last in _LAST.items():
        first = _FIRST[2] if minor == _FIRST[1] else 0
        yield from ((0, minor, n) for n in range(first, last + 1) if (0, minor, n) not in _MISSING)


def _read(text: str) -> Version:
    major, minor, patch = (int(part) for part in text.split("."))
    return major, minor, patch


def _parsed(pragma: str) -> list[list[_Test]]:
    """Read a pragma into alternatives, each a list of tests that must all hold."""
    ranges = pragma[:_MAX_PRAGMA].partition("solidity")[2].strip().rstrip(";").replace('"', "")
    return [[*_tests(each)] for each in ranges.split("||")]


def _tests(text: str) -> Iterator[_Test]:
    hyphen = _HYPHEN.fullmatch(text.strip())
    if hyphen is not None:
        text = f">={hyphen[1]} <={hyphen[2]}"
    for found in _BOUND.finditer(text):
        parts = [int(part) for part in found.groups()[1:] if part and part.isdigit()]
        yield _test(found[1] or "=", parts)


def _test(operator: str, parts: list[int]) -> _Test:
    low = (*parts, 0, 0, 0)[:3]
    after = _next(operator, parts)
    tests: dict[str, _Test] = {
        ">=": lambda v: v >= low,
        ">": lambda v: v >= after,
        "<": lambda v: v < low,
        "<=": lambda v: v < after,
    }
    return tests.get(operator, lambda v: low <= v < after)


def _next(operator: str, parts: list[int]) -> tuple[int, ...]:
    """Return the first version after all those that a bound names."""
    if operator == "^":
        # What may change is what stands right of the first digit that is not zero.
        fixed = next((at for at, part in enumerate(parts) if part), len(parts) - 1)
    elif operator == "~":
        fixed = min(1, len(parts) - 1)
    else:
        fixed = len(parts) - 1
    if fixed < 0:
        return (1 << 16, 0, 0)
    return (*parts[:fixed], parts[fixed] + 1)


def _holds(alternatives: list[list[_Test]], version: Version) -> bool:
    return any(all(test(version) for test in tests) for tests in alternatives)
