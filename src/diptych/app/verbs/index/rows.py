"""Where the rows of indexes stand: files of the workspace, or what `index.store` names."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from diptych.app.workspace import Workspace
from diptych.core.errors import ConfigError
from diptych.index.engine.home import IndexHome
from diptych.index.manifest.entity import Entity
from diptych.index.store.opening import OpenedStore, open_store

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class NoVariable(ConfigError):
    """The place of an index names a variable that is not set."""

    code = "Index.NoVariable"


def open_rows(
    workspace: Workspace, home: IndexHome, digest: str, entities: Sequence[Entity] | None
) -> OpenedStore:
    """Open the rows that one manifest makes.

    Args:
        workspace: whose settings say where.
        home: of the index.
        digest: of the manifest.
        entities: tables to have, to write; None to read those that are there.

    Raises:
        NoVariable: the setting names a variable that is not set.
        StoreBusy: another process owns them.
        StoreFailed: the database cannot be read or written.
    """
    place = rows_place(workspace)
    file = home.rows(digest)
    if "://" in place:
        return open_store(place, f"{home.name}_{digest[:16]}", entities)
    folder = Path(place).expanduser() / home.name if place else home.folder
    return open_store(folder, file.stem, entities)


def rows_place(workspace: Workspace, environ: Mapping[str, str] | None = None) -> str:
    """Return the folder or URL of the setting, empty for the workspace's own files.

    Raises:
        NoVariable: it names a variable that is not set.
    """
    secret = workspace.settings.index.store
    text = "" if secret is None else secret.reveal()
    values = os.environ if environ is None else environ
    for name in _VARIABLE.findall(text):
        if not values.get(name):
            raise NoVariable(
                f"setting index.store needs the environment variable {name}",
                hint=f"export {name}=...",
            )
    return _VARIABLE.sub(lambda found: values[found[1]], text)


def forget_other_rows(workspace: Workspace, home: IndexHome, digest: str) -> None:
    """Delete the rows of earlier manifests where they stand outside of the workspace."""
    place = rows_place(workspace)
    if place.startswith(("postgres://", "postgresql://")):
        from diptych.index.store.postgres_schemas import keep_schema

        keep_schema(place, home.name, f"{home.name}_{digest[:16]}")
    elif place and "://" not in place:
        kept = home.rows(digest).name
        for path in (Path(place).expanduser() / home.name).glob("rows-*.duckdb*"):
            if not path.name.startswith(kept):
                path.unlink(missing_ok=True)
