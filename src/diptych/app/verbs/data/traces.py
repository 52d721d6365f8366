"""What still shows erased data and is not in the private stores: bundles, sources, backups."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from diptych.app.verbs.data.key_backups import known_key_backups
from diptych.app.verbs.records import PATH_LABEL
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue, MalformedError
from diptych.core.files import sync_folder, write_error
from diptych_verify.bundle import MAX_BUNDLE_BYTES, parse_bundle
from diptych_verify.erased import ErasedClaim
from diptych_verify.merkle import leaf_hash

if TYPE_CHECKING:
    from diptych.app.verbs.data.erase import ErasedIn, Erasing

BUNDLE = "bundle"
SOURCE = "source"
_MARK = b'"diptych-bundle/1"'
_MAX_FILES = 1_000_000


@dataclass(frozen=True)
class Trace:
    """One thing that still shows erased data.

    Attributes:
        kind: `bundle`, `source`, `public seal` or `key backup`.
        path: where it is.
        text: what it shows, as half a sentence.
    """

    kind: str
    path: str
    text: str

    def to_json(self) -> dict[str, JsonValue]:
        """Return one entry of `traces`."""
        return {"kind": self.kind, "path": self.path, "text": self.text}


def find_traces(
    workspace: Workspace, done: Sequence["ErasedIn"], how: "Erasing"
) -> tuple[Trace, ...]:
    """Return what an erasure could not reach, in a fixed order."""
    if not done:
        return ()
    sources = sorted({one.source for one in done if one.source})
    return (
        *_bundles(workspace, done),
        *_sources(workspace, sources, how.subjects),
        *_public_seals(workspace, sources),
        *_key_backups(workspace),
    )


def remove_bundles(workspace: Workspace, traces: Sequence[Trace]) -> tuple[Trace, ...]:
    """Overwrite and delete the bundles among traces; return the other traces.

    Raises:
        CannotWrite: one of them cannot be removed.
    """
    for one in traces:
        if one.kind == BUNDLE:
            overwrite_and_unlink(workspace.place.project / one.path)
    return tuple(one for one in traces if one.kind != BUNDLE)


def overwrite_and_unlink(path: Path) -> None:
    """Overwrite a file with zeros where it stands and delete it, durably.

    Raises:
        CannotWrite: it cannot be written.
    """
    try:
        with path.open("r+b", buffering=0) as stream:
            left = os.fstat(stream.fileno()).st_size
            while left > 0:
                left -= stream.write(bytes(min(left, 1 << 20)))
            os.fsync(stream.fileno())
        path.unlink()
        sync_folder(path.parent)
    except OSError as error:
        raise write_error(path, error) from error


def _bundles(workspace: Workspace, done: Sequence["ErasedIn"]) -> Iterator[Trace]:
    claims = {one.record.record: ErasedClaim(one.runs) for one in done}
    project = workspace.place.project
    for path in _json_files(project):
        shown = _disclosed_of(path, claims)
        if shown:
            yield Trace(BUNDLE, str(path.relative_to(project)), f"shows {shown} erased fields")


def _json_files(folder: Path) -> Iterator[Path]:
    seen = 0
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted(names):
            seen += 1
            path = Path(place, name)
            if seen > _MAX_FILES:
                return
            if name.endswith(".json") and path.is_file() and not path.is_symlink():
                yield path


def _disclosed_of(path: Path, claims: dict[str, ErasedClaim]) -> int:
    try:
        if path.stat().st_size > MAX_BUNDLE_BYTES:
            return 0
        raw = path.read_bytes()
    except OSError:
        return 0
    if _MARK not in raw or b'"disclosed"' not in raw:
        return 0
    try:
        bundle = parse_bundle(raw)
    except MalformedError:
        return 0
    claim = claims.get(leaf_hash(bundle.records[0].envelope).hex())
    return 0 if claim is None else sum(claim.covers(one.index) for one in bundle.disclosed)


def _sources(
    workspace: Workspace, sources: Sequence[str], subjects: Sequence[str]
) -> Iterator[Trace]:
    for source in sources:
        path = workspace.place.project / source
        if path.is_file() and _holds(path, subjects):
            yield Trace(SOURCE, source, "is the table as it was sealed, in plain")


def _holds(path: Path, subjects: Sequence[str]) -> bool:
    """Tell whether a file may still hold the subjects; a compressed one always may."""
    if not subjects or path.suffix == ".parquet" or path.stat().st_size > 1 << 30:
        return True
    try:
        raw = path.read_bytes()
    except OSError:
        return True
    return any(one.encode() in raw for one in subjects)


def _public_seals(workspace: Workspace, sources: Sequence[str]) -> Iterator[Trace]:
    with workspace.read_log() as log:
        for source in sources:
            index = log.label(PATH_LABEL + source)
            if index is not None:
                text = f"was sealed publicly too, as record {index}, whose digest stays"
                yield Trace("public seal", source, text)


def _key_backups(workspace: Workspace) -> Iterator[Trace]:
    for path in known_key_backups(workspace):
        yield Trace("key backup", str(path), "holds the keys until it is pruned")
