"""Where one index stands: a file of rows for each manifest that made them, and the raw cache.

A changed manifest makes a new file while the old one is still asked; `switch` replaces it.
"""

import json
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from diptych.core.errors import UsageError
from diptych.core.files import make_folder, write_durably

_CURRENT = "current.json"
_MAX_BYTES = 64 << 10


class NoIndex(UsageError):
    """There is no index of this name."""

    code = "Index.Missing"


class Known(NamedTuple):
    """What an index remembers of its newest finished manifest.

    Attributes:
        digest: of the manifest.
        manifest: path of its file, as it was given.
        source: what the rows came from, secrets masked.
    """

    digest: str
    manifest: str
    source: str


class IndexHome:
    """Files of one index.

    Args:
        folder: `.diptych/index/<name>`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cache = folder / "cache"
        self.server = folder / "server.json"

    @property
    def name(self) -> str:
        """The index's name."""
        return self.folder.name

    def rows(self, digest: str) -> Path:
        """Return the file of the rows that a manifest makes."""
        return self.folder / f"rows-{digest[:16]}.duckdb"

    def known(self) -> Known | None:
        """Return what is asked now, None before the first run."""
        path = self.folder / _CURRENT
        with suppress(OSError, ValueError, TypeError, KeyError):
            raw = path.read_bytes()[:_MAX_BYTES]
            fields = json.loads(raw)
            return Known(*(str(fields[name]) for name in Known._fields))
        return None

    def require(self) -> Known:
        """Return what is asked now.

        Raises:
            NoIndex: nothing was indexed yet.
        """
        found = self.known()
        if found is None:
            raise NoIndex(
                f"there is no index '{self.name}'", hint="diptych index run MANIFEST makes one"
            )
        return found

    def switch(self, known: Known) -> None:
        """Ask the rows of this manifest from now on, and delete those of others."""
        make_folder(self.folder)
        write_durably(self.folder / _CURRENT, json.dumps(known._asdict(), indent=1).encode())
        kept = self.rows(known.digest).name
        for path in self.folder.glob("rows-*.duckdb*"):
            if not path.name.startswith(kept):
                path.unlink(missing_ok=True)
