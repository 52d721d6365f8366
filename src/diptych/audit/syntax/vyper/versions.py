"""Which versions of a compiler a pragma allows."""

import re
from typing import NamedTuple, TypeAlias

__all__ = ["Version", "Versions", "allowed"]

Version: TypeAlias = tuple[int, int, int]
_BOUND = re.compile(r"(\^|~=|~|>=|<=|==|>|<|=)?\s*v?(\d+)\.(\d+)(?:\.(\d+))?")
# The last release of each line, for ranges that are open upwards.
_LAST: dict[tuple[int, int], Version] = {
    (0, 1): (0, 1, 0),
    (0, 2): (0, 2, 16),
    (0, 3): (0, 3, 10),
    (0, 4): (0, 4, 3),
}
_NEWEST: Version = (0, 4, 3)


class Versions(NamedTuple):
    """The lowest and the highest release that a pragma allows."""

    lowest: Version
    highest: Version

    def within(self, first: Version, last: Version) -> bool:
        """Whether all of them lie between two releases."""
        return first <= self.lowest and self.highest <= last


def allowed(pragmas: tuple[str, ...]) -> Versions | None:
    """Return what the pragmas of a Vyper file allow, None where they name no version."""
    lowest, highest = (0, 0, 0), _NEWEST
    found = False
    for pragma in pragmas:
        if not pragma.startswith("vyper"):
            continue
        for bound in _BOUND.finditer(pragma):
            found = True
            version = (int(bound[2]), int(bound[3]), int(bound[4] or 0))
            sign = bound[1] or "=="
            if sign in ("==", "=", "^", "~", "~=", ">=", ">"):
                lowest = max(lowest, version)
            if sign in ("==", "=", "<=", "<"):
                highest = min(highest, version)
            elif sign in ("^", "~", "~="):
                highest = min(highest, _LAST.get(version[:2], version))
    return Versions(lowest, max(lowest, highest)) if found else None
