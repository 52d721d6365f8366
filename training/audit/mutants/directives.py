r"""Faults that a base's author wrote beside a line, where no operator could know them.

`//- kind` takes the line away; `//= kind: code` puts code in its place (`\n` for a new line).
Several may stand on one line. They are taken out of what is scanned.
"""

import re
from collections.abc import Iterator

from mutants.mutant import Edit

__all__ = ["directives", "stripped"]

_DIRECTIVE = re.compile(rb"//([-=]) ([a-z-]+)(?:: ([^\n]*?))?[ \t]*(?=//[-=] |$)")


def stripped(source: bytes) -> bytes:
    """Return a base without its directives, every byte elsewhere in its place."""
    lines = source.split(b"\n")
    return b"\n".join(_DIRECTIVE.sub(lambda m: b" " * len(m[0]), line) for line in lines)


def directives(source: bytes) -> Iterator[tuple[str, tuple[Edit, ...]]]:
    """Yield what the directives of a base plant, as edits of its stripped source."""
    offset = 0
    for line in source.split(b"\n"):
        for found in _DIRECTIVE.finditer(line):
            code = b"" if found[1] == b"-" else found[3].replace(rb"\n", b"\n")
            yield found[2].decode(), (Edit(offset, offset + len(line), code),)
        offset += len(line) + 1
