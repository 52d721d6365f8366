"""JSON from projects, compilers and caches: any numbers, any keys, but no endless depth."""

import json
from collections.abc import Callable
from typing import Any

from diptych_verify.errors import MalformedError
from diptych_verify.json_syntax import check_nesting

__all__ = ["plain_json"]

MAX_DEPTH = 900
_MAX_VALUES = 1 << 26


def plain_json(raw: bytes, pairs: Callable[[list[tuple[str, Any]]], object] | None = None) -> Any:
    """Parse one document.

    Args:
        raw: UTF-8; the caller bounds its size.
        pairs: makes an object of its members.

    Raises:
        ValueError: no JSON, or nested more than 900 deep.
    """
    try:
        check_nesting(raw, MAX_DEPTH, _MAX_VALUES)
        return json.loads(raw, object_pairs_hook=pairs)
    except (MalformedError, RecursionError) as error:
        raise ValueError("nested too deeply") from error
