"""Readers of tables, of the rules they are held to, and of requirements."""

import io
import json
from pathlib import Path

from tests.property.fuzz.engine import Target
from tests.property.fuzz.targets_verifier import flags

from diptych.data.quality.rules_file import MAX_BYTES, dump_rules, parse_rules
from diptych.data.tables import TableOptions, open_table
from diptych.provenance.requirements.document import MAX_BYTES as MAX_REQUIREMENTS_BYTES
from diptych.provenance.requirements.document import dump_requirements, parse_requirements

_COLUMNS = [
    {"itemOID": "IT.A", "name": "A", "label": "a", "dataType": "string", "length": 9},
    {"itemOID": "IT.B", "name": "B", "label": "b", "dataType": "integer", "keySequence": 1},
    {"itemOID": "IT.C", "name": "C", "label": "c", "dataType": "double"},
    {"itemOID": "IT.D", "name": "D", "label": "d", "dataType": "date"},
    {
        "itemOID": "IT.E",
        "name": "E",
        "label": "e",
        "dataType": "decimal",
        "targetDataType": "decimal",
    },
    {"itemOID": "IT.F", "name": "F", "label": "f", "dataType": "boolean"},
]
_ROWS = [["x", 1, 0.5, "2026-01-02", "1.50", True], [None, 2, None, None, None, None]]
_CSV = (
    b'A,B,C\nx,1,0.5\n"a, ""b""",-2,1e3\n"two\nlines",3,\n',
    b"A\r\n1\r\n2\r\n",
    "Größe,B\n1,ß\n".encode("utf-16"),
)
_RULES = b"""format = "diptych-rules/1"
[[columns]]
name = "age"
type = "number"
required = true
minimum = 0
maximum = 130
[[columns]]
name = "sex"
values = ["F", "M"]
[duplicates]
"""
_REQUIREMENTS = b"""format = "diptych-requirements/1"
[train]
applies_to = ["trial*"]
rules = ["%s"]
max_age_days = 30
min_version = "0.1"
[publish]
""" % (b"ab" * 32)


def tables_targets(folder: Path) -> list[Target]:
    """Return the targets of this module; `folder` is scratch space."""
    folder.mkdir(parents=True)
    rules = [_RULES, dump_rules(parse_rules(_RULES))]
    return [
        _table(folder / "t.json", [_document(first=True), _document(first=False)], "json", 40),
        _table(folder / "t.ndjson", [_lines()], "text", 30),
        _table(folder / "t.csv", list(_CSV), "text", 40),
        _table(folder / "t.parquet", _parquet(), "binary", 20),
        Target("rules_toml", _read_rules, rules[:1], "text", 20, MAX_BYTES),
        Target("rules_json", _read_rules, rules[1:], "json", 20, MAX_BYTES),
        Target(
            "requirements", _read_requirements, [_REQUIREMENTS], "text", 20, MAX_REQUIREMENTS_BYTES
        ),
    ]


def _table(path: Path, seeds: list[bytes], shape: str, share: int) -> Target:
    def read(raw: bytes) -> object:
        path.write_bytes(raw)
        options = None
        if path.suffix == ".csv":
            wide = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
            encoding = "utf-16" if wide else ("utf-8", "latin-1", "cp1252")[flags(raw) % 3]
            options = TableOptions(encoding=encoding, infer=flags(raw) % 2 == 0)
        with open_table(path, options) as table:
            return sum(len(row) for row in table.rows)

    return Target(f"table_{path.suffix[1:]}", read, seeds, shape, share, 1 << 20)


def _header() -> dict[str, object]:
    return {
        "datasetJSONCreationDateTime": "2026-01-02T03:04:05",
        "datasetJSONVersion": "1.1.0",
        "itemGroupOID": "IG.T",
        "records": len(_ROWS),
        "name": "T",
        "label": "a table",
        "columns": _COLUMNS,
    }


def _document(*, first: bool) -> bytes:
    """Return one JSON document with its header before the rows, or after them."""
    rows: dict[str, object] = {"rows": _ROWS}
    return json.dumps(_header() | rows if first else rows | _header()).encode()


def _lines() -> bytes:
    return "".join(json.dumps(one) + "\n" for one in (_header(), *_ROWS)).encode()


def _parquet() -> list[bytes]:
    import pyarrow as arrow
    from pyarrow import parquet

    rows = {"a": ["x", None, "y"], "b": [1, 2, 3], "c": [0.5, None, 2.0]}
    made = []
    for codec in ("none", "snappy", "zstd"):
        target = io.BytesIO()
        parquet.write_table(arrow.table(rows), target, compression=codec)
        made.append(target.getvalue())
    return made


def _read_rules(raw: bytes) -> object:
    return parse_rules(dump_rules(parse_rules(raw)))


def _read_requirements(raw: bytes) -> object:
    return parse_requirements(dump_requirements(parse_requirements(raw)))
