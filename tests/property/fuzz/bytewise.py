"""Changes of bytes that do not look at their meaning."""

from collections.abc import Callable, Sequence
from random import Random

_BYTES = (0x00, 0x01, 0x20, 0x30, 0x7F, 0x80, 0xB8, 0xBF, 0xC0, 0xF8, 0xFF)
_TOKENS = (
    b'"',
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"\\udc00\\ud800",
    b"{",
    b"[",
    b"}]",
    b",",
    b":",
    b"null",
    b"NaN",
    b"-Infinity",
    b"1e999",
    b"-0",
    b"0.1",
    b"9007199254740993",
    b"\x00",
    b"\xff",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\xf5\x80\x80\x80",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xae",
    b"\xf0\x9f\x98\x80",
    b"\r\n",
    b"\n",
    b"\n\n",
    b"../",
    b"=",
    b"[[",
    b"'''",
    b"0x" + b"f" * 600,
    b"1979-05-27T07:32:00Z",
    b"inf",
    b"1e400",
    b"a.b.c = 1",
    b"#",
)
Change = Callable[[Random, bytes, Sequence[bytes]], bytes]


def bytewise(random: Random, raw: bytes, seeds: Sequence[bytes]) -> bytes:
    """Change bytes without looking at their meaning."""
    if not raw:
        return random.choice(seeds)
    return random.choice(_BYTEWISE)(random, raw, seeds)


def _flip(random: Random, raw: bytes, seeds: Sequence[bytes]) -> bytes:
    del seeds
    altered = bytearray(raw)
    for _ in range(random.choice((1, 1, 2, 8))):
        altered[random.randrange(len(raw))] ^= 1 << random.randrange(8)
    return bytes(altered)


def _overwrite(random: Random, raw: bytes, seeds: Sequence[bytes]) -> bytes:
    del seeds
    at = random.randrange(len(raw))
    width = random.choice((1, 1, 1, 2, 4, 8))
    value = random.choice(_BYTES) if width == 1 else random.getrandbits(8 * width)
    if width > 1 and random.random() < 0.5:
        value = random.choice((0, (1 << 8 * width) - 1, 1 << 8 * width - 1, len(raw)))
    return raw[:at] + (value % (1 << 8 * width)).to_bytes(width, "big") + raw[at + width :]


def _remove(random: Random, raw: bytes, seeds: Sequence[bytes]) -> bytes:
    del seeds
    at = random.randrange(len(raw))
    return raw[:at] + raw[at + random.choice((1, 2, 16, len(raw) // 4 + 1)) :]


def _truncate(random: Random, raw: bytes, seeds: Sequence[bytes]) -> bytes:
    del seeds
    return raw[: random.randrange(len(raw))]


def _insert(random: Random, raw: bytes, seeds: Sequence[bytes]) -> bytes:
    del seeds
    at = random.randrange(len(raw) + 1)
    token = random.choice(_TOKENS)
    if random.random() < 0.05:
        token *= random.choice((100, 5_000, 40_000)) // len(token) + 1
    return raw[:at] + token + raw[at:]


def _noise(random: Random, raw: bytes, seeds: Sequence[bytes]) -> bytes:
    del seeds
    at = random.randrange(len(raw) + 1)
    return raw[:at] + random.randbytes(random.choice((1, 4, 32, 1000))) + raw[at:]


def _repeat(random: Random, raw: bytes, seeds: Sequence[bytes]) -> bytes:
    del seeds
    at = random.randrange(len(raw))
    piece = raw[at : at + random.choice((1, 4, 64, 1024))]
    return raw[:at] + piece * random.choice((2, 2, 3, 50, 1000)) + raw[at + len(piece) :]


def _splice(random: Random, raw: bytes, seeds: Sequence[bytes]) -> bytes:
    other = random.choice(seeds)
    share = random.random()
    return raw[: int(len(raw) * share)] + other[int(len(other) * share) :]


def _join(random: Random, raw: bytes, seeds: Sequence[bytes]) -> bytes:
    return raw + random.choice((b"", b"\n", b" ")) + random.choice(seeds)


_BYTEWISE: tuple[Change, ...] = (
    _flip,
    _flip,
    _overwrite,
    _overwrite,
    _remove,
    _truncate,
    _insert,
    _insert,
    _noise,
    _repeat,
    _splice,
    _join,
)
