"""Canonical JSON (RFC 8785): the one way diptych writes JSON that is signed or hashed.

Verification never re-canonicalises: it works on the bytes as they were logged. Integers beyond
2^53-1 and all amounts must be given as decimal strings; binary floats follow ECMAScript.
"""

from diptych.core.errors import JsonValue, UsageError


class NotCanonical(UsageError):
    """A value has no canonical JSON form (huge integer, NaN, lone surrogate, foreign type)."""

    code = "Json.NotCanonical"


def canonical_json(value: JsonValue) -> bytes:
    """Return the RFC 8785 form of a JSON value.

    Args:
        value: nested dicts, lists, strings, integers within +-(2^53-1), finite floats.

    Returns:
        UTF-8 bytes.

    Raises:
        NotCanonical: the value has no canonical form.

    >>> canonical_json({"b": 1, "a": [True, None, "x"]})
    b'{"a":[true,null,"x"],"b":1}'
    """
    import rfc8785

    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeError) as error:
        raise NotCanonical(
            f"no canonical JSON form: {error}",
            hint="write integers beyond 2^53-1 and amounts as decimal strings",
        ) from error
