"""Inputs checked by name, type and shape before any model sees them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from diptych.models.card.parts import Port
from diptych.models.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

ANY = "any"
"""Type of a column of a table: numbers, or texts; an estimator checks them itself."""


def checked_inputs(ports: Sequence[Port], given: Any) -> "dict[str, NDArray[Any]]":
    """Return arrays of exactly the names, types and shapes that the model takes.

    Args:
        ports: what the model takes.
        given: arrays (or nested lists) by name, or a table with named columns; a bare array for a
            model with one input, a matrix for one that takes columns.

    Raises:
        BadInput: a name is missing or unknown, a shape does not fit, or a type cannot be turned
            into the model's without changing its kind.
    """
    if hasattr(given, "columns") and len({port.dtype for port in ports} - {ANY}) == 0:
        given = {str(name): given[name] for name in given.columns}
    named = given if isinstance(given, Mapping) else _single(ports, given)
    expected = [port.name for port in ports]
    if set(named) != set(expected):
        raise BadInput(
            f"got inputs {sorted(map(str, named))}, expected {expected}",
            hint="diptych model show NAME lists inputs with type and shape",
        )
    return {port.name: _checked(port, named[port.name]) for port in ports}


def _single(ports: Sequence[Port], given: Any) -> Mapping[str, Any]:
    columns = _columns(ports, given)
    if columns is not None:
        return columns
    if len(ports) != 1:
        names = [port.name for port in ports]
        raise BadInput(f"got one array, expected one for each of {names}")
    return {ports[0].name: given}


def _columns(ports: Sequence[Port], given: Any) -> Mapping[str, Any] | None:
    """Split a matrix into the columns that a model takes, None where that is not meant."""
    import numpy as np

    if any(port.dtype != ANY for port in ports) or np.ndim(given) != 2:
        return None
    matrix = np.asarray(given)
    if matrix.shape[1] != len(ports):
        raise BadInput(f"got {matrix.shape[1]} columns, expected {[port.name for port in ports]}")
    return {port.name: matrix[:, at] for at, port in enumerate(ports)}


def _checked(port: Port, value: Any) -> "NDArray[Any]":
    array = _as_type(port, value)
    fits = len(array.shape) == len(port.shape) and all(
        axis is None or axis == length for axis, length in zip(port.shape, array.shape, strict=True)
    )
    if not fits:
        raise BadInput(
            f"input '{port.name}': got shape {list(array.shape)}, expected {shown_shape(port)}"
        )
    return array


def _as_type(port: Port, value: Any) -> "NDArray[Any]":
    import numpy as np

    try:
        array = np.asarray(value)
    except ValueError as error:
        raise BadInput(f"input '{port.name}': {error}") from None
    if port.dtype in (ANY, "string"):
        return _as_cells(port, array)
    wanted = np.dtype(port.dtype)
    # A whole number may become a float; nothing else may change its kind.
    widens = array.dtype.kind in "iu" and wanted.kind == "f"
    if not (widens or np.can_cast(array.dtype, wanted, "same_kind")):
        raise BadInput(f"input '{port.name}': got {array.dtype}, expected {port.dtype}")
    with np.errstate(over="ignore"):
        cast = np.ascontiguousarray(array, dtype=wanted).reshape(array.shape)
    if wanted.kind in "iu" and not np.array_equal(cast, array):
        raise BadInput(f"input '{port.name}': a value does not fit into {port.dtype}")
    if wanted.kind == "f" and not np.array_equal(np.isfinite(cast), np.isfinite(array)):
        raise BadInput(f"input '{port.name}': a value does not fit into {port.dtype}")
    return cast


def _as_cells(port: Port, array: "NDArray[Any]") -> "NDArray[Any]":
    if port.dtype == ANY:
        if array.dtype.kind not in "biufU" and not all(_is_plain(one) for one in array.flat):
            raise BadInput(f"input '{port.name}': got {array.dtype}, expected numbers or text")
        return array
    if array.dtype.kind not in "UO" or not all(isinstance(one, str) for one in array.flat):
        raise BadInput(f"input '{port.name}': got {array.dtype}, expected text")
    return array.astype(object)


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def shown_shape(port: Port) -> str:
    """Return a shape for people, `any` for an axis of any length."""
    return f"[{', '.join('any' if axis is None else str(axis) for axis in port.shape)}]"
