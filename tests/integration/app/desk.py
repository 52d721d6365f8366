"""A workspace for a whole test module, and the program in it for each test."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.unit.app.program import PASSPHRASE


@dataclass(frozen=True)
class Desk:
    """A workspace's folder, and the environment in which the program works there."""

    folder: Path
    environ: dict[str, str]

    def run(self, *words: str) -> int:
        """Run a command in a process of its own and return its exit code."""
        environ = {**os.environ, **self.environ}
        command = [sys.executable, "-m", "diptych", *words]
        done = subprocess.run(
            command, cwd=self.folder, env=environ, capture_output=True, timeout=120, check=False
        )
        return done.returncode


@contextmanager
def desk(folder: Path, **environ: str) -> Iterator[Desk]:
    """Make a workspace with a sealed folder `study`; its chain, if any, is stopped at the end."""
    runtime = Path(tempfile.mkdtemp(prefix="dt-"))
    settings = {
        "DIPTYCH_KEYS__PASSPHRASE": PASSPHRASE,
        "DIPTYCH_KEYS__SCRYPT_LOG2_N": "14",
        "XDG_RUNTIME_DIR": str(runtime),
    }
    made = Desk(folder, {**settings, **environ})
    (folder / "study").mkdir()
    (folder / "study" / "a.csv").write_text("1,2\n")
    try:
        assert made.run("init") == 0
        assert made.run("seal", "study") == 0
        yield made
    finally:
        made.run("chain", "down")
        shutil.rmtree(runtime, ignore_errors=True)
