"""What a scan's results depend on beside the sources: our code, rules, the judge."""

import hashlib
import inspect
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import diptych.audit
from diptych.audit.ranking import Ranker
from diptych.audit.rules.rule import Rule

__all__ = ["engine_digest"]

_LIBRARIES = ("diptych", "tree-sitter", "tree-sitter-solidity")
_KINDS = frozenset({".py", ".onnx", ".json"})


def engine_digest(rules: Sequence[Rule], ranker: Ranker | None) -> str:
    """Return a hex SHA-256 that changes whenever a scan of the same sources could find another.

    Of a third party's rule the file that defines it counts, and not what that file imports.
    """
    digest = hashlib.sha256()
    root = Path(diptych.audit.__file__).parent
    for path in sorted(each for each in root.rglob("*") if each.suffix in _KINDS):
        _add(digest, path.relative_to(root).as_posix().encode(), path.read_bytes())
    for library in _LIBRARIES:
        _add(digest, library.encode(), version(library).encode())
    for rule in rules:
        _add(digest, repr(rule.info).encode(), _source(rule))
    _add(digest, b"ranker", b"" if ranker is None else ranker.digest.encode())
    return digest.hexdigest()


def _source(rule: Rule) -> bytes:
    try:
        return Path(inspect.getfile(rule.check)).read_bytes()
    except (OSError, TypeError):
        return b""


def _add(digest: "hashlib._Hash", name: bytes, content: bytes) -> None:
    digest.update(b"%d:%s%d:" % (len(name), name, len(content)))
    digest.update(content)
