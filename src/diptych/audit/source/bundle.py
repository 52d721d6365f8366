"""Sources in a JSON file: a compiler's standard input, a build record, what explorers hand out.

Everything in it is a stranger's. Names of sources are names only: a file is opened for one only
where its content is not inside, and only below the folder of the JSON file's project.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diptych.audit.plain_json import plain_json
from diptych.audit.source.files import MAX_FILE_BYTES
from diptych.audit.source.imports import Project
from diptych.audit.source.modules import is_vyper, module_paths
from diptych.audit.source.remappings import Remapping, mapped, parse_remappings, relative_name

__all__ = ["MAX_BUNDLE_BYTES", "Bundle", "is_bundle", "parse_bundle", "read_bundle"]

MAX_BUNDLE_BYTES = 64 << 20
_MAX_SOURCES = 20_000
_MAX_NAME_CHARS = 1_000
_MAX_URLS = 10
_MAX_NESTED = 4
_NO_SOURCES = "no sources: neither standard JSON nor a build record"
_VYPER_ROOT = Path("/")


class _NoBundle(ValueError):
    """JSON that holds no sources; the message says why."""


@dataclass(frozen=True)
class Bundle:
    """Sources by name.

    Attributes:
        texts: content of each source.
        reasons: what could not be read of a source.
        remappings: of the settings.
        compiler: version that the record names, if it does.
    """

    texts: dict[str, bytes]
    reasons: dict[str, tuple[str, ...]] = field(default_factory=dict)
    remappings: tuple[Remapping, ...] = ()
    compiler: str = ""

    def find(self, said: str, importer: str) -> str | None:
        """Return the name of the source that an import means, as the compiler resolves it."""
        return next((name for name in self._meant(said, importer) if name in self.texts), None)

    def _meant(self, said: str, importer: str) -> Iterator[str]:
        if is_vyper(Path(importer)):
            for path in module_paths(said, _VYPER_ROOT / importer, _VYPER_ROOT):
                yield path.relative_to(_VYPER_ROOT).as_posix()
            return
        if said.startswith("."):
            yield relative_name(said, importer)
        else:
            yield from mapped(said, importer, self.remappings)
        yield said


def is_bundle(path: Path) -> bool:
    """Whether a file is read as a bundle, by its ending."""
    return path.suffix == ".json"


def read_bundle(path: Path) -> tuple[Bundle, str]:
    """Read a file; what goes wrong comes back as the reason why it holds nothing."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BUNDLE_BYTES + 1)
    except OSError as error:
        return Bundle({}), f"cannot be read: {error.strerror}"
    if len(data) > MAX_BUNDLE_BYTES:
        return Bundle({}), f"JSON of more than {MAX_BUNDLE_BYTES >> 20} MiB is not read"
    try:
        return parse_bundle(data, path), ""
    except _NoBundle as error:
        return Bundle({}), str(error)


def parse_bundle(data: bytes, path: Path) -> Bundle:
    """Find the sources in JSON.

    Args:
        data: the JSON.
        path: where it stands; sources without content are looked for in its project.

    Raises:
        _NoBundle: it is no JSON, or holds no sources.
    """
    twice: list[str] = []
    found = _unwrapped(_json(data, twice), 0)
    settings, compiler = found.get("settings"), found.get("compiler")
    lines = settings.get("remappings") if isinstance(settings, dict) else None
    reader = _Reader(path)
    sources = found["sources"]
    if len(sources) > _MAX_SOURCES:
        raise _NoBundle(f"more than {_MAX_SOURCES:,} sources in one file are not read")
    for name, about in sources.items():
        reader.take(name, about)
    for name in twice:
        if _clean(name) in reader.texts:
            reader.note(_clean(name), "is there twice; the last one was read")
    return Bundle(
        reader.texts,
        {name: tuple(why) for name, why in reader.reasons.items()},
        parse_remappings(lines if isinstance(lines, list) else ()),
        compiler if isinstance(compiler, str) else "",
    )


def _json(data: bytes, twice: list[str]) -> Any:
    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(items)
        if len(made) < len(items):
            counts = Counter(key for key, _ in items)
            twice.extend(key for key, count in counts.items() if count > 1)
        return made

    text = data.decode("utf-8-sig", "replace").strip()
    if text.startswith("{{") and text.endswith("}}"):  # as explorers hand it out
        text = text[1:-1]
    try:
        return plain_json(text.encode(), pairs)
    except ValueError as error:
        raise _NoBundle(f"no JSON: {error}") from error


