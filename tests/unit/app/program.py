"""Run the `diptych` program: in this process for speed, or in another to interrupt it."""

import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest

from diptych.app.cli import main

PASSPHRASE = "correct horse"


class Captured(Protocol):
    """What `capsys` offers."""

    def readouterr(self) -> Any: ...


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def error(self) -> dict[str, Any]:
        """The error of a `--json` command; it is all of stdout."""
        found: dict[str, Any] = json.loads(self.out)["error"]
        return found


@dataclass
class Program:
    """The program, started in `folder` with `environ` on top of a clean environment."""

    folder: Path
    environ: dict[str, str]
    captured: Captured
    patch: pytest.MonkeyPatch
    children: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def __call__(self, *words: str, stdin: bytes | None = None) -> Ran:
        """Run a command in this process."""
        with self.patch.context() as patch:
            patch.chdir(self.folder)
            for name, value in self.environ.items():
                patch.setenv(name, value)
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin or b"")))
            self.captured.readouterr()
            with pytest.raises(SystemExit) as ended:
                main(words)
        out, err = self.captured.readouterr()
        return Ran(int(ended.value.code or 0), out, err)

    def ok(self, *words: str, stdin: bytes | None = None) -> dict[str, Any]:
        """Run a command with `--json` that must succeed; return what it printed."""
        ran = self(*words, "--json", stdin=stdin)
        assert ran.code == 0, ran
        found: dict[str, Any] = json.loads(ran.out)
        return found

    def refused(self, *words: str, code: int) -> dict[str, Any]:
        """Run a command with `--json` that must fail; return its error."""
        ran = self(*words, "--json")
        assert ran.code == code, ran
        assert ran.err == ""
        return ran.error

    def start(self, *words: str, **options: Any) -> "subprocess.Popen[bytes]":
        """Start a command in a process of its own."""
        child = subprocess.Popen(
            [sys.executable, "-m", "diptych", *words],
            cwd=self.folder,
            env={**os.environ, **self.environ},
            **{
                "stdin": subprocess.DEVNULL,
                "stdout": subprocess.PIPE,
                "stderr": subprocess.PIPE,
                **options,
            },
        )
        self.children.append(child)
        return child

    def finish(self, child: "subprocess.Popen[bytes]") -> Ran:
        """Wait for a started command."""
        out, err = child.communicate(timeout=100)
        return Ran(child.returncode, (out or b"").decode(), err.decode())

    def close(self) -> None:
        """Stop what still runs."""
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.communicate()
