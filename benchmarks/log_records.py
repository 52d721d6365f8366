"""The records that both sides append: the same bytes for us and for the peer."""

from random import Random


def records(count: int, size_bytes: int) -> list[bytes]:
    """Return `count` printable records of `size_bytes` each, always the same ones."""
    random = Random(7)
    return [random.randbytes(size_bytes // 2).hex().encode() for _ in range(count)]