def _unwrapped(value: Any, depth: int) -> dict[str, Any]:
    """Return the object with `sources`, out of what it is wrapped in."""
    if isinstance(value, list) and value:
        value = value[0]  # an explorer's list of results
    if not isinstance(value, dict) or depth > _MAX_NESTED:
        raise _NoBundle(_NO_SOURCES)
    if isinstance(value.get("sources"), dict):
        return value
    if isinstance(value.get("input"), dict):  # a build record
        return {"compiler": value.get("solcVersion"), **_unwrapped(value["input"], depth + 1)}
    if "SourceCode" in value:
        return _explored(value, depth)
    if "result" in value:
        return _unwrapped(value["result"], depth + 1)
    return {"sources": _listed(value)}


def _listed(value: dict[str, Any]) -> dict[str, Any]:
    """Return sources that are listed without more: Foundry's record of paths, or a plain map."""
    named = value.get("source_id_to_path")
    if isinstance(named, dict):
        return {name: {} for name in named.values() if isinstance(name, str)}
    if value and all(isinstance(each, dict) and "content" in each for each in value.values()):
        return value
    raise _NoBundle(_NO_SOURCES)


def _explored(value: dict[str, Any], depth: int) -> dict[str, Any]:
    """Read an explorer's record: one source, or JSON in a string."""
    code = value["SourceCode"]
    if isinstance(code, dict):
        return _unwrapped(code, depth + 1)
    if not isinstance(code, str):
        raise _NoBundle("no sources: SourceCode is no text")
    if code.lstrip().startswith("{"):
        return _unwrapped(_json(code.encode("utf-8", "replace"), []), depth + 1)
    vyper = "vyper" in str(value.get("CompilerVersion", "")).lower()
    stem = value.get("ContractName") or "Contract"
    name = f"{stem}{'.vy' if vyper else '.sol'}"
    return {"sources": {name: {"content": code}}}


def _clean(name: str) -> str:
    """Return a source's name without what a terminal would act on."""
    return "".join(c if c.isprintable() else "\ufffd" for c in name[:_MAX_NAME_CHARS])


class _Reader:
    """Gathers sources; content that is not inside is read from the project, never from outside."""

    def __init__(self, path: Path) -> None:
        self.texts: dict[str, bytes] = {}
        self.reasons: dict[str, list[str]] = {}
        self._folder = path.resolve().parent
        self._root = Project(path).root

    def note(self, name: str, reason: str) -> None:
        """Say what is wrong with a source."""
        self.reasons.setdefault(name, []).append(reason)

    def take(self, given: str, about: Any) -> None:
        """Take one source of the JSON."""
        name = _clean(given)
        if name in self.texts:
            self.note(name, "is there twice; the last one was read")
        content = about.get("content") if isinstance(about, dict) else None
        if isinstance(content, str):
            data = content.encode("utf-8", "replace")
        else:
            data = self._from_disk(name, given, about if isinstance(about, dict) else {})
        if len(data) > MAX_FILE_BYTES:
            self.note(name, f"only the first {MAX_FILE_BYTES >> 20} MiB were read")
        self.texts[name] = data[:MAX_FILE_BYTES]

    def _from_disk(self, name: str, given: str, about: dict[str, Any]) -> bytes:
        urls = about.get("urls")
        said = [url for url in urls if isinstance(url, str)] if isinstance(urls, list) else []
        for url in [*said[:_MAX_URLS], given, f"sources/{given}"]:
            found = self._open(url)
            if found is not None:
                return found
        self.note(name, "has no content, and is not there as a file of the project")
        return b""

    def _open(self, said: str) -> bytes | None:
        if "://" in said or said.startswith("/") or "\x00" in said:
            return None
        for folder in (self._folder, self._root):
            try:
                path = (folder / said).resolve()
                if path.is_relative_to(self._root) and path.is_file():
                    with path.open("rb") as file:
                        return file.read(MAX_FILE_BYTES + 1)
            except (OSError, RuntimeError, ValueError):  # too long, a circle of links, no text
                continue
        return None
