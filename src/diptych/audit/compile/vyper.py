"""Vyper's compilers: one isolated environment for each version, fetched by pip when first needed.

The source is a stranger's: it is copied, with what it imports, into a folder of its own, and the
compiler runs there in a child process whose time, memory and answer are bounded.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final, NamedTuple

from diptych.audit.compile.errors import CompilerUnavailable, NotCompiled
from diptych.audit.plain_json import plain_json
from diptych.audit.syntax.vyper.versions import Version, allowed

__all__ = ["Checked", "VyperSources", "VyperToolchain", "vyper_candidates"]

_RELEASES: tuple[Version, ...] = (
    *((0, 2, patch) for patch in (4, 8, 11, 12, 15, 16)),
    *((0, 3, patch) for patch in range(11)),
    *((0, 4, patch) for patch in range(4)),
)
_SUPPORTS_FROM: Version = (0, 3, 8)
_SEARCHES_FROM: Version = (0, 4, 0)
_MAX_CANDIDATES = 3
_INSTALL_TIMEOUT_S = 300
_TIMEOUT_S = 60
_MAX_MEMORY_BYTES = 2 << 30
_MAX_ANSWER_BYTES = 16 << 20
_MAX_COMPLAINT_BYTES = 1 << 20
_MAX_TOLD = 400
_RUN = "from vyper.cli.vyper_compile import _parse_cli_args as run; run()"
_TAKEN_OVER = ("PATH", "HOME", "TMPDIR", "LANG")


class VyperSources(NamedTuple):
    """What a compiler is given: texts by relative name, the name to compile, where to search."""

    texts: Mapping[str, bytes]
    start: str
    roots: tuple[str, ...] = (".",)


class Checked(NamedTuple):
    """A compiler's answer: its version, the names in the interface, its annotated syntax tree."""

    version: str
    functions: frozenset[str]
    tree: Any = None


def vyper_candidates(pragmas: tuple[str, ...]) -> tuple[str, ...]:
    """Return the versions worth trying: the newest of each minor version that pragmas allow.

    >>> vyper_candidates(("vyper ^0.3.7",)), vyper_candidates(("vyper 0.2.99",))
    (('0.3.10',), ())
    """
    span = allowed(pragmas)
    newest: dict[int, Version] = {}
    for each in _RELEASES:
        if span is None or span.lowest <= each <= span.highest:
            newest[each[1]] = each
    ordered = sorted(newest.values(), reverse=True)[:_MAX_CANDIDATES]
    return tuple(".".join(map(str, each)) for each in ordered)


def vyper_cache(environ: Mapping[str, str]) -> Path:
    """Return where this user's compilers stand (honours `XDG_CACHE_HOME`)."""
    base = environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "diptych" / "vyper"


def install_vyper(version: str, cache: Path) -> Path:
    """Return the Python of a version's environment, made by pip on first use, whole or not at all.

    Raises:
        CompilerUnavailable: no network, or no release for this Python.
    """
    target = cache / f"{version}-py{sys.version_info[0]}{sys.version_info[1]}"
    python = target / "bin" / "python"
    if python.is_file():
        return python
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".install-") as scratch:
        made = Path(scratch) / "venv"
        wanted = f"vyper=={version}"
        number = tuple(int(part) for part in version.split("."))
        options = ["--only-binary=:all:", "--no-input", "--disable-pip-version-check", "--quiet"]
        if number < _SUPPORTS_FROM:  # they work, and were written before this Python was known
            options.append("--ignore-requires-python")
        for command in (
            [sys.executable, "-m", "venv", str(made)],
            [str(made / "bin" / "python"), "-m", "pip", "install", *options, wanted],
        ):
            _require(command, wanted, target)
        try:
            os.rename(made, target)
        except OSError:  # somebody else was faster
            if not python.is_file():
                shutil.rmtree(target, ignore_errors=True)
                os.rename(made, target)
    return python


