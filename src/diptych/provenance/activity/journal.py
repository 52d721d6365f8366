"""A small file per running run, so that one that is killed is found and recorded."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from diptych.core.errors import MalformedError
from diptych.core.journal import MAX_BYTES, Journal, abandoned, journal_lines
from diptych.provenance.activity.document import RunDocument, RunInput
from diptych_verify.jsonio import ObjectReader, strict_json

_SUFFIX = ".jsonl"


class RunJournal(Journal):
    """What a run has said so far; `start` makes it, `close` removes it."""

    @classmethod
    def start(cls, folder: Path, document: RunDocument) -> "RunJournal":
        """Write the beginning of a run durably.

        Args:
            folder: of all journals; made if missing.
            document: what is known at the beginning, status `interrupted`.

        Raises:
            CannotWrite: the file cannot be written.
        """
        return cls.begin(folder / f"{document.id}{_SUFFIX}", document.to_json())

    def used(self, one: RunInput) -> None:
        """Add one input.

        Raises:
            CannotWrite: the file cannot be written.
        """
        self.add({"used": dict(vars(one))})


@dataclass(frozen=True)
class UnfinishedRun:
    """A run whose process is gone; `document` is None if the file cannot be read."""

    path: Path
    document: RunDocument | None


def unfinished_runs(folder: Path) -> Iterator[UnfinishedRun]:
    """Yield the runs whose process is gone; each stays locked until the next is asked for."""
    for path in abandoned(folder, _SUFFIX):
        yield UnfinishedRun(path, _read(path))


def _read(path: Path) -> RunDocument | None:
    """Read a journal; a last line that was cut off is left out."""
    try:
        lines = journal_lines(path)
        if not lines:
            return None
        begun = RunDocument.parse(lines[0])
        inputs = [_used(line) for line in lines[1:]]
    except (MalformedError, OSError):
        return None
    said = {**vars(begun), "status": "interrupted", "inputs": (*begun.inputs, *inputs)}
    return RunDocument(**said)


def _used(line: bytes) -> RunInput:
    reader = ObjectReader(strict_json(line, max_bytes=MAX_BYTES, max_depth=4), "journal").object(
        "used"
    )
    return RunInput(
        reader.text("reference", max_characters=8_192),
        reader.hex_bytes("record", size=32).hex(),
        reader.text("path", max_characters=8_192),
    )
