"""Where the rows of a table come from: a path, a sealed version, or a table sealed by rows."""

import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from diptych.app.verbs.data.content import file_digests, version_files
from diptych.app.verbs.data.table import is_table, opened_table
from diptych.app.verbs.records import NoSuchRecord, Record, find_record
from diptych.app.workspace import Workspace
from diptych.core.errors import UsageError
from diptych.core.files import naming
from diptych.data.quality.passes import Opener, Rows
from diptych.data.quality.rules import Dialect, RuleSet
from diptych.data.tables import Column, TableOptions, open_table
from diptych.data.tables.open_table import SUFFIXES

if TYPE_CHECKING:
    from diptych.provenance.private.table import OpenedTable

_LISTED = 20


class NoTableThere(UsageError):
    """What should be checked holds no table, several, or its content is not here."""

    code = "Quality.NoTable"


class ChangedMeanwhile(UsageError):
    """A table changed while it was checked: nothing can be said about it."""

    code = "Quality.ChangedMeanwhile"


@dataclass(frozen=True)
class Source:
    """A table that can be read several times.

    Attributes:
        opener: opens it.
        record: the record that seals it, None if none does.
        file: its path within the data.
        private: nothing about it may be public: it is sealed privately, or not sealed yet.
        digest: SHA-256 of a file that may be sealed later, in memory only; empty for all else.
        unchanged: raises if it is not what it was when it was opened.
    """

    opener: Opener
    record: Record | None
    file: str
    private: bool
    digest: bytes = field(default=b"", repr=False)
    unchanged: Callable[[], None] = field(default=lambda: None, repr=False)


@dataclass(frozen=True)
class Wanted:
    """Which table: a reference or path; its path within the data; where its content is now."""

    what: str
    file: str = ""
    path: Path | None = None


def open_source(workspace: Workspace, wanted: Wanted, rules: RuleSet, stack: ExitStack) -> Source:
    """Find a table and make it readable; `stack` closes what is opened.

    Raises:
        NoSuchRecord: neither a path nor a record.
        NoTableThere: no table, several of them, or no content.
        PrivateErased: it was erased.
    """
    record = _record(workspace, wanted)
    if record is None:
        return _from_path(workspace, wanted, rules)
    if is_table(record):
        _, table, _ = stack.enter_context(opened_table(workspace, record.record))
        return Source(_rows_opener(table), record, "", private=True)
    return _from_version(workspace, record, (wanted, rules), stack)


def _record(workspace: Workspace, wanted: Wanted) -> Record | None:
    with workspace.read_log() as log:
        try:
            return find_record(workspace, log, wanted.what)
        except NoSuchRecord:
            if wanted.path is None and (workspace.start / wanted.what).exists():
                return None
            raise


def _from_version(
    workspace: Workspace, record: Record, asked: tuple[Wanted, RuleSet], stack: ExitStack
) -> Source:
    wanted, rules = asked
    there = (workspace.start / wanted.what).exists()
    given = wanted.path or (Path(wanted.what) if there else None)
    files = stack.enter_context(version_files(workspace, record, given))
    name = _chosen([one.path for one in files.entries()], wanted.file)
    content = stack.enter_context(files.content(name))
    if content is None and there and wanted.path is None:
        return _from_path(workspace, wanted, rules)
    if content is None:
        where = "kept here, or was changed" if given is None else f"what lies at {given}"
        raise NoTableThere(
            f"the content of record {record.index} is not {where}",
            hint="--path FILE names where it is; diptych data add --store keeps it",
        )

    def unchanged() -> None:
        with files.content(name) as again:
            _require(again is not None)

    private = record.statement.private is not None
    return Source(
        path_opener(content, rules),
        record,
        name,
        private=private,
        digest=file_digests(content)["sha256"] if there and not private else b"",
        unchanged=unchanged,
    )


def _from_path(workspace: Workspace, wanted: Wanted, rules: RuleSet) -> Source:
    place = workspace.start / wanted.what
    name = wanted.file
    if place.is_dir():
        found = (one.relative_to(place).as_posix() for one in sorted(place.rglob("*")))
        with naming(place):
            name = _chosen(found, wanted.file)
        place = place / name
    if not place.is_file():
        raise NoTableThere(f"{wanted.what} is no file", hint="a pipe or device is read only once")
    digest = file_digests(place)["sha256"]

    def unchanged() -> None:
        _require(hmac.compare_digest(digest, file_digests(place)["sha256"]))

    opener = path_opener(place, rules)
    return Source(opener, None, name, private=True, digest=digest, unchanged=unchanged)


def _require(same: bool) -> None:
    if not same:
        raise ChangedMeanwhile("the table changed while it was checked", hint="check it again")


def _chosen(paths: "Iterator[str] | Sequence[str]", file: str) -> str:
    tables = [one for one in paths if Path(one).suffix.lower() in SUFFIXES]
    if file and file in tables:
        return file
    if len(tables) == 1 and not file:
        return tables[0]
    named = ", ".join(map(ascii, tables[:_LISTED])) or "none"
    raise NoTableThere(
        f"expected one table, found: {named}",
        hint="--file names one of them" if tables else f"tables end in {', '.join(SUFFIXES)}",
    )


def path_opener(path: Path, rules: RuleSet) -> Opener:
    """Return what opens a file; columns of CSV without a declared type get the narrowest one."""
    options = None
    if path.suffix.lower() in {".csv", ".tsv"}:
        plain = _options(rules.dialect, path, {})
        with open_table(path, plain) as table:
            names = set(table.names)
        declared = {one.name: "string" for one in rules.columns if one.type and one.name in names}
        options = _options(rules.dialect, path, declared, infer=True)

    @contextmanager
    def opened() -> Iterator[Rows]:
        with open_table(path, options) as table:
            yield Rows(table.columns, enumerate(table.rows, start=1))

    return opened


def _options(
    dialect: Dialect, path: Path, types: Mapping[str, str], *, infer: bool = False
) -> TableOptions:
    tabs = dialect.delimiter == "," and path.suffix.lower() == ".tsv"
    return TableOptions(
        delimiter="\t" if tabs else dialect.delimiter,
        quote=dialect.quote,
        encoding=dialect.encoding,
        types=types,
        infer=infer,
        missing=dialect.missing,
    )


def _rows_opener(table: "OpenedTable") -> Opener:
    described = table.about.get("described")
    types = {
        str(one["name"]): str(one["type"])
        for one in (described if isinstance(described, list) else [])
        if isinstance(one, dict)
    }
    columns = tuple(Column(name, types.get(name, "string")) for name in table.columns)

    @contextmanager
    def opened() -> Iterator[Rows]:
        yield Rows(columns, ((one.row.number, one.cells) for one in table.rows()))

    return opened
