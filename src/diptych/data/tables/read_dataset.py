"""Reads CDISC Dataset-JSON 1.1, as one JSON document or as NDJSON, row by row; 1.0 as a whole."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from diptych.core.errors import JsonValue
from diptych.core.files import system_error
from diptych.data.tables.cells import BadCell, RowChecker
from diptych.data.tables.dataset_header import KNOWN, check_header
from diptych.data.tables.dataset_v1 import MAX_CHARACTERS, ONLY_HERE, PARTS, upgraded
from diptych.data.tables.errors import BadTable, bad_table
from diptych.data.tables.json_stream import JsonStream, scan_value
from diptych.data.tables.table import MAX_ROW_CHARACTERS, Column, Row, Table

_MAX_HEADER_CHARACTERS = 16 << 20


@contextmanager
def open_dataset_json(path: Path) -> Iterator[Table]:
    """Open one JSON document; its header is checked now, its rows as they are read.

    Raises:
        BadTable: not Dataset-JSON 1.1 or 1.0, saying where.
        CannotUse: the file cannot be read.
    """
    with _text(path) as source:
        reader = _Document(path, JsonStream(source))
        with reader.faults():
            early = reader.read_until_rows()
        if "columns" in reader.header:
            yield reader.table(early, rest=reader.header)
            return
    if reader.older:
        yield _older(path)
        return
    with _text(path) as source:  # The header stands after the rows: read it first.
        later = _Document(path, JsonStream(source))
        with later.faults():
            later.read_until_rows()
            for _ in later.skip_rows():
                pass
            later.read_rest()
    with _text(path) as source:
        again = _Document(path, JsonStream(source))
        with again.faults():
            early = again.read_until_rows()
        yield again.table(early, rest=later.header)


@contextmanager
def open_dataset_ndjson(path: Path) -> Iterator[Table]:
    """Open NDJSON: the header on the first line, one row on each line after it.

    Raises:
        BadTable: not Dataset-JSON 1.1, saying where.
        CannotUse: the file cannot be read.
    """
    with _text(path) as source:
        try:
            header = _line_value(source.readline(_MAX_HEADER_CHARACTERS))
            if not isinstance(header, dict):
                raise ValueError("expected an object on the first line")
            columns = check_header(header)
        except ValueError as error:
            raise bad_table(path, _said(error)) from None
        rows = _lines(path, source, header, columns)
        yield _table(path, "dataset-ndjson", header, (columns, rows))


def is_ndjson(path: Path) -> bool:
    """Tell whether the first line is a whole JSON object, as NDJSON begins.

    Raises:
        BadTable: the file is not UTF-8.
    """
    with _text(path) as source:
        try:
            first = source.readline(_MAX_HEADER_CHARACTERS)
            value, end = scan_value(first, 0)
        except UnicodeDecodeError as error:
            raise bad_table(path, _said(error)) from None
        except ValueError:
            return False
        whole = isinstance(value, dict) and not value.keys() & {"rows", *PARTS}
        return whole and not first[end:].strip()


class _Document:
    """A Dataset-JSON document being read: header members before and after the rows."""

    def __init__(self, path: Path, stream: JsonStream) -> None:
        self.path = path
        self.header: dict[str, JsonValue] = {}
        self.older = False
        self._stream = stream
        self._ended = False

    @contextmanager
    def faults(self) -> Iterator[None]:
        try:
            yield
        except ValueError as error:
            raise bad_table(self.path, _said(error)) from None

    def read_until_rows(self) -> bool:
        """Read members up to the first row; return False if there are no rows at all."""
        self._stream.take("{")
        return self._members(first=True)

    def read_rest(self) -> None:
        """Read the members after the rows, up to the end of the file."""
        if not self._ended and self._members(first=False):
            raise ValueError("got the member 'rows' twice")
        self._stream.done()

    def skip_rows(self) -> Iterator[JsonValue]:
        """Yield each row unchecked, and consume the end of the array."""
        stream = self._stream
        if self._ended:
            return
        stream.take("[")
        if stream.peek() == "]":
            stream.take("]")
            return
        while True:
            yield stream.value(longest=MAX_ROW_CHARACTERS)
            if stream.take(",]") == "]":
                return

    def table(self, has_rows: bool, *, rest: dict[str, JsonValue]) -> Table:
        with self.faults():
            if not has_rows:
                self._stream.done()
            columns = check_header(rest)
        rows = self._rows(rest, columns)
        return _table(self.path, "dataset-json", rest, (columns, rows))

    def _rows(self, header: dict[str, JsonValue], columns: tuple[Column, ...]) -> Iterator[Row]:
        check = _Rows(self.path, columns)
        with self.faults():
            values = self.skip_rows()
            while True:
                try:
                    value = next(values)
                except StopIteration:
                    break
                except ValueError as error:
                    raise bad_table(self.path, _said(error), row=check.count + 1) from None
                yield check(value)
            known = dict(self.header)
            self.read_rest()
            if self.header != known:
                check_header({**header, **self.header})
        check.done(header)

    def _members(self, *, first: bool) -> bool:
        """Read `name: value` pairs; stop before the value of `rows` (True) or after `}` (False)."""
        stream = self._stream
        if first and stream.peek() == "}":
            stream.take("}")
            self._ended = True
            return False
        if not first and stream.take(",}") == "}":
            self._ended = True
            return False
        while True:
            name = stream.value(longest=256) if stream.peek() == '"' else None
            if not isinstance(name, str):
                raise ValueError("not JSON: expected a member name")
            stream.take(":")
            if name == "rows":
                return True
            if first and name in ONLY_HERE:
                self.older = True
                return False
            self._require_new(name)
            self.header[name] = stream.value(longest=_MAX_HEADER_CHARACTERS)
            if stream.take(",}") == "}":
                self._ended = True
                return False

    def _require_new(self, name: str) -> None:
        if name in self.header:
            raise ValueError(f"got the member {name!a} twice")
        if name not in KNOWN:
            raise ValueError(f"got the member {name!a}, which Dataset-JSON 1.1 does not know")


def _older(path: Path) -> Table:
    """Return the table of a file of version 1.0."""
    with _text(path) as source:
        stream = JsonStream(source)
        try:
            header, values = upgraded(stream.value(longest=MAX_CHARACTERS))
            stream.done()
            columns = check_header(header)
        except ValueError as error:
            raise bad_table(path, _said(error)) from None

    def rows() -> Iterator[Row]:
        check = _Rows(path, columns)
        yield from map(check, values)
        check.done(header)

    return _table(path, "dataset-json", header, (columns, rows()))


class _Rows:
    """Checks rows one after another and counts them."""

    def __init__(self, path: Path, columns: tuple[Column, ...]) -> None:
        self.count = 0
        self._path = path
        self._columns = columns
        self._check = RowChecker(columns)

    def __call__(self, value: JsonValue) -> Row:
        self.count += 1
        if not isinstance(value, list):
            raise bad_table(self._path, "expected an array of cells", row=self.count)
        try:
            return self._check(value)
        except BadCell as error:
            column = None if error.position < 0 else self._columns[error.position].name
            raise bad_table(self._path, error.problem, row=self.count, column=column) from None

    def done(self, header: dict[str, JsonValue]) -> None:
        if self.count != header["records"]:
            raise bad_table(
                self._path, f"got {self.count} rows, the header says {header['records']}"
            )


def _lines(
    path: Path, source: TextIO, header: dict[str, JsonValue], columns: tuple[Column, ...]
) -> Iterator[Row]:
    check = _Rows(path, columns)
    while True:
        try:
            line = source.readline(MAX_ROW_CHARACTERS)
            if not line:
                break
            value = _line_value(line)
        except ValueError as error:
            raise bad_table(path, _said(error), row=check.count + 1) from None
        yield check(value)
    check.done(header)


def _line_value(line: str) -> JsonValue:
    if not line.endswith("\n") and len(line) >= MAX_ROW_CHARACTERS:
        raise ValueError(f"got a line of more than {MAX_ROW_CHARACTERS} characters")
    text = line.strip(" \t\r\n")
    value, end = scan_value(text, 0)
    if end != len(text):
        raise ValueError("got more text after the value of a line")
    return value


def _table(
    path: Path,
    kind: str,
    header: dict[str, JsonValue],
    content: tuple[tuple[Column, ...], Iterator[Row]],
) -> Table:
    columns, rows = content
    rest = {name: value for name, value in header.items() if name != "columns"}
    records = header["records"]
    assert isinstance(records, int)
    return Table(kind, str(header["name"]) or path.stem, columns, rows, records, rest)


@contextmanager
def _text(path: Path) -> Iterator[TextIO]:
    try:
        with path.open(encoding="utf-8", errors="strict", newline="\n") as source:
            yield source
    except BadTable:
        raise
    except OSError as error:
        raise system_error(error) from error


def _said(error: ValueError) -> str:
    """Return what went wrong without the text that went wrong."""
    if isinstance(error, UnicodeDecodeError):
        return f"got a byte that is not UTF-8 (about byte {error.start} of a block)"
    return str(error).partition(": line ")[0]
