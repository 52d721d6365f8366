"""Mutation of tar archives: fields of a member's header, and members that nobody packed."""

import tarfile
from random import Random

BLOCK_BYTES = 512
_FIELDS = {
    "name": (0, 100),
    "mode": (100, 8),
    "uid": (108, 8),
    "size": (124, 12),
    "mtime": (136, 12),
    "type": (156, 1),
    "linkname": (157, 100),
    "magic": (257, 8),
    "uname": (265, 32),
    "devmajor": (329, 8),
    "prefix": (345, 155),
}
_NAMES = (
    b"../escaped",
    b"/tmp/escaped",
    b".diptych/../../escaped",
    b".diptych",
    b".diptych/log.sqlite",
    b".diptych/" + b"d/" * 40,
    b".diptych/\xff\xfe",
    b".diptych/new\nline",
    b"",
    b".diptych/private/keys",
)
_SIZES = (
    b"00000000000\0",
    b"77777777777\0",
    b"-0000000001\0",
    b"\x80" + b"\xff" * 11,
    b"\xff" * 12,
    b"\x80" + b"\x00" * 4 + b"\x7f" + b"\xff" * 6,
    b"not octal  \0",
    b"00004000000\0",
)
_PAX = (
    b"30 path=../../escaped-by-pax\n",
    b"20 size=99999999999\n",
    b"16 size=-10000\n",
    b"99999999999 path=x\n",
    b"0 path=x\n",
    b"12 mtime=nan\n",
    b"14 mtime=1e999\n",
    b"11 uid=1e9\n",
    b"25 hdrcharset=BINARY\n",
    b"22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n33 GNU.sparse.name=.diptych/sparse\n",
    b"29 GNU.sparse.size=999999999\n28 GNU.sparse.map=0,1,2,3,4\n",
    b"19 linkpath=/etc\n",
    b"\xff\xff\xff",
)


def mutated_tar(random: Random, raw: bytes) -> bytes:
    """Change one header, or insert a member, with the right checksum."""
    headers = [
        at for at in range(0, len(raw) - 511, BLOCK_BYTES) if raw[at + 257 : at + 262] == b"ustar"
    ]
    if not headers:
        return raw
    at = random.choice(headers)
    kind = random.randrange(6)
    if kind == 0:
        return raw[:at] + _special(random) + raw[at:]
    if kind == 1:
        end = random.choice(headers)
        return raw[:at] + raw[end:]
    if kind == 2:
        return raw[: random.choice(headers) + random.choice((0, 100, 512, 600))]
    return raw[:at] + _changed(random, raw[at : at + BLOCK_BYTES]) + raw[at + BLOCK_BYTES :]


def _changed(random: Random, header: bytes) -> bytes:
    name = random.choice(list(_FIELDS))
    start, width = _FIELDS[name]
    value = random.randbytes(width)
    if name in {"name", "linkname"}:
        value = random.choice(_NAMES)
    elif name == "size":
        value = random.choice(_SIZES)
    elif name == "type":
        value = random.choice((b"0", b"1", b"2", b"3", b"5", b"6", b"7", b"S", b"x", b"g", b"L"))
    elif width == 8:
        value = random.choice((b"7777777\0", b"\xff" * 8, b"abcdefgh", b"\x80" + b"\xff" * 7))
    return _summed(header[:start] + value[:width].ljust(width, b"\0") + header[start + width :])


def _special(random: Random) -> bytes:
    """Return a member of a special kind, or many."""
    kind = random.choice((b"x", b"g", b"L", b"K", b"S", b"1", b"2", b"3", b"6"))
    body = random.choice(_PAX) if kind in b"xg" else random.choice(_NAMES) * random.choice((1, 300))
    info = tarfile.TarInfo(random.choice(_NAMES).decode("latin-1").rstrip("/") or "x")
    info.type, info.size, info.linkname = kind, len(body), "../../escaped"
    header = info.tobuf(tarfile.GNU_FORMAT, "latin-1", "replace")[-BLOCK_BYTES:]
    if kind in b"13 26":
        body = b""
    member = header + body + bytes(-len(body) % BLOCK_BYTES)
    return member * random.choice((1, 1, 1, 1, 500))


def _summed(header: bytes) -> bytes:
    blank = header[:148] + b" " * 8 + header[156:]
    return blank[:148] + b"%06o\0 " % sum(blank) + blank[156:]
