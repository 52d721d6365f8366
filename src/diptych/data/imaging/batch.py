"""Many files under one profile: clean one, check it, and give it a place that says nothing."""

from dataclasses import dataclass, field
from pathlib import Path

from diptych.core.files import system_error
from diptych.data.imaging.checking import verify_cleaned
from diptych.data.imaging.errors import NotClean, Refused
from diptych.data.imaging.instance import Cleaned, clean_instance
from diptych.data.imaging.keyed import Keyed
from diptych.data.imaging.profile import Profile
from diptych.data.imaging.reading import Limits, parse_instance


@dataclass
class Source:
    """Files that are cleaned together.

    Attributes:
        profile: options.
        keyed: new UIDs and offsets.
        limits: of each file.
        hold: clean files whose pixels may show text, too; the caller keeps them back.
        places: paths that are taken.
    """

    profile: Profile
    keyed: Keyed
    limits: Limits = field(default_factory=Limits)
    hold: bool = False
    places: set[str] = field(default_factory=set, repr=False)


def clean_file(path: Path, source: Source) -> tuple[Cleaned, str]:
    """Clean and check one file.

    Returns:
        The cleaned file, and its path `series/instance.dcm` by new UIDs.

    Raises:
        Refused: it cannot be cleaned, or did not pass the check; nothing was written.
        CannotUse: the operating system refuses the file.
    """
    try:
        if path.stat().st_size > source.limits.size_bytes:
            raise Refused("too-large", f"expected up to {source.limits.size_bytes:,} bytes")
        raw = path.read_bytes()
    except OSError as error:
        raise system_error(error) from error
    read = parse_instance(raw, source.limits)
    cleaned = clean_instance(read, source.profile, source.keyed, hold=source.hold)
    try:
        verify_cleaned(raw, cleaned.content, source.profile)
    except NotClean as error:
        raise Refused("not-clean", f"the check after cleaning failed: {error.message}") from error
    return cleaned, _place(cleaned, source)


def _place(cleaned: Cleaned, source: Source) -> str:
    series = _plain(cleaned.series) or "no-series"
    instance = _plain(cleaned.instance) or "instance"
    place, number = f"{series}/{instance}.dcm", 1
    while place in source.places:  # the same instance twice, or without UID
        number += 1
        place = f"{series}/{instance}-{number}.dcm"
    source.places.add(place)
    return place


def _plain(uid: str) -> str:
    """Return a UID if it is one: digits and dots can leave no folder."""
    fits = 0 < len(uid) <= 64 and set(uid) <= set("0123456789.") and uid.strip(".")
    return uid if fits else ""
