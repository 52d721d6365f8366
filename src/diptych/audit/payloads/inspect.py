"""Looks for payloads in bytes, layer by layer, within limits."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from diptych.audit.payloads.layers import is_text, peel
from diptych.audit.payloads.signs import Sign, is_picture, signs

__all__ = ["Limits", "Payload", "inspect_bytes", "inspect_pieces"]

_TEXTS = re.compile(rb"[\x20-\x7e\t\r\n]{8,}")
_MIN_BYTES = 4
_MAX_TEXTS = 100
_TURNS = ("reversed", "xor", "shift")
_HIDES = (*_TURNS, "base64", "hex", "numbers", "gzip", "zlib")


@dataclass(frozen=True)
class Limits:
    """How far to look.

    Attributes:
        max_bytes: bytes of one piece of content that are looked at.
        max_depth: layers of encoding that are taken off.
        max_ratio: how many times its packed size content may have.
        max_pieces: contents that are looked at in all, layers included.
    """

    max_bytes: int = 1 << 17
    max_depth: int = 5
    max_ratio: int = 200
    max_pieces: int = 400


@dataclass(frozen=True)
class Payload:
    """Something that was recognised.

    Attributes:
        kind: script, command, program or address.
        what: in words.
        layers: what was taken off, outermost first.
        offset: where the outermost layer starts in what was given.
        excerpt: the beginning of the content, printable.
        sure: whether the content alone shows it.
    """

    kind: str
    what: str
    layers: tuple[str, ...]
    offset: int
    excerpt: str
    sure: bool


@dataclass(frozen=True)
class _Piece:
    data: bytes
    layers: tuple[str, ...]
    offset: int
    drawn: bool = False


def inspect_bytes(data: bytes, limits: Limits = Limits()) -> tuple[Payload, ...]:
    """Look for payloads in bytes: a literal, calldata, storage, bytecode.

    Args:
        data: raw bytes; texts inside of them are looked at one by one.
        limits: how far to look.

    Returns:
        What was found, the sure ones first, each kind once.
    """
    return inspect_pieces((data,), limits)


def inspect_pieces(pieces: Sequence[bytes], limits: Limits = Limits()) -> tuple[Payload, ...]:
    """Look for payloads in several pieces that belong to one carrier; see `inspect_bytes`."""
    found: dict[str, Payload] = {}
    pending = [_Piece(each[: limits.max_bytes], (), 0) for each in pieces]
    seen: set[bytes] = set()
    at = 0
    while at < len(pending) and len(seen) < limits.max_pieces:
        piece = pending[at]
        at += 1
        if len(piece.data) < _MIN_BYTES or piece.data in seen:
            continue
        seen.add(piece.data)
        for sign in _signs(piece):
            known = found.get(sign.kind)
            if known is None or (sign.sure and not known.sure):
                found[sign.kind] = _payload(piece, sign)
        if any(each.sure for each in found.values()):
            break
        if len(piece.layers) < limits.max_depth:
            pending.extend(_below(piece, limits))
    return tuple(sorted(found.values(), key=lambda payload: not payload.sure))


def _signs(piece: _Piece) -> Iterator[Sign]:
    """Yield the signs of a piece; addresses count less in drawings, more where they are hidden."""
    for sign in signs(piece.data):
        if sign.kind != "address":
            yield sign
        elif piece.drawn:
            continue
        elif sign.sure:
            yield sign
        elif b"://" in piece.data:
            yield sign._replace(sure=any(layer in _HIDES for layer in piece.layers))
        elif not any(layer in _TURNS for layer in piece.layers):
            yield sign


def _below(piece: _Piece, limits: Limits) -> Iterator[_Piece]:
    """Yield what is one layer below, and the texts inside of bytes."""
    drawn = piece.drawn or is_picture(piece.data)
    last = piece.layers[-1] if piece.layers else ""
    for layer in peel(piece.data, limits.max_bytes, limits.max_ratio):
        if layer.name == last and last in _TURNS:
            continue
        offset = piece.offset + (0 if piece.layers else layer.start)
        yield _Piece(layer.data, (*piece.layers, layer.name), offset, drawn)
    if not is_text(piece.data):
        found = list(islice(_TEXTS.finditer(piece.data), _MAX_TEXTS))
        for match in found:
            offset = piece.offset + (0 if piece.layers else match.start())
            yield _Piece(match[0], piece.layers, offset, drawn)
        if len(found) > 1:
            whole = b"".join(match[0] for match in found)
            offset = piece.offset + (0 if piece.layers else found[0].start())
            yield _Piece(whole, piece.layers, offset, drawn)


def _payload(piece: _Piece, sign: Sign) -> Payload:
    start = max(sign.start - 16, 0)
    shown = piece.data[start : start + 60].decode("latin-1")
    excerpt = "".join(each if each.isprintable() else "." for each in shown)
    return Payload(sign.kind, sign.what, piece.layers, piece.offset, excerpt, sign.sure)
