"""A model's files, read once and compared with what a signature covers."""

import hashlib
import hmac
import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from diptych.core.errors import JsonValue
from diptych.models.errors import BadPackage
from diptych.models.folder import MAX_MODEL_BYTES
from diptych.models.interop.signed_resources import WHOLE, Resource, SignedModel
from diptych_verify.errors import DigestMismatch
from diptych_verify.hashing import Refused, hash_factory, open_regular
from diptych_verify.walk import Problem, TreeWalk

GIT_PATHS = (".git", ".gitattributes", ".github", ".gitignore")
"""Left out by model signing unless it is told otherwise; the signature does not say so."""


def read_signed(
    path: Path, signed: SignedModel, *, ignored: Sequence[str] = ()
) -> dict[str, bytes]:
    """Read a model and return the bytes of exactly the signed files.

    Args:
        path: file or folder.
        signed: from a verified signature.
        ignored: further paths that are not part of the model, relative to it.

    Raises:
        DigestMismatch: files were changed, removed or added; `details` names them.
        BadPackage: it holds links or special files, or is too large.
    """
    wanted: dict[str, list[Resource]] = defaultdict(list)
    for one in signed.resources:
        wanted[one.path].append(one)
    if WHOLE in wanted:
        if path.is_dir():
            raise DigestMismatch(
                "the signature covers a single file, but the model is a folder",
                hint="give the path of the signed file",
            )
        content = {path.name: _read_single(path)}
        wanted[path.name] = wanted.pop(WHOLE)
    elif not path.is_dir():
        raise DigestMismatch(
            "the signature covers the files of a folder, but the model is a single file",
            hint="give the path of the folder",
        )
    else:
        left_out = _Ignored((*signed.ignored, *ignored, *GIT_PATHS), frozenset(wanted))
        content = _read_folder(path, left_out)
    _require_same(content, wanted)
    return content


class _Ignored:
    """Leaves out the ignored paths with all below them, but no signed file."""

    def __init__(self, paths: Sequence[str], signed: frozenset[str]) -> None:
        self._paths = frozenset(one.removesuffix("/").removeprefix("./") for one in paths)
        folders = {f"{one}/" for one in self._paths}
        self._keep = signed | {
            one[:place]
            for one in signed
            if any(one.startswith(folder) for folder in folders)
            for place in range(len(one))
            if one[place] == "/"
        }

    def __call__(self, path: str, *, folder: bool) -> bool:
        """Tell whether a path is left out."""
        if path in self._keep:
            return False
        parts = path.split("/")
        return any("/".join(parts[: place + 1]) in self._paths for place in range(len(parts)))


def _read_single(path: Path) -> bytes:
    try:
        descriptor, state = open_regular(None, os.fspath(path.absolute()), path.name)
    except Refused as refused:
        raise _unreadable(refused.problem) from None
    with os.fdopen(descriptor, "rb") as stream:
        if state.st_size > MAX_MODEL_BYTES:
            raise BadPackage("the model is too large")
        return stream.read(state.st_size + 1)


def _read_folder(path: Path, ignore: _Ignored) -> dict[str, bytes]:
    problems: list[Problem] = []
    content: dict[str, bytes] = {}
    total = 0
    root = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for run in TreeWalk(root, report=problems.append, ignore=ignore):
            for name in run.names:
                descriptor, state = open_regular(run.folder, name, run.prefix + name)
                total += state.st_size
                with os.fdopen(descriptor, "rb") as stream:
                    if total > MAX_MODEL_BYTES:
                        raise BadPackage("the model is too large")
                    content[run.prefix + name] = stream.read(state.st_size + 1)
    except Refused as refused:
        problems.append(refused.problem)
    finally:
        os.close(root)
    if problems:
        raise _unreadable(problems[0])
    return content


def _unreadable(problem: Problem) -> BadPackage:
    return BadPackage(
        f"'{problem.path}' {problem.reason}", hint="copy the model without links and try again"
    )


def _require_same(content: dict[str, bytes], wanted: dict[str, list[Resource]]) -> None:
    lost: dict[str, list[str]] = {
        "changed": [
            name
            for name, parts in wanted.items()
            if name in content and not _is_signed(content[name], parts)
        ],
        "removed": [name for name in wanted if name not in content],
        "added": [name for name in content if name not in wanted],
    }
    total = sum(map(len, lost.values()))
    if not total:
        return
    named = ", ".join(f"{kind} '{name}'" for kind, names in lost.items() for name in names[:3])
    details: dict[str, JsonValue] = {kind: list(names[:100]) for kind, names in lost.items()}
    noun = "file differs" if total == 1 else "files differ"
    raise DigestMismatch(
        f"{total} {noun} from what was signed: {named}",
        hint="fetch the signed files again; --ignore leaves out what was never part of the model",
        total=total,
        **details,
    )


def _is_signed(raw: bytes, parts: list[Resource]) -> bool:
    last = parts[-1].end
    if last is not None and last != len(raw):
        return False
    view = memoryview(raw)
    return all(
        hmac.compare_digest(_digest(one.algorithm, view[one.start : one.end]), one.digest)
        for one in parts
    )


def _digest(algorithm: str, raw: memoryview) -> bytes:
    if algorithm == "blake2b":
        return hashlib.blake2b(raw).digest()
    hasher = hash_factory(algorithm)(b"")
    hasher.update(raw)
    return hasher.digest()
