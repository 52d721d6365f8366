"""Compilers by version, fetched when first needed, and what they answered before."""

import gzip
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from diptych.audit.compile.artefact import Compiled, problems, read_output
from diptych.audit.compile.errors import CompilerUnavailable, NotCompiled
from diptych.audit.compile.pragmas import candidates
from diptych.audit.compile.process import CompilerProcess
from diptych.audit.compile.settings import Settings
from diptych.audit.compile.source import Sources
from diptych.audit.plain_json import plain_json
from diptych.contracts.compiler import cached_soljson, find_node, npm_command, offline_hint
from diptych.contracts.soljson import download_soljson
from diptych.core.files import make_folder, write_durably

__all__ = ["Toolchain"]

_FORMAT = b"1"
_MAX_CACHED = 400
_MAX_PROCESSES = 2
_MAX_CACHED_BYTES = 8 << 20


def install(version: str) -> Path:
    """Return the soljson of a version, fetched by npm on first use.

    Raises:
        CompilerUnavailable: no npm, or no network; the hint says how to go on offline.
    """
    target = cached_soljson(version=version)
    if target.is_file():
        return target
    npm = npm_command()
    reason = "npm is not installed"
    if npm is not None:
        reason = download_soljson(npm, target, version, "")
    if reason:
        raise CompilerUnavailable(
            f"solc {version} cannot be fetched: {reason}", hint=offline_hint(version)
        )
    return target


class Toolchain:
    """Compiles with any version; use it as a context manager, for it holds child processes.

    Args:
        cache: folder of earlier answers; None keeps none.
        fetch: how to get at the soljson of a version.
    """

    def __init__(self, cache: Path | None = None, fetch: Callable[[str], Path] = install) -> None:
        self._cache: Final = cache
        self._fetch: Final = fetch
        self._processes: dict[str, CompilerProcess] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._processes.values():
            process.close()
        self._processes.clear()

    def compile(self, sources: Sources, settings: Settings, version: str = "") -> Compiled:
        """Compile a closure.

        Args:
            sources: the closure.
            settings: how.
            version: compiler to use; empty lets the pragmas choose, newest first.

        Raises:
            NotCompiled: the pragmas allow no compiler, or none of them takes it; the message is
                that of the first.
            CompilerUnavailable: a compiler cannot be had.
        """
        versions = (version,) if version else candidates(sources.pragmas)
        if not versions:
            raise NotCompiled(
                f"got pragmas {', '.join(sorted(set(sources.pragmas)))}, "
                "expected some that a compiler from 0.4.11 on meets"
            )
        first = ""
        for each in versions:
            output = self._output(sources, settings, each)
            told = next(problems(output), "")
            if not told:
                return read_output(each, output)
            first = first or f"solc {each}: {told}"
        raise NotCompiled(first)

    def _output(self, sources: Sources, settings: Settings, version: str) -> dict[str, Any]:
        request: dict[str, Any] = {
            "language": "Solidity",
            "sources": {
                name: {"content": text.decode("utf-8", "replace")}
                for name, text in sorted(sources.texts.items())
            },
            "settings": settings.request(version, sources.remappings),
        }
        written = json.dumps(request, sort_keys=True).encode()
        key = hashlib.sha256(b"\0".join((_FORMAT, version.encode(), written))).hexdigest()
        known = self._remembered(key)
        if known is not None:
            return known
        output = self._process(version).compile(request)
        self._remember(key, output)
        return output

    def _process(self, version: str) -> CompilerProcess:
        if version not in self._processes:
            while len(self._processes) >= _MAX_PROCESSES:  # each may take gigabytes
                self._processes.pop(next(iter(self._processes))).close()
            self._processes[version] = CompilerProcess(find_node(), self._fetch(version))
        return self._processes[version]

    def _remembered(self, key: str) -> dict[str, Any] | None:
        if self._cache is None:
            return None
        try:
            with gzip.open(self._cache / f"{key}.json.gz") as stream:
                found = plain_json(stream.read())
        except (OSError, EOFError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def _remember(self, key: str, output: dict[str, Any]) -> None:
        if self._cache is None:
            return
        payload = gzip.compress(json.dumps(output).encode(), compresslevel=3, mtime=0)
        if len(payload) > _MAX_CACHED_BYTES:
            return
        make_folder(self._cache)
        write_durably(self._cache / f"{key}.json.gz", payload)
        kept = sorted(self._cache.glob("*.json.gz"), key=_written_at)
        for old in kept[:-_MAX_CACHED]:
            old.unlink(missing_ok=True)


def _written_at(path: Path) -> float:
    """Return when a file was written; the oldest of all if another process took it away."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def compiled_cache() -> Path:
    """Return where this user's earlier compilations stand (honours `XDG_CACHE_HOME`)."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "diptych" / "compiled"
