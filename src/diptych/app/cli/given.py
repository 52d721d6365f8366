"""What people type: paths and references, refused early when they can mean nothing.

An empty path would mean the current folder, which is never what `diptych seal "$UNSET"` wants.
"""

from pathlib import Path
from typing import Any

import click


class GivenPath(click.Path):
    """A path that is not empty and holds no NUL."""

    def __init__(self, *, file_okay: bool = True, dir_okay: bool = True) -> None:
        super().__init__(path_type=Path, file_okay=file_okay, dir_okay=dir_okay)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the path, or end with a usage error."""
        text = _sensible(self, value, param, ctx)
        try:
            found = super().convert(text, param, ctx)
        except OSError as error:
            self.fail(f"{error.strerror}: '{text[:80]}'", param, ctx)
        return Path(str(found))


class GivenReference(click.types.StringParamType):
    """An index, a record id, a sealed path or a key id: any text that is not empty."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text, or end with a usage error."""
        return _sensible(self, value, param, ctx)


def _sensible(
    kind: "click.ParamType[Any]",
    value: Any,
    param: click.Parameter | None,
    ctx: click.Context | None,
) -> str:
    text = str(value)
    if not text or "\0" in text:
        kind.fail("it holds NUL" if text else "it is empty", param, ctx)
    return text


ANY_PATH = GivenPath()
FILE = GivenPath(dir_okay=False)
FOLDER = GivenPath(file_okay=False)
REFERENCE = GivenReference()
