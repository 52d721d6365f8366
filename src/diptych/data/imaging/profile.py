"""How to de-identify: options of the basic profile, and what a person answers for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from diptych.core.errors import JsonValue, MalformedError
from diptych.data.imaging.errors import BadProfile
from diptych.data.imaging.table import OPTIONS
from diptych_verify.jsonio import ObjectReader, strict_json

_MAX_BYTES = 1 << 20
_MAX_ITEMS = 10_000
_REASON = 8


@dataclass(frozen=True)
class Region:
    """A rectangle of pixels: column and row of its first pixel from 0, width and height."""

    x: int
    y: int
    width: int
    height: int

    @classmethod
    def parse(cls, text: str) -> "Region":
        """Read `x,y,width,height`.

        Raises:
            BadProfile: it has another form.
        """
        parts = text.split(",")
        if len(parts) != 4 or not all(one.isascii() and one.isdigit() for one in parts):
            raise BadProfile(f"got region '{text[:80]}', expected x,y,width,height in pixels")
        x, y, width, height = (int(one[:9]) for one in parts)
        if not width or not height:
            raise BadProfile(f"got region '{text[:80]}' without area")
        return cls(x, y, width, height)


@dataclass(frozen=True)
class Profile:
    """The basic profile and what differs from it.

    Attributes:
        retain: names of options, see `table.OPTIONS`.
        blank: regions of all images that are made black.
        pixels_accepted: why images that may show text are fine as they are; empty to refuse them.
        pseudonyms: give patients keyed pseudonyms instead of no name and id.
        words: further words that descriptors may keep under the option `descriptors`.
        safe_private: further private attributes that the option `private` keeps: creator, group,
            and last byte of the element.
    """

    retain: frozenset[str] = frozenset()
    blank: tuple[Region, ...] = ()
    pixels_accepted: str = ""
    pseudonyms: bool = False
    words: frozenset[str] = frozenset()
    safe_private: frozenset[tuple[str, int, int]] = field(default=frozenset())

    def __post_init__(self) -> None:
        unknown = self.retain - OPTIONS.keys()
        if unknown:
            raise BadProfile(f"got option '{min(unknown)[:80]}', expected {', '.join(OPTIONS)}")
        if {"dates", "modified-dates"} <= self.retain:
            raise BadProfile("got both 'dates' and 'modified-dates', expected one of them")
        if self.pixels_accepted and len(self.pixels_accepted.strip()) < _REASON:
            raise BadProfile(f"a reason to accept pixels has at least {_REASON} characters")

    def to_json(self) -> dict[str, JsonValue]:
        """Return what the run's document says of it; it names no person."""
        return {
            "retain": list(sorted(self.retain)),
            "blank": [[one.x, one.y, one.width, one.height] for one in self.blank],
            "pixels_accepted": self.pixels_accepted,
            "pseudonyms": self.pseudonyms,
            "words": len(self.words),
            "safe_private": len(self.safe_private),
        }


def parse_profile(raw: bytes) -> Profile:
    """Read a profile file: a JSON object whose members are all optional.

    Raises:
        BadProfile: naming the member that is wrong.
    """
    try:
        value = strict_json(raw, max_bytes=_MAX_BYTES, max_depth=4, max_values=65_536)
        reader = ObjectReader(value, "profile")
        found = Profile(
            retain=frozenset(_texts(reader, "retain")),
            blank=tuple(Region.parse(one) for one in _texts(reader, "blank")),
            pixels_accepted=reader.text("pixels_accepted") if reader.has("pixels_accepted") else "",
            pseudonyms=reader.has("pseudonyms") and reader.raw("pseudonyms") is True,
            words=frozenset(one.casefold() for one in _texts(reader, "words")),
            safe_private=frozenset(_private(one) for one in _texts(reader, "safe_private")),
        )
        reader.done()
    except MalformedError as error:
        raise BadProfile(error.message, hint="docs/packages/imaging.md shows one") from error
    return found


def with_options(base: Profile, options: Mapping[str, Any], reason: str) -> Profile:
    """Add what the command line says to a profile: `retain`, `blank`, `pseudonyms`."""
    return Profile(
        retain=base.retain | frozenset(options.get("retain", ())),
        blank=(*base.blank, *(Region.parse(one) for one in options.get("blank", ()))),
        pixels_accepted=reason or base.pixels_accepted,
        pseudonyms=base.pseudonyms or bool(options.get("pseudonyms")),
        words=base.words,
        safe_private=base.safe_private,
    )


def _texts(reader: ObjectReader, key: str) -> tuple[str, ...]:
    return reader.texts(key, maximum=_MAX_ITEMS) if reader.has(key) else ()


def _private(text: str) -> tuple[str, int, int]:
    creator, _, place = text.rpartition(":")
    group, _, element = place.partition(",")
    try:
        found = creator, int(group, 16), int(element, 16)
    except ValueError:
        found = "", 0, 0
    if not found[0] or not found[1] & 1 or not 0 <= found[2] <= 0xFF:
        raise BadProfile(f"got private attribute '{text[:80]}', expected CREATOR:0019,0c")
    return found
