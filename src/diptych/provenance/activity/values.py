"""Parameters and notes as bounded JSON: what a caller hands over may be anything."""

import json
import math
from collections.abc import Mapping, Sequence, Set
from datetime import date
from enum import Enum
from os import PathLike, fspath
from typing import Any

from diptych.core.errors import JsonValue, UsageError
from diptych.provenance.activity.redact import MASK, Redactor, is_secret_name

MAX_BYTES = 64 << 10
MAX_TEXT = 4_096
MAX_DEPTH = 8
MAX_VALUES = 2_000
_MAX_SAFE_INTEGER = 2**53 - 1


class ParamsTooLarge(UsageError):
    """Parameters or notes of a run are too many, too deep or too long to be recorded."""

    code = "Run.TooLarge"


def plain_params(values: Mapping[str, Any], redactor: Redactor, *, what: str) -> dict[str, Any]:
    """Return parameters as JSON, secrets masked.

    Numbers of array libraries become numbers, paths and dates become text, whole numbers beyond
    2^53-1 and NaN become text, and any other object only says its type.

    Args:
        values: by name.
        redactor: masks secrets.
        what: `params` or `notes`, for messages.

    Raises:
        ParamsTooLarge: more than 64 KiB, 2,000 values, 8 levels, or a text above 4,096 characters.
    """
    walk = _Walk(redactor, what)
    plain = walk.mapping(values, 1)
    if len(json.dumps(plain)) > MAX_BYTES:
        raise too_large(what, f"more than {MAX_BYTES} bytes")
    return plain


def too_large(what: str, found: str) -> ParamsTooLarge:
    """Return the error for what is above a limit."""
    return ParamsTooLarge(
        f"{what}: got {found}",
        hint="write it to a file and record that with run.use or run.produce",
    )


class _Walk:
    def __init__(self, redactor: Redactor, what: str) -> None:
        self._redactor = redactor
        self._what = what
        self._count = 0

    def mapping(self, values: Mapping[Any, Any], depth: int) -> dict[str, JsonValue]:
        return {
            self._text(str(name)): MASK
            if is_secret_name(str(name), value)
            else self._value(value, depth + 1)
            for name, value in values.items()
        }

    def _value(self, value: Any, depth: int) -> JsonValue:
        self._count += 1
        if depth > MAX_DEPTH or self._count > MAX_VALUES:
            raise too_large(self._what, f"more than {MAX_DEPTH} levels or {MAX_VALUES} values")
        if isinstance(value, Mapping):
            return self.mapping(value, depth)
        if isinstance(value, Set):
            return sorted((self._value(one, depth + 1) for one in value), key=json.dumps)
        if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray):
            return [self._value(one, depth + 1) for one in value]
        return self._scalar(value)

    def _scalar(self, value: Any) -> JsonValue:
        if isinstance(value, Enum):
            value = value.value
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._text(str(value))
        if isinstance(value, PathLike):
            return self._text(str(fspath(value)))
        if isinstance(value, date):
            return value.isoformat()
        return self._number(value)

    def _number(self, value: Any) -> JsonValue:
        """Return a number; one of an array library says its value by `item`."""
        if not isinstance(value, int | float) and getattr(value, "ndim", None) == 0:
            value = value.item()
        if isinstance(value, int):
            return int(value) if abs(value) <= _MAX_SAFE_INTEGER else str(int(value))
        if isinstance(value, float):
            return float(value) if math.isfinite(value) else str(float(value))
        if isinstance(value, str):
            return self._text(value)
        kind = value if isinstance(value, type) else type(value)
        return f"{kind.__module__}.{kind.__qualname__}"

    def _text(self, text: str) -> str:
        if len(text) > MAX_TEXT:
            raise too_large(self._what, f"a text of {len(text)} characters")
        masked = self._redactor.text(text)
        return masked.encode("utf-8", "backslashreplace").decode()
