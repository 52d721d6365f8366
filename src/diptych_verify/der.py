"""A small strict reader of DER (ITU-T X.690): definite minimal lengths, nothing left over."""

from dataclasses import dataclass
from typing import Final

from diptych_verify.errors import MalformedError

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
OCTET_STRING: Final = 0x04
OBJECT_ID: Final = 0x06
GENERALIZED_TIME: Final = 0x18
SEQUENCE: Final = 0x30
SET: Final = 0x31
MAX_DER_BYTES: Final = 64 << 10


@dataclass(frozen=True)
class Element:
    """One element: its tag byte, its content, and its complete encoding."""

    tag: int
    content: bytes
    encoding: bytes


class DerReader:
    """Reads the elements of one constructed value in order."""

    def __init__(self, content: bytes, where: str) -> None:
        """Read `content`, which is called `where` in errors."""
        self._content = content
        self._position = 0
        self._where = where

    @classmethod
    def of(cls, element: Element, where: str, *, tag: int = SEQUENCE) -> "DerReader":
        """Return a reader of the elements inside `element`, which must have this tag."""
        if element.tag != tag:
            raise MalformedError(f"{where}: got DER tag 0x{element.tag:02x}, expected 0x{tag:02x}")
        return cls(element.content, where)

    @property
    def more(self) -> bool:
        """True while elements are left."""
        return self._position < len(self._content)

    def peek(self) -> int:
        """Return the tag of the next element, 0 at the end."""
        return self._content[self._position] if self.more else 0

    def next(self, tag: int | None = None) -> Element:
        """Return the next element, of this tag if given.

        Raises:
            MalformedError: the end, another tag, or an encoding that is not DER.
        """
        start = self._position
        if len(self._content) - start < 2:
            raise MalformedError(f"{self._where}: the DER ends early")
        found = self._content[start]
        if found & 0x1F == 0x1F or (tag is not None and found != tag):
            raise MalformedError(f"{self._where}: got DER tag 0x{found:02x} out of place")
        begin, length = self._length(start + 1)
        end = begin + length
        if end > len(self._content):
            raise MalformedError(f"{self._where}: a DER element of {length} bytes is cut off")
        self._position = end
        return Element(found, self._content[begin:end], self._content[start:end])

    def optional(self, tag: int) -> Element | None:
        """Return the next element if it has this tag."""
        return self.next() if self.peek() == tag else None

    def inside(self, tag: int = SEQUENCE) -> "DerReader":
        """Return a reader of the elements inside the next element."""
        return DerReader(self.next(tag).content, self._where)

    def rest(self) -> list[Element]:
        """Return all elements that are left."""
        found = []
        while self.more:
            found.append(self.next())
        return found

    def done(self) -> None:
        """Refuse anything left over."""
        if self.more:
            raise MalformedError(f"{self._where}: got DER after the last expected element")

    def _length(self, position: int) -> tuple[int, int]:
        first = self._content[position]
        if first < 0x80:
            return position + 1, first
        width = first & 0x7F
        field = self._content[position + 1 : position + 1 + width]
        length = int.from_bytes(field, "big")
        if not 1 <= width <= 4 or len(field) != width or field[0] == 0 or length < 0x80:
            raise MalformedError(f"{self._where}: got a length that is not DER")
        return position + 1 + width, length


def parse_der(raw: bytes, where: str) -> Element:
    """Return the one element that `raw` consists of.

    Raises:
        MalformedError: too long, not DER, or something follows.
    """
    if len(raw) > MAX_DER_BYTES:
        raise MalformedError(f"{where}: got {len(raw)} bytes, expected at most {MAX_DER_BYTES}")
    reader = DerReader(raw, where)
    element = reader.next()
    reader.done()
    return element


def der_integer(element: Element, where: str) -> int:
    """Return the value of a minimal, non-negative integer of at most 64 bytes.

    The tag is the caller's business: implicit tagging replaces it.

    Raises:
        MalformedError: negative, too long, empty, or with a needless leading zero.
    """
    content = element.content
    if not 1 <= len(content) <= 64 or content[0] >= 0x80:
        raise MalformedError(f"{where}: expected a non-negative DER integer")
    if len(content) > 1 and content[0] == 0 and content[1] < 0x80:
        raise MalformedError(f"{where}: got a DER integer with a needless zero")
    return int.from_bytes(content, "big")
