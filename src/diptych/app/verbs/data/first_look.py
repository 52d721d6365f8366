"""A first look at a table before it is public: the rules alone, on its first rows, in milliseconds.

It never refuses and never fails a seal: `diptych data screen` asks the model and says more.
"""

import csv
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from diptych.app.workspace import Workspace

ENDINGS = frozenset({".csv", ".tsv"})
MAX_BYTES = 1 << 18
MAX_ROWS = 200
MAX_COLUMNS = 200
_MAX_CELLS = 10_000
_SHOWN = 8
_LONGEST = 60


def personal_columns(workspace: Workspace, path: Path) -> tuple[str, ...]:
    """Return the headers of columns that look like personal data by rule.

    Args:
        workspace: from whose folder `path` counts.
        path: looked at if it is one CSV or TSV file; anything else has none.
    """
    if path.suffix.lower() not in ENDINGS:
        return ()
    try:
        with (workspace.start / path).open("rb") as stream:
            raw = stream.read(MAX_BYTES)
        return tuple(_personal(raw.decode("utf-8-sig", "replace"), path.suffix.lower()))
    except (OSError, csv.Error):
        return ()  # sealing says itself what it cannot read


def first_look_note(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the note to print about such columns, none if there are none."""
    if not columns:
        return ()
    more = f" and {len(columns) - _SHOWN} more" if len(columns) > _SHOWN else ""
    named = ", ".join(one[:_LONGEST] for one in columns[:_SHOWN])
    return (
        f"looks like personal data: {named}{more}; 'diptych data screen' says why, --private hides",
    )


def _personal(text: str, ending: str) -> Iterator[str]:
    from diptych.models.zoo.columns.first_look import surely_personal

    dialect = _dialect(text[:8_192], ending)
    rows = list(islice(csv.reader(io.StringIO(text), dialect), MAX_ROWS + 1))
    header = rows[0] if rows else []
    seen = rows[1 : 1 + _MAX_CELLS // max(min(len(header), MAX_COLUMNS), 1)]
    for place, name in enumerate(header[:MAX_COLUMNS]):
        cells = [row[place] for row in seen if place < len(row)]
        if cells and surely_personal(name, cells):
            yield name


def _dialect(text: str, ending: str) -> type[csv.Dialect]:
    if ending == ".tsv":
        return csv.excel_tab
    first = text.partition("\n")[0]
    most = max(",;\t|", key=first.count)
    return type("Separated", (csv.excel,), {"delimiter": most})
