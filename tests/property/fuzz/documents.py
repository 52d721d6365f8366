"""Changes of JSON documents, and of the texts in them: base64, hex and JSON are looked into."""

import base64
import binascii
import re
from collections.abc import Sequence
from copy import deepcopy
from random import Random
from typing import Any

from tests.property.fuzz.bytewise import bytewise
from tests.property.fuzz.elements import der_wise, rlp_wise
from tests.property.fuzz.trees import Members, Raw, der_tree, json_bytes, json_slots, json_tree

_B64 = re.compile(r"[A-Za-z0-9+/]{4,}={0,2}")
_HEX = re.compile(r"0x[0-9a-fA-F]*|[0-9a-f]{8,}")
_TEXTS = (
    "",
    "\ud800",
    "\udfff\ud800",
    "\x00",
    "\n",
    "\u2028",
    "\u202e",
    "\u0130",
    "\u00df",
    "\ufeff",
    "\U0001f600",
    "..",
    "/etc/passwd",
    "-1",
    "0x",
    "0x0",
    "%s%n",
    "null",
    "9" * 400,
)
_NUMBERS = (0, 1, -1, 2, 31, 32, 255, 256, 2**31, 2**32 - 1, 2**53 - 1, 2**53, 2**63, 2**64, 10**40)
_LITERALS = ("NaN", "Infinity", "1e999", "-0", "1E400", "-1e-400", "01", "1.", "0x10", "9" * 5000)


def json_wise(random: Random, raw: bytes, seeds: Sequence[bytes]) -> bytes:
    """Change one node of a JSON document."""
    try:
        tree = json_tree(raw)
    except (ValueError, RecursionError):
        return bytewise(random, raw, seeds)
    slots = json_slots(tree)
    if not slots:
        return json_bytes(_other_value(random, tree, seeds))
    holder, position = random.choice(slots)
    random.choice(_JSON)(random, holder, position, seeds)
    if isinstance(tree, Members) and tree and random.random() < 0.2:
        _change_members(random, tree)
    return json_bytes(tree, ascii_only=random.random() < 0.7)


def _set_value(random: Random, holder: Any, position: int, seeds: Sequence[bytes]) -> None:
    holder[position] = _other_value(random, holder[position], seeds)


def _edit(random: Random, holder: Any, position: int, seeds: Sequence[bytes]) -> None:
    value = holder[position]
    if isinstance(value, str) and not isinstance(value, Raw):
        holder[position] = edited_text(random, value)
    elif isinstance(value, int) and not isinstance(value, bool):
        holder[position] = value + random.choice((-1, 1, 2**32, -(2**31)))
    else:
        _set_value(random, holder, position, seeds)


def _nest(random: Random, holder: Any, position: int, seeds: Sequence[bytes]) -> None:
    del seeds
    depth = random.choice((1, 1, 2, 17, 70, 2000))
    value = holder[position]
    if depth > 20:
        opening, closing = random.choice((("[", "]"), ('{"a":', "}")))
        holder[position] = Raw(opening * depth + "1" + closing * random.choice((depth, 0)))
        return
    for _ in range(depth):
        value = [value] if random.random() < 0.5 else Members([["a", value]])
    holder[position] = value


def _change_holder(random: Random, holder: Any, position: int, seeds: Sequence[bytes]) -> None:
    """Duplicate, remove or rename where the slot stands."""
    value = holder[position]
    if isinstance(value, Members) and value:
        _change_members(random, value)
    elif isinstance(value, list) and value:
        at = random.randrange(len(value))
        kind = random.randrange(3)
        if kind == 0:
            del value[at]
        elif kind == 1:
            value[at:at] = [value[at]] * random.choice((1, 1, 5, 300))
        else:
            random.shuffle(value)
    else:
        _set_value(random, holder, position, seeds)


def _change_members(random: Random, members: Members) -> None:
    at = random.randrange(len(members))
    kind = random.randrange(5)
    if kind == 0:
        del members[at]
    elif kind == 1:
        members.append(deepcopy(members[at]))
    elif kind == 2:
        members[at][0] = random.choice((*_TEXTS, "x", members[at][0] + " "))
    elif kind == 3:
        members.append([random.choice(("note", "__proto__", "", "\ud800")), None])
    else:
        random.shuffle(members)


_JSON = (_set_value, _edit, _edit, _edit, _nest, _change_holder, _change_holder)


def _other_value(random: Random, value: Any, seeds: Sequence[bytes]) -> Any:
    kind = random.randrange(9)
    if kind == 0:
        return random.choice(_NUMBERS)
    if kind == 1:
        return Raw(random.choice(_LITERALS))
    if kind == 2:
        return random.choice((None, True, False, 0.5, -1e308))
    if kind == 3:
        return random.choice(([], Members(), [[]], [Members()], Members([["", None]])))
    if kind == 4:
        return _long_text(random)
    if kind == 5:
        return str(value) if isinstance(value, int) else [value]
    if kind == 6:
        return _from_other(random, seeds)
    return random.choice(_TEXTS)


def _long_text(random: Random) -> str:
    unit = random.choice(("A", "0", "é", "\U0001f600", "\\", '"', "/a"))
    return unit * random.choice((33, 257, 1025, 9_000, 30_000))


def _from_other(random: Random, seeds: Sequence[bytes]) -> Any:
    try:
        slots = json_slots(json_tree(random.choice(seeds)))
    except (ValueError, RecursionError):
        slots = []
    if not slots:
        return None
    holder, position = random.choice(slots)
    return deepcopy(holder[position])


def edited_text(random: Random, text: str) -> str:
    if text[:1] == "{" and random.random() < 0.9:
        raw = text.encode("utf-8", "surrogatepass")
        return json_wise(random, raw, [raw]).decode("utf-8", "replace")
    if _B64.fullmatch(text) and random.random() < 0.8:
        try:
            return base64.b64encode(edited_bytes(random, base64.b64decode(text))).decode()
        except binascii.Error:
            pass
    if _HEX.fullmatch(text) and len(text) % 2 == 0 and random.random() < 0.6:
        prefix = "0x" if text.startswith("0x") else ""
        inner = bytes.fromhex(text.removeprefix("0x"))
        return prefix + edited_bytes(random, inner).hex()
    at = random.randrange(len(text) + 1)
    piece = random.choice((*_TEXTS, "A", "0", "f", " ", "+", "—"))
    return text[:at] + piece + text[at + random.choice((0, 1, 1, 8)) :]


def edited_bytes(random: Random, raw: bytes) -> bytes:
    """Change the bytes inside a text: as JSON, RLP or DER if they look like it."""
    if raw[:1] == b"{":
        return json_wise(random, raw, [raw])
    if raw[:1] == b"\x30" and der_tree(raw):
        return der_wise(random, raw, [raw])
    if raw[:1] >= b"\xb8":
        return rlp_wise(random, raw, [raw])
    return bytewise(random, raw, [raw or b"\x00"])
