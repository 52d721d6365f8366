"""`data screen`: which columns of a table look like personal data? Ask before it is sealed."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from diptych.app.verbs.model.zoo import load_zoo
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue, UsageError
from diptych.models.zoo.columns import Finding, judge_table
from diptych_verify.__main__ import NoSuchFile

MODEL = "diptych/columns"
MAX_ROWS = 20_000
_MAX_BYTES = 64 << 20


class NotATable(UsageError):
    """A file is no CSV with a header and rows."""

    code = "Data.NotATable"


@dataclass(frozen=True)
class Screened:
    """What was found in a table, by which model version.

    Attributes:
        findings: one for each column, in order.
        model: reference of the model version.
        record: hex id of its record.
    """

    findings: tuple[Finding, ...]
    model: str
    record: str

    @property
    def personal(self) -> tuple[Finding, ...]:
        """Columns to warn about."""
        return tuple(one for one in self.findings if one.personal)

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data screen --json` shows."""
        return {
            "model": self.model,
            "record": self.record,
            "personal": len(self.personal),
            "columns": [one.to_json() for one in self.findings],
        }


def screen(workspace: Workspace, path: Path) -> Screened:
    """Judge the columns of a CSV file; nothing about it is written anywhere.

    Args:
        workspace: whose registry holds the model.
        path: CSV with a header; at most 20,000 rows are read.

    Raises:
        NoSuchFile: there is no such file.
        NotATable: it is no CSV with a header.
        VerificationError: the model does not pass the checks of `models.load`.
    """
    columns = read_columns(workspace.start / path)
    model = load_zoo(workspace, MODEL)
    findings = tuple(judge_table(model, columns))
    return Screened(findings, f"{model.name}@{model.version}", model.record)


def read_columns(path: Path) -> dict[str, list[str]]:
    """Return the cells of a CSV file by header; a header that comes twice gets a number.

    Raises:
        NoSuchFile: there is no such file.
        NotATable: it is no CSV with a header.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(_MAX_BYTES)
    except FileNotFoundError:
        raise NoSuchFile(f"there is no {path}") from None
    text = raw.decode("utf-8-sig", "replace")
    try:
        dialect = csv.Sniffer().sniff(text[:16_384], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    try:
        return _columns(csv.reader(io.StringIO(text), dialect), path.name)
    except csv.Error as error:
        raise NotATable(f"{path.name} is no CSV: {error}") from None


def _columns(rows: Iterator[list[str]], name: str) -> dict[str, list[str]]:
    header = next(rows, None)
    if not header:
        raise NotATable(f"{name} is empty, expected a header and rows")
    columns: dict[str, list[str]] = {}
    for position, title in enumerate(header):
        unique = title if title and title not in columns else f"{title}#{position + 1}"
        columns[unique] = []
    cells = list(columns.values())
    for number, row in enumerate(rows):
        if number >= MAX_ROWS:
            break
        for column, value in zip(cells, row, strict=False):
            column.append(value)
    return columns
