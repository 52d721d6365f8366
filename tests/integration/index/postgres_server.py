"""A PostgreSQL server of the tests' own, in a temporary folder."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def postgres_server() -> Iterator[str]:
    """Start a server and yield its URL; skip where none can be started."""
    # Below the system's own folder, since the server's user must get in.
    folder = Path(tempfile.mkdtemp(prefix="diptych-postgres-"))
    try:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                from pgserver.postgres_server import get_server

                server = get_server(folder / "data", cleanup_mode="delete")
        except Exception as error:
            pytest.skip(f"no PostgreSQL server can be started here: {error}")
        try:
            # What a power cut would do to the server is its own matter.
            server.psql("alter system set fsync = off;\nselect pg_reload_conf();")
            yield server.get_uri()
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
