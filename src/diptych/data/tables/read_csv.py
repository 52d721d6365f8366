"""Reads CSV strictly: dialect and encoding are declared, types declared or inferred."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from diptych.core.files import system_error
from diptych.data.tables.cells import BadCell, RowChecker
from diptych.data.tables.errors import BadTableOption, bad_table, shape
from diptych.data.tables.table import (
    MAX_COLUMNS,
    MAX_ROW_CHARACTERS,
    MAX_SAFE_INTEGER,
    TYPES,
    Column,
    Row,
    Table,
    TableOptions,
)

ENCODINGS = ("utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16")
_ENCODING_HINT = "say so: --encoding of add-table, or encoding in [dialect] of a rules file"
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_BOOLEANS = {"true": True, "false": False}
_Parse = Callable[[str], object]


@contextmanager
def open_csv(path: Path, options: TableOptions) -> Iterator[Table]:
    """Open a CSV file whose first line names the columns.

    Raises:
        BadTableOption: a dialect, encoding or type that does not exist or fit.
        BadTable: the file breaks the dialect, saying where.
        CannotUse: the file cannot be read.
    """
    _check_options(options)
    types = dict(options.types)
    if options.infer:
        with _records(path, options) as records:
            names = next(records, [])
            _columns(path, names, types)
            types = {**_inferred(names, records, options.missing), **types}
    with _records(path, options) as records:
        columns = _columns(path, next(records, []), types)
        yield Table("csv", path.stem, columns, _rows(path, records, columns, options))


def _rows(
    path: Path, records: Iterator[list[str]], columns: tuple[Column, ...], options: TableOptions
) -> Iterator[Row]:
    check = RowChecker(columns)
    parse = [_parser(column.type, options.missing) for column in columns]
    for number, texts in enumerate(records, start=1):
        if len(texts) != len(columns):
            problem = f"got {len(texts)} cells, expected {len(columns)}"
            raise bad_table(path, problem, row=number)
        values: list[object] = []
        try:
            for position, (one, text) in enumerate(zip(parse, texts, strict=True)):
                try:
                    values.append(one(text))
                except ValueError as error:
                    raise BadCell(position, str(error)) from None
            row = check(values)
        except BadCell as error:
            column = columns[error.position].name
            raise bad_table(path, error.problem, row=number, column=column) from None
        yield row


def _parser(kind: str, missing: tuple[str, ...]) -> _Parse:
    if kind == "string":
        return str
    convert: dict[str, _Parse] = {
        "integer": _to_integer,
        "float": _to_number,
        "double": _to_number,
        "boolean": _to_boolean,
    }
    one = convert.get(kind, str)
    return lambda text: None if text in missing else one(text)


def _to_integer(text: str) -> object:
    if re.fullmatch(r"[+-]?[0-9]{1,400}", text) is None:
        raise ValueError(f"got {shape(text)}, expected an integer")
    return int(text)


def _to_number(text: str) -> object:
    if re.fullmatch(r"[+-]?[0-9]*\.?[0-9]*(?:[eE][+-]?[0-9]+)?", text) is None:
        raise ValueError(f"got {shape(text)}, expected a number")
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"got {shape(text)}, expected a number") from None


def _to_boolean(text: str) -> object:
    if text not in _BOOLEANS:
        raise ValueError(f"got {shape(text)}, expected true or false")
    return _BOOLEANS[text]


def _inferred(
    names: list[str], records: Iterator[list[str]], missing: tuple[str, ...]
) -> Mapping[str, str]:
    """Return the narrowest type of each column from which its texts can be told apart."""
    fits: list[list[str]] = [["integer", "double", "boolean"] for _ in names]
    seen = [False] * len(names)
    for texts in records:
        for position, text in enumerate(texts[: len(names)]):
            if text in missing or not fits[position]:
                continue
            seen[position] = True
            fits[position] = [kind for kind in fits[position] if _fits(kind, text)]
    return {
        name: kinds[0]
        for name, kinds, any_value in zip(names, fits, seen, strict=True)
        if kinds and any_value
    }


def _fits(kind: str, text: str) -> bool:
    if kind == "integer":
        return _INTEGER.fullmatch(text) is not None and abs(int(text)) <= MAX_SAFE_INTEGER
    return _NUMBER.fullmatch(text) is not None if kind == "double" else text in _BOOLEANS


def _columns(path: Path, names: list[str], types: Mapping[str, str]) -> tuple[Column, ...]:
    if not 1 <= len(names) <= MAX_COLUMNS:
        raise bad_table(path, f"got {len(names)} columns, expected 1 to {MAX_COLUMNS}")
    if names[0].startswith("\ufeff"):
        problem = "begins with a byte order mark, expected encoding utf-8-sig"
        raise bad_table(path, problem, hint=_ENCODING_HINT)
    # R and pandas leave the name of the first column, their row names, empty.
    if "" in names[1:]:
        raise bad_table(path, f"column {names.index('', 1) + 1} has no name")
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise bad_table(path, "two columns have this name", column=twice)
    unknown = sorted(types.keys() - set(names))
    if unknown:
        raise BadTableOption(f"{path.name} has no column {unknown[0]!a}, whose type was declared")
    return tuple(replace(Column(name), type=types.get(name, "string")) for name in names)


def _check_options(options: TableOptions) -> None:
    if options.encoding not in ENCODINGS:
        raise BadTableOption(
            f"got encoding {options.encoding!a}, expected one of {', '.join(ENCODINGS)}"
        )
    wrong = sorted(set(options.types.values()) - TYPES)
    if wrong:
        raise BadTableOption(f"got type {wrong[0]!a}, expected one of {', '.join(sorted(TYPES))}")
    for what, text in (("delimiter", options.delimiter), ("quote", options.quote)):
        if len(text) != 1 or text in "\r\n\0 ":
            raise BadTableOption(f"got {what} {text!a}, expected one character that can be seen")
    if options.delimiter == options.quote:
        raise BadTableOption("got one character as delimiter and quote, expected two")


@contextmanager
def _records(path: Path, options: TableOptions) -> Iterator[Iterator[list[str]]]:
    try:
        with path.open(encoding=options.encoding, errors="strict", newline="") as source:
            yield _split(path, source, options)
    except OSError as error:
        raise system_error(error) from error


def _split(path: Path, source: TextIO, options: TableOptions) -> Iterator[list[str]]:
    reader = csv.reader(
        _bounded_lines(source),
        delimiter=options.delimiter,
        quotechar=options.quote,
        doublequote=True,
        strict=True,
    )
    number = 0
    while True:
        try:
            record = next(reader, None)
        except (csv.Error, ValueError) as error:
            reason = f"after line {reader.line_num}: {_said(error, options)}"
            hint = _ENCODING_HINT if isinstance(error, UnicodeError) else ""
            raise bad_table(path, reason, row=number or None, hint=hint) from None
        if record is None:
            return
        if not record:
            raise bad_table(path, f"line {reader.line_num} is empty", row=number or None)
        yield record
        number += 1


def _bounded_lines(source: TextIO) -> Iterator[str]:
    while line := source.readline(MAX_ROW_CHARACTERS + 1):
        if len(line) > MAX_ROW_CHARACTERS:
            raise ValueError(f"got a line of more than {MAX_ROW_CHARACTERS} characters")
        if "\0" in line:
            raise ValueError("got NUL, expected text")
        yield line


def _said(error: Exception, options: TableOptions) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"got bytes that are not {options.encoding.upper()}"
    if isinstance(error, UnicodeError):
        return f"not {options.encoding}: {error}"
    return str(error)
