"""Strict TOML: the library's parser with limits on what a hostile file may cost."""

import re
import tomllib
from typing import Any

from diptych_verify.errors import MalformedError

_MAX_KEY_PARTS = 64
_MAX_INTEGER = 2**63
_BETWEEN_KEYS = re.compile(rb"[\n\r,={}\[\]\"']+")


def strict_toml(raw: bytes, *, max_bytes: int) -> dict[str, Any]:
    r"""Parse one TOML document.

    Args:
        raw: UTF-8 bytes.
        max_bytes: longest input accepted.

    Raises:
        MalformedError: the input is no TOML, has a key of more than 64 dotted parts (on which the
            parser would spend minutes), or an integer beyond 64 bits.

    >>> strict_toml(b"[log]\nwait_s = 1", max_bytes=100)
    {'log': {'wait_s': 1}}
    """
    if len(raw) > max_bytes:
        raise MalformedError(f"got {len(raw)} bytes of TOML, expected at most {max_bytes}")
    keys = _BETWEEN_KEYS.split(raw.translate(None, b" \t"))
    if max(key.count(b".") for key in keys) > _MAX_KEY_PARTS:
        raise MalformedError(f"got a TOML key of more than {_MAX_KEY_PARTS} parts")
    try:
        tables = tomllib.loads(raw.decode())
        _check_integers(tables)
    except RecursionError:
        raise MalformedError("got TOML that is nested too deeply") from None
    except ValueError as error:
        raise MalformedError(f"not TOML: {error}") from None
    return tables


def _check_integers(value: object) -> None:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            _check_integers(inner)
    elif isinstance(value, int) and not -_MAX_INTEGER <= value < _MAX_INTEGER:
        raise MalformedError("got a TOML integer beyond 64 bits")
