"""The stage on which a chapter plays: a throw-away folder and the real `diptych` program."""

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diptych.core.errors import DiptychError, JsonValue

_STEP_LIMIT_S = 120


class StepFailed(DiptychError):
    """A step of the tour did not prove what it says; the message holds the program's answer."""

    code = "Tour.StepFailed"


@dataclass
class Stage:
    """Where steps run.

    Attributes:
        folder: project folder of the chapter, empty at first.
        notes: what earlier steps left for later ones.
    """

    folder: Path
    notes: dict[str, Any] = field(default_factory=dict)
    _passphrase: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)

    def diptych(self, *arguments: str, expect: int = 0) -> dict[str, Any]:
        """Run `diptych ARGUMENTS --json` in the folder and return what it printed.

        Raises:
            StepFailed: it exited with another status than `expect`.
        """
        done = self.program([sys.executable, "-m", "diptych", *arguments, "--json"], expect=expect)
        answer = json.loads(done)
        if not isinstance(answer, dict):
            raise StepFailed(f"diptych {' '.join(arguments)}: expected a JSON object, got {done}")
        return answer

    def program(self, command: list[str], *, expect: int = 0, cwd: Path | None = None) -> str:
        """Run a program without a shell and return its standard output.

        Raises:
            StepFailed: it exited with another status than `expect`.
        """
        done = subprocess.run(
            command,
            cwd=cwd or self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_STEP_LIMIT_S,
            check=False,
        )
        if done.returncode != expect:
            raise StepFailed(
                f"{' '.join(command[1:])}: got exit {done.returncode}, expected {expect}: "
                f"{(done.stdout + done.stderr).strip()[-2000:]}"
            )
        return done.stdout

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("DIPTYCH_")}
        return {
            **kept,
            "DIPTYCH_KEYS__PASSPHRASE": self._passphrase,
            "XDG_STATE_HOME": str(self.folder.parent / "state"),
        }


@dataclass(frozen=True)
class Step:
    """One step: its title, and a function that does it and says what it proved."""

    title: str
    run: Callable[[Stage], str]


@dataclass(frozen=True)
class Chapter:
    """One door's story; `curtain` runs at the end whatever happened."""

    name: str
    title: str
    steps: tuple[Step, ...]
    curtain: Callable[[Stage], None]


@dataclass(frozen=True)
class StepResult:
    """What one step proved, or the error that stopped the chapter."""

    chapter: str
    title: str
    proved: str
    seconds: float
    error: DiptychError | None = None

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych tour --json` shows."""
        return {
            "chapter": self.chapter,
            "title": self.title,
            "proved": self.proved,
            "seconds": round(self.seconds, 2),
            "error": None if self.error is None else self.error.to_json(),
        }


def play(chapter: Chapter, folder: Path) -> Iterator[StepResult]:
    """Play one chapter in an empty folder; it ends at the first step that fails."""
    stage = Stage(folder)
    try:
        for step in chapter.steps:
            result = _play_step(chapter, step, stage)
            yield result
            if result.error is not None:
                return
    finally:
        chapter.curtain(stage)


def _play_step(chapter: Chapter, step: Step, stage: Stage) -> StepResult:
    start_s = time.perf_counter()
    error: DiptychError | None = None
    proved = ""
    try:
        proved = step.run(stage)
    except DiptychError as failure:
        error = failure
    except (OSError, subprocess.SubprocessError, KeyError, ValueError) as failure:
        error = StepFailed(f"{step.title}: {type(failure).__name__}: {failure}")
    return StepResult(chapter.name, step.title, proved, time.perf_counter() - start_s, error)