def _require(command: list[str], wanted: str, target: Path) -> None:
    hint = f"with a network: python -m venv {target} && {target}/bin/pip install {wanted}"
    try:
        done = subprocess.run(command, capture_output=True, timeout=_INSTALL_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        slow = isinstance(error, subprocess.TimeoutExpired)
        reason = f"not within {_INSTALL_TIMEOUT_S} s" if slow else str(error)
        raise CompilerUnavailable(f"{wanted} cannot be fetched: {reason}", hint=hint) from error
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        told = next((line for line in reversed(lines) if "ERROR" in line), "pip failed")
        raise CompilerUnavailable(f"{wanted} cannot be fetched: {told[:200]}", hint=hint)


class VyperToolchain:
    """Checks sources with any version.

    Args:
        cache: folder of the environments.
        install: how to get at the Python of a version's environment.
    """

    def __init__(self, cache: Path, install: Callable[[str, Path], Path] = install_vyper) -> None:
        self._cache: Final = cache
        self._install: Final = install

    def check(self, sources: VyperSources, pragmas: tuple[str, ...]) -> Checked:
        """Compile a file as far as its interface.

        Raises:
            NotCompiled: the pragmas allow no version, or none of them takes it; the message is
                that of the first.
            CompilerUnavailable: no compiler can be had.
        """
        first: Exception | None = None
        for version in vyper_candidates(pragmas):
            try:
                return self._check(sources, version)
            except (NotCompiled, CompilerUnavailable) as error:
                if first is None or isinstance(first, CompilerUnavailable):
                    first = error
        raise first or NotCompiled("got pragmas that no release of Vyper from 0.2.4 on meets")

    def _check(self, sources: VyperSources, version: str) -> Checked:
        python = self._install(version, self._cache)
        with tempfile.TemporaryDirectory(prefix="diptych-vyper-") as scratch:
            folder = Path(scratch).resolve()
            _write(folder, sources.texts)
            number = tuple(int(part) for part in version.split("."))
            roots = sources.roots if number >= _SEARCHES_FROM else (".",)
            paths = [part for root in roots for part in ("-p", root)]
            form = "abi,annotated_ast" if number >= _SEARCHES_FROM else "abi"
            command = [str(python), "-I", "-c", _RUN, "-f", form, *paths, "--", sources.start]
            if number < _SEARCHES_FROM:
                command.remove("--")
            answer = _run(command, folder, version)
        interface, _, rest = answer.strip().partition(b"\n")
        return Checked(version, _functions(interface, version), _tree(rest))


def _write(folder: Path, texts: Mapping[str, bytes]) -> None:
    for name, data in texts.items():
        parts = PurePosixPath(name).parts
        if name.startswith(("/", "-")) or ".." in parts or "\x00" in name or not parts:
            raise NotCompiled(f"got a source named '{name[:80]}', expected a path in a project")
        try:
            path = folder.joinpath(*parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError as error:
            raise NotCompiled(f"'{name[:80]}' cannot be a file: {error.strerror}") from error


def _run(command: list[str], folder: Path, version: str) -> bytes:
    """Return what a compiler writes, within limits."""
    kept = {name: os.environ[name] for name in _TAKEN_OVER if name in os.environ}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=errors, env=kept
        )
        if hasattr(resource, "prlimit"):
            memory = (_MAX_MEMORY_BYTES, _MAX_MEMORY_BYTES)
            size = (_MAX_ANSWER_BYTES, _MAX_ANSWER_BYTES)
            try:
                resource.prlimit(child.pid, resource.RLIMIT_DATA, memory)
                resource.prlimit(child.pid, resource.RLIMIT_FSIZE, size)
            except ProcessLookupError:  # it has ended already
                pass
        try:
            code = child.wait(_TIMEOUT_S)
        except BaseException as error:
            child.kill()
            child.wait()
            if isinstance(error, subprocess.TimeoutExpired):
                raise NotCompiled(f"vyper {version} did not answer in {_TIMEOUT_S} s") from error
            raise
        if code:
            errors.seek(0)
            raise NotCompiled(f"vyper {version}: {_told(errors.read(_MAX_COMPLAINT_BYTES))}")
        out.seek(0)
        return out.read(_MAX_ANSWER_BYTES)


def _told(raw: bytes) -> str:
    """Return the part of a compiler's complaint that names the fault."""
    lines = [line.strip() for line in raw.decode("utf-8", "replace").splitlines() if line.strip()]
    named = [line for line in lines if line.startswith("vyper.exceptions.")]
    last = lines[-1] if lines else "it died, perhaps for want of memory"
    return (named[0] if named else last)[:_MAX_TOLD]


def _tree(answer: bytes) -> Any:
    """Read an annotated syntax tree; None where there is none, or none that can be read."""
    try:
        return plain_json(answer) if answer.strip() else None
    except ValueError:
        return None


def _functions(answer: bytes, version: str) -> frozenset[str]:
    """Read the names of functions in an interface."""
    try:
        found: Any = plain_json(answer)
    except ValueError as error:
        raise NotCompiled(f"vyper {version} gave no interface") from error
    items = found if isinstance(found, list) else []
    return frozenset(
        str(each.get("name"))
        for each in items
        if isinstance(each, dict) and each.get("type") == "function"
    )
