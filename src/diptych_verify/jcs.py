"""Canonical JSON (RFC 8785), needed in one place: the commitment to a disclosed field.

Everything signed or logged is checked as the bytes that were logged and never written again.
"""

import json
import math

from diptych_verify.errors import JsonValue, MalformedError

_MAX_DEPTH = 32


def canonical_json(value: JsonValue) -> bytes:
    """Return the RFC 8785 form of a value that `strict_json` accepted.

    Raises:
        MalformedError: nested too deeply, or not finite.

    >>> canonical_json({"b": 1e21, "a": [True, None, 0.1]})
    b'{"a":[true,null,0.1],"b":1e+21}'
    """
    return _text(value, 0).encode()


def _text(value: JsonValue, depth: int) -> str:
    if depth > _MAX_DEPTH:
        raise MalformedError(f"got JSON nested deeper than {_MAX_DEPTH}")
    if isinstance(value, dict):
        # RFC 8785 sorts keys by UTF-16 code units.
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        members = (f"{_string(name)}:{_text(value[name], depth + 1)}" for name in names)
        return f"{{{','.join(members)}}}"
    if isinstance(value, list):
        return f"[{','.join(_text(item, depth + 1) for item in value)}]"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, float):
        return ecmascript_number(value)
    return json.dumps(value)


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def ecmascript_number(value: float) -> str:
    """Return a double as ECMAScript's `Number::toString` writes it (ECMA-262, 6.1.6.1.20).

    Raises:
        MalformedError: NaN or infinite.

    >>> ecmascript_number(1e-7), ecmascript_number(123456789012345680000.0)
    ('1e-7', '123456789012345680000')
    """
    if not math.isfinite(value):
        raise MalformedError("got a number that is not finite")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    # repr gives the shortest digits that read back, as ECMAScript does; only the layout differs.
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    return sign + _layout(digits.rstrip("0"), point)


def _layout(digits: str, point: int) -> str:
    """Place the decimal point `point` digits to the right of the start of `digits`."""
    if len(digits) <= point <= 21:
        return digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{'+' if point > 0 else '-'}{abs(point - 1)}"
