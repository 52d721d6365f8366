"""What the style tests look at: committed text files and parsed Python."""

import ast
import functools
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("src/diptych", "src/diptych_verify")


@functools.cache
def kept_files() -> tuple[str, ...]:
    """Return every file that is or would be committed, as paths relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return tuple(sorted(name for name in listed.split("\0") if name and (ROOT / name).is_file()))


def python_files(*folders: str) -> list[str]:
    """Return the kept Python files, all or those below the given folders."""
    return [
        name
        for name in kept_files()
        if name.endswith(".py")
        and (not folders or any(name.startswith(f"{folder}/") for folder in folders))
    ]


def text(name: str) -> str:
    """Return a file's content; what is not UTF-8 counts as no text."""
    return (ROOT / name).read_text(encoding="utf-8", errors="replace")


@functools.cache
def tree(name: str) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(text(name), filename=name)
