"""JSON-RPC answers in files, found and told apart by their shape; bounded.

A file `*.json` holds an answer, a batch of answers or a bare result; `*.jsonl` one of them a line;
either may be compressed (`.gz`).
"""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from diptych.core.errors import LedgerError
from diptych.index.source.bounded import read_json
from diptych.index.source.source import MalformedFile, WrongFiles

MAX_TOTAL_BYTES = 256 << 20
"""All of it is held in memory, as some times more bytes."""
MAX_FILES = 1 << 17
_SUFFIXES = (".json", ".json.gz", ".jsonl", ".jsonl.gz")


class Answer(NamedTuple):
    """One result.

    Attributes:
        where: file, and line if there are several.
        kind: block, receipts, logs, traces or calls.
        value: decoded JSON; a list but for a block.
        params: of the request, if the file tells.
    """

    where: str
    kind: str
    value: Any
    params: list[Any]


def answer_files(folder: Path) -> list[Path]:
    """Return the files of a folder that may hold answers, or the one file that was named.

    Raises:
        WrongFiles: there is none, or far too many.
    """
    if folder.is_file() and folder.name.endswith(_SUFFIXES):
        return [folder]
    if not folder.is_dir():
        raise WrongFiles(f"{folder}: got no folder of JSON answers")
    found = sorted(
        path for path in folder.iterdir() if path.name.endswith(_SUFFIXES) and path.is_file()
    )
    if not 0 < len(found) <= MAX_FILES:
        raise WrongFiles(
            f"{folder}: got {len(found)} files of JSON answers, expected 1 to {MAX_FILES}",
            hint=f"names must end in {', '.join(_SUFFIXES)}",
        )
    return found


def read_answers(paths: list[Path]) -> Iterator[Answer]:
    """Read all answers.

    Raises:
        MalformedFile: a file cannot be read or holds something else; the message names it.
    """
    left = MAX_TOTAL_BYTES
    for path in paths:
        raw = _content(path, left)
        left -= len(raw)
        lines = raw.splitlines() if ".jsonl" in path.name else [raw]
        for place, line in enumerate(lines):
            if line.strip():
                where = f"{path.name} line {place + 1}" if len(lines) > 1 else path.name
                yield from _answers(where, _decoded(where, line))


def _content(path: Path, limit: int) -> bytes:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            raw = file.read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise MalformedFile(f"{path.name}: cannot be read: {str(error)[:100]}") from None
    if len(raw) > limit:
        raise MalformedFile(
            f"{path.name}: got more than {MAX_TOTAL_BYTES} bytes of JSON in all",
            hint="index the recording in parts, or export it as Parquet",
        )
    return raw


def _decoded(where: str, raw: bytes) -> Any:
    try:
        return read_json(raw, max_bytes=MAX_TOTAL_BYTES)
    except LedgerError as error:
        raise MalformedFile(f"{where}: {error.message}") from None


def _answers(where: str, value: Any) -> Iterator[Answer]:
    """Take the results out of answers and batches of them; drop what is no part of a chain."""
    batch = value if _is_batch(value) else [value]
    for one in batch:
        params: list[Any] = []
        if isinstance(one, dict) and ("jsonrpc" in one or "result" in one):
            if one.get("error") is not None:
                raise MalformedFile(f"{where}: got an error of an endpoint, expected a result")
            told = one.get("params")
            params = told if isinstance(told, list) else []
            one = one.get("result")  # noqa: PLW2901
        kind = _kind(one)
        if kind:
            yield Answer(
                where, kind, one if isinstance(one, list) or kind == "block" else [one], params
            )


def _is_batch(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, dict) and "jsonrpc" in one for one in value)
    )


def _kind(value: Any) -> str:
    """Return what a result is; empty for scalars, null and lists without items."""
    first = value[0] if isinstance(value, list) and value else value
    if not isinstance(first, dict):
        return ""
    if "parentHash" in first and not isinstance(value, list):
        return "block"
    marks = (
        ("cumulativeGasUsed", "receipts"),
        ("topics", "logs"),
        ("action", "traces"),
        ("result", "calls"),
    )
    return next((kind for mark, kind in marks if mark in first), "")
