"""Mutation of valid inputs: of their bytes, and of the structure that a parser would see."""

from collections.abc import Sequence
from random import Random

from tests.property.fuzz.bytewise import Change, bytewise
from tests.property.fuzz.containers import header_wise, protobuf_wise, zip_wise
from tests.property.fuzz.documents import edited_text, json_wise
from tests.property.fuzz.elements import LIES, der_wise, rlp_wise
from tests.property.fuzz.tar import mutated_tar

MAX_BYTES = 256 << 10


def mutated(random: Random, seeds: Sequence[bytes], shape: str) -> bytes:
    """Return one to three mutations of a valid input.

    Args:
        random: decides everything, so that its state names the result.
        seeds: valid inputs.
        shape: `json`, `text`, `rlp`, `der`, `frame`, `files`, `tar`, `header`, `zip`, `protobuf`
            or `binary`.
    """
    raw = random.choice(seeds)
    structured = _SHAPES.get(shape)
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        change = structured if structured and random.random() < 0.75 else bytewise
        try:
            raw = change(random, raw, seeds)
        except RecursionError:  # Nested by an earlier round beyond what can be written again.
            raw = bytewise(random, raw, seeds)
        raw = raw[:MAX_BYTES]
    return raw


def text_wise(random: Random, raw: bytes, seeds: Sequence[bytes]) -> bytes:
    """Change one line, or the order and number of lines."""
    lines = raw.split(b"\n")
    at = random.randrange(len(lines))
    kind = random.randrange(6)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines[at:at] = [lines[at]] * random.choice((1, 1, 70))
    elif kind == 2:
        random.shuffle(lines)
    elif kind == 3:
        lines[at] = random.choice(random.choice(seeds).split(b"\n"))
    else:
        lines[at] = _changed_line(random, lines[at])
    return b"\n".join(lines)


def _changed_line(random: Random, line: bytes) -> bytes:
    if line[:1] in (b"[", b"{") and random.random() < 0.5:
        return json_wise(random, line, [line])
    if random.random() < 0.5:
        return bytewise(random, line, [line or b"x"])
    words = line.split(b" ")
    at = random.randrange(len(words))
    word = words[at].decode("utf-8", "replace")
    words[at] = edited_text(random, word).encode("utf-8", "surrogatepass")
    return b" ".join(words)


def frame_wise(random: Random, raw: bytes, seeds: Sequence[bytes]) -> bytes:
    """Change the JSON after a four-byte length; the length is mostly right."""
    body = json_wise(random, raw[4:], [seed[4:] for seed in seeds])
    lie = random.choice(LIES) if random.random() < 0.1 else 0
    return ((len(body) + lie) % 2**32).to_bytes(4, "big") + body


def files_wise(random: Random, raw: bytes, seeds: Sequence[bytes]) -> bytes:
    """Change one of several parts, each after a byte that names it and a four-byte length."""
    parts = cut_files(raw)
    if not parts:
        return bytewise(random, raw, seeds)
    at = random.randrange(len(parts))
    name, content = parts[at]
    if random.random() < 0.1:
        del parts[at]
    elif content.count(b"\n") > 2 and random.random() < 0.7:
        parts[at] = (name, text_wise(random, content, [content]))
    else:
        parts[at] = (name, bytewise(random, content, [content or b"x"]))
    return pack_files(parts)


def cut_files(raw: bytes) -> list[tuple[int, bytes]]:
    """Return (name, content) of each part; a part cut short is returned as far as it goes."""
    parts = []
    at = 0
    while at + 5 <= len(raw):
        length = int.from_bytes(raw[at + 1 : at + 5], "big")
        parts.append((raw[at], raw[at + 5 : at + 5 + length]))
        at += 5 + length
    return parts


def pack_files(parts: Sequence[tuple[int, bytes]]) -> bytes:
    """Join parts for `cut_files`."""
    return b"".join(
        bytes([name]) + len(content).to_bytes(4, "big") + content for name, content in parts
    )


def _tar_wise(random: Random, raw: bytes, seeds: Sequence[bytes]) -> bytes:
    del seeds
    return mutated_tar(random, raw)


_SHAPES: dict[str, Change] = {
    "json": json_wise,
    "text": text_wise,
    "rlp": rlp_wise,
    "der": der_wise,
    "frame": frame_wise,
    "files": files_wise,
    "tar": _tar_wise,
    "header": header_wise,
    "zip": zip_wise,
    "protobuf": protobuf_wise,
}
