"""Large inputs: as long as a reader takes, one byte longer, and of the costliest kinds."""

from collections.abc import Iterator

from tests.property.fuzz.engine import Target

_DEEP = 100_000


def oversize_inputs(target: Target) -> Iterator[tuple[str, bytes]]:
    """Yield (name, input): at the limit of the reader and beyond it.

    Args:
        target: its `max_bytes` says how long; nothing is yielded if that is 0.
    """
    size = target.max_bytes
    if not size:
        return
    for name, piece in _pieces(target):
        yield name, (piece * (size // len(piece) + 1))[:size]
    longest = max(target.seeds, key=len)
    yield "valid, then spaces", longest + b" " * (size - len(longest))
    yield "valid, then newlines", longest + b"\n" * (size - len(longest))
    yield "one byte too long", longest + b" " * (size + 1 - len(longest))
    yield "a string of the whole length", b'"' + b"a" * (size - 2) + b'"'
    yield "a wide string", b'"' + "\U0001f600".encode() + b"a" * (size - 6) + b'"'
    yield "a string of escapes", b'"' + b"\\n" * (size // 2 - 1) + b'"'
    yield "TOML: a string of escapes", b'a="' + b"\\n" * (size // 2 - 2) + b'"'
    yield "TOML: an array of numbers", b"a=[" + b"1," * ((size - 4) // 2) + b"]"
    yield "TOML: a number", b"a=0x" + b"f" * (size - 4)
    yield "TOML: many keys", b"".join(b"k%07d=1\n" % at for at in range(size // 11))
    yield "TOML: many tables", b"".join(b"[k%07d]\n" % at for at in range(size // 11))
    yield "an array of numbers", b"[" + b"1," * ((size - 3) // 2) + b"1]"
    yield "an array of strings", b"[" + b'"",' * ((size - 4) // 3) + b'""]'
    yield "an array of objects", b"[" + b"{}," * ((size - 4) // 3) + b"{}]"
    yield "an object of many keys", _many_keys(size)
    depth = min(_DEEP, size // 2)
    yield "nested arrays", b"[" * depth + b"]" * depth
    yield "nested objects", b'{"a":' * (depth // 3) + b"1" + b"}" * (depth // 3)


def _pieces(target: Target) -> Iterator[tuple[str, bytes]]:
    yield from (
        ("zeros", b"\x00"),
        ("0xff", b"\xff"),
        ("spaces", b" "),
        ("newlines", b"\n"),
        ("digits", b"9"),
        ("quotes", b'"'),
        ("backslashes", b"\\"),
        ("escaped quotes", b'"\\"'),
        ("opening brackets", b"["),
        ("closing brackets", b"]"),
        ("opening braces", b"{"),
        ("quoted openings", b'["'),
        ("lists of RLP", b"\xc0"),
        ("long lists of RLP", b"\xf8\xff"),
        ("sequences of DER", b"\x30\x80"),
        ("nested sequences of DER", b"\x30\x84\x00\xff\xff\xff"),
        ("emoji", "\U0001f600".encode()),
        ("lines", b"a\n"),
        ("tables", b"[[a]]\n"),
        ("dotted keys", b"a."),
        ("assignments", b"a=1\n"),
        ("inline tables", b"a={"),
    )
    yield "copies of a valid input", target.seeds[0]


def _many_keys(size: int) -> bytes:
    count = max(size // 14, 1)
    members = b",".join(b'"k%08d":1' % number for number in range(count))
    return b"{" + members[: size - 2].rpartition(b",")[0] + b"}"
