"""A fresh virtual environment from the recorded lock."""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import diptych
from diptych.core.errors import EnvironmentFault
from diptych.provenance.activity.environment import TOOLS, Environment

MakePython = Callable[[Environment, Path], Path]
"""Builds an environment in a folder and returns its interpreter."""
_TAIL = 2_000


class CannotInstall(EnvironmentFault):
    """The recorded environment cannot be built: no such Python, or a package is not to be had."""

    code = "Run.CannotInstall"


def requirements(environment: Environment) -> tuple[list[str], list[str]]:
    """Return (pins to install, local distributions that no index has).

    diptych itself is not among them: the one that replays is used.
    """
    local = [name for name in environment.local if name not in TOOLS]
    left_out = {*local, *TOOLS}
    pins = [f"{name}=={v}" for name, v in environment.distributions if name not in left_out]
    return pins, local


def fresh_python(environment: Environment, folder: Path) -> Path:
    """Make a virtual environment with exactly the recorded versions, by `venv` and `pip`.

    Args:
        environment: as it was recorded.
        folder: of the new environment.

    Returns:
        Its interpreter.

    Raises:
        CannotInstall: there is no such Python, or pip cannot install a package.
    """
    pins, local = requirements(environment)
    if local:
        raise CannotInstall(
            f"installed from a folder when it was recorded, so no index has it: {', '.join(local)}",
            hint="leave out --fresh-environment to replay in the present one",
        )
    _call([_base(environment.python), "-m", "venv", str(folder)])
    python = folder / "bin" / "python"
    if pins:
        listed = folder / "requirements.txt"
        listed.write_text("\n".join(pins) + "\n", encoding="utf-8")
        _call([str(python), "-m", "pip", "install", "--quiet", "--no-deps", "-r", str(listed)])
    _link_own(python, folder)
    return python


def _base(version: str) -> str:
    minor = ".".join(version.split(".")[:2])
    if minor == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    found = shutil.which(f"python{minor}")
    if found is None:
        raise CannotInstall(f"there is no python{minor} here", hint=f"install Python {minor}")
    return found


def _link_own(python: Path, folder: Path) -> None:
    """Let the new environment import the diptych that replays."""
    inside = sysconfig.get_path(
        "purelib", vars={"base": str(folder), "platbase": str(folder)}, scheme="venv"
    )
    del python
    source = Path(os.path.realpath(diptych.__file__)).parent
    for name in (source, source.with_name("diptych_verify")):
        (Path(inside) / name.name).symlink_to(name, target_is_directory=True)


def _call(command: list[str]) -> None:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CannotInstall(
            f"{' '.join(command[:4])} … failed:\n{done.stderr[-_TAIL:].strip()}",
            hint="leave out --fresh-environment to replay in the present one",
        )
