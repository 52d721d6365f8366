"""`model use`: load and predict on a file, which is recorded like any other call."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diptych.app.verbs.model.load import Loading, load
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue, MalformedError, UsageError
from diptych.models.runtime.inputs import ANY
from diptych.models.runtime.loaded import LoadedModel, rows_of
from diptych_verify.__main__ import NoSuchFile
from diptych_verify.jsonio import strict_json

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_INPUT_BYTES = 1 << 30


class BadInputFile(UsageError):
    """An input file is no table, JSON or array that a model could take."""

    code = "Model.BadInputFile"


@dataclass(frozen=True)
class Used:
    """What a model answered, by output name, and for how many rows."""

    model: LoadedModel
    outputs: "dict[str, NDArray[Any]]"
    rows: int

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych model use --json` shows."""
        return {
            "name": self.model.name,
            "version": self.model.version,
            "record": self.model.record,
            "rows": self.rows,
            "outputs": {name: listed(array) for name, array in self.outputs.items()},
        }


def use(workspace: Workspace, what: str, source: Path, how: Loading | None = None) -> Used:
    """Load a model under all checks and let it predict on a file.

    Args:
        workspace: where the log stands.
        what: reference to a version.
        source: CSV with a header, JSON (inputs by name, or one array), or `.npy`.
        how: conditions of loading.

    Raises:
        NoSuchFile: there is no such input.
        BadInputFile: it cannot be read.
        BadInput: it does not fit the model.
        VerificationError: the model does not pass the checks.
    """
    model = load(workspace, what, how)
    inputs = read_inputs(workspace.start / source, model)
    outputs = model.predict(inputs)
    return Used(model, outputs, rows_of(outputs))


def read_inputs(path: Path, model: LoadedModel) -> Any:
    """Return a file's content as inputs.

    Raises:
        NoSuchFile: there is no such file.
        BadInputFile: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_INPUT_BYTES + 1)
    except FileNotFoundError:
        raise NoSuchFile(f"there is no {path}") from None
    if len(raw) > MAX_INPUT_BYTES:
        raise BadInputFile(f"{path.name} has more than {MAX_INPUT_BYTES:,} bytes")
    try:
        if path.suffix == ".npy":
            return _array(raw)
        if path.suffix == ".json":
            return strict_json(raw, max_bytes=MAX_INPUT_BYTES, max_depth=32, max_values=50_000_000)
        return _table(raw, model)
    except (ValueError, MalformedError) as error:
        raise BadInputFile(
            f"cannot read {path.name}: {error}",
            hint="give CSV with a header and numbers, JSON, or .npy",
        ) from None


def listed(array: "NDArray[Any]") -> JsonValue:
    """Return an array as nested lists; what JSON has no number for becomes text."""
    import numpy as np

    if array.dtype.kind == "f" and not np.isfinite(array).all():
        array = np.where(np.isfinite(array), array.astype(object), array.astype(str))
    plain: JsonValue = array.tolist()
    return plain


def _array(raw: bytes) -> Any:
    import numpy as np

    return np.lib.format.read_array(io.BytesIO(raw), allow_pickle=False)


def _table(raw: bytes, model: LoadedModel) -> Any:
    """Return columns by name if they are the inputs' names, else all of them as one matrix."""
    import numpy as np

    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig")), strict=True))
    if len(rows) < 2 or any(len(row) != len(rows[0]) for row in rows):
        raise ValueError("expected a header and rows of the same length")
    header, *body = rows
    names = [port.name for port in model.inputs]
    if set(header) == set(names) and (len(names) > 1 or model.inputs[0].dtype == ANY):
        return {
            port.name: _column([row[header.index(port.name)] for row in body], port.dtype)
            for port in model.inputs
        }
    if any(port.dtype == ANY for port in model.inputs):
        raise ValueError(f"got the columns {header[:50]}, expected {names[:50]}")
    return np.array(body, dtype=np.float64)


def _column(texts: list[str], dtype: str) -> Any:
    import numpy as np

    if dtype == ANY:
        return _numbers_or_text(texts)
    if dtype == "string":
        return np.array(texts, dtype=object).reshape(-1, 1)
    kind = np.int64 if "int" in dtype else np.float64
    return np.array(texts, dtype=kind).reshape(-1, 1)


def _numbers_or_text(texts: list[str]) -> Any:
    """Return a column as numbers if all its cells are, an empty one being missing; else as text."""
    import numpy as np

    try:
        return np.array([float(one) if one else np.nan for one in texts])
    except ValueError:
        return np.array(texts, dtype=object)
