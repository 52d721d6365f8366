"""Pixels: may they show who the patient is, are they all there, and how regions are made black."""

import re
from typing import Any, NamedTuple

from diptych.data.imaging.errors import Refused
from diptych.data.imaging.outside import PIXELS
from diptych.data.imaging.profile import Profile, Region
from diptych.data.imaging.reading import tags_of

_PIXELS = 0x7FE00010
_STORAGE = "1.2.840.10008.5.1.4.1.1."
_CLASSES = "2 4 20 30 66.4 66.7 128 481.1 481.2"
"""CT, MR, NM, parametric map, segmentations, PET, RT image, RT dose: computed from a signal."""
_RECONSTRUCTED = frozenset(_STORAGE + one for one in _CLASSES.split())
_SCANNERS = {"CT", "MR", "NM", "PT", "RTDOSE", "RTIMAGE", "SEG"}
_SCREENS = re.compile(r"SCREEN|SAVE|CAPTURE|REPORT|DOSE|RESULT|VXTL|PROTOCOL|DEMOGRAPHIC")
_NAMED_SCREENS = re.compile(
    r"dose ?(report|info|summary|record)|protocol|report|screen|summary|capture", re.I
)
_COMPRESSED = "1.2.840.10008.1.2.4", "1.2.840.10008.1.2.5"
_UNCOMPRESSED = {
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2.1.99",
}


class _Suspicion(NamedTuple):
    """Why pixels may show text, and whether the file itself says that they do."""

    text: str
    stated: bool = False


def check_pixels(
    dataset: Any, transfer_syntax: str, profile: Profile, *, hold: bool = False
) -> str:
    """Refuse truncated pixels, and those that may show text nobody has looked at.

    Args:
        dataset: before it is cleaned.
        transfer_syntax: of its pixels.
        profile: says whether somebody looked.
        hold: what only may show text is not refused; the caller keeps it back.

    Returns:
        Why it has to be kept back until somebody has looked, empty if it has not.

    Raises:
        Refused: with what to do about it.
    """
    if not any(tag in dataset for tag in PIXELS):
        return ""
    if _PIXELS in dataset:
        _check_complete(dataset, transfer_syntax)
    if profile.blank or profile.pixels_accepted:
        return ""
    found = _suspicion(dataset)
    if found and (found.stated or not hold):
        raise Refused(
            "burned-in",
            f"its pixels may show names or dates: {found.text}",
            hint="look at it, then --blank x,y,w,h, or --accept-pixels 'who looked and saw none'",
        )
    return found.text if found else ""


def blank_regions(dataset: Any, transfer_syntax: str, regions: tuple[Region, ...]) -> None:
    """Make regions of every frame black, in place.

    Raises:
        Refused: the pixels are compressed or stored in a way that regions cannot be found in.
    """
    if not regions or _PIXELS not in dataset:
        return
    if transfer_syntax not in _UNCOMPRESSED:
        raise Refused(
            "compressed",
            "regions of compressed pixels cannot be made black without decoding them",
            hint="decompress the file first, for example by pydicom's decompress",
        )
    shape = _Shape(dataset)
    raw = bytearray(dataset[_PIXELS].value)
    if len(raw) < shape.total_bytes:
        raise Refused("pixel-layout", "its pixels are not stored as rows and columns")
    for region in regions:
        shape.blank(raw, region)
    dataset[_PIXELS].value = bytes(raw)


class _Shape:
    """How the pixels of all frames lie in memory."""

    def __init__(self, dataset: Any) -> None:
        try:
            self.rows, self.columns = int(dataset.Rows), int(dataset.Columns)
            self.samples = int(dataset.get("SamplesPerPixel") or 1)
            self.frames = int(dataset.get("NumberOfFrames") or 1)
            bits = int(dataset.BitsAllocated)
            planar = int(dataset.get("PlanarConfiguration") or 0)
        except (AttributeError, TypeError, ValueError) as error:
            raise Refused(
                "pixel-layout", "rows, columns or bits of its pixels are missing"
            ) from error
        subsampled = "422" in str(dataset.get("PhotometricInterpretation", ""))
        if bits % 8 or subsampled or min(self.rows, self.columns, self.samples, self.frames) < 1:
            raise Refused("pixel-layout", "its pixels share bytes, so that no region can be found")
        self.planes = self.frames * (self.samples if planar else 1)
        self.pixel_bytes = bits // 8 * (1 if planar else self.samples)
        self.total_bytes = self.planes * self.rows * self.columns * self.pixel_bytes

    def blank(self, raw: bytearray, region: Region) -> None:
        x, right = min(region.x, self.columns), min(region.x + region.width, self.columns)
        width = (right - x) * self.pixel_bytes
        row_bytes = self.columns * self.pixel_bytes
        for plane in range(self.planes):
            for row in range(region.y, min(region.y + region.height, self.rows)):
                start = (plane * self.rows + row) * row_bytes + x * self.pixel_bytes
                raw[start : start + width] = bytes(width)


def _suspicion(dataset: Any) -> _Suspicion | None:
    """Return why pixels may show text; None only where a scanner made them, or somebody said NO.

    PS3.3 C.7.6.1.1.5: where BurnedInAnnotation is absent, images may show it.
    """
    said = str(dataset.get("BurnedInAnnotation") or "").strip().upper()
    if said == "YES":
        return _Suspicion("BurnedInAnnotation is YES", stated=True)
    if _has_embedded_overlay(dataset):
        return _Suspicion("an overlay is stored in unused bits of the pixels", stated=True)
    kinds = " ".join(_words(dataset.get("ImageType"))).upper()
    if "SCREEN" in kinds:
        return _Suspicion("ImageType says it is a screenshot", stated=True)
    found = "" if said == "NO" else _unsaid(dataset, kinds)
    return _Suspicion(found) if found else None


def _unsaid(dataset: Any, kinds: str) -> str:
    """Return why pixels may show text of which BurnedInAnnotation says nothing."""
    kind = str(dataset.get("SOPClassUID") or "")
    modality = str(dataset.get("Modality") or "").strip().upper()
    absent = "and BurnedInAnnotation is absent"
    if kind.startswith(f"{_STORAGE}7"):
        return "a secondary capture that does not say BurnedInAnnotation NO"
    if kind not in _RECONSTRUCTED or modality not in _SCANNERS:
        return f"modality '{modality[:16]}' or its class can have text, {absent}"
    if _SCREENS.search(kinds) or _NAMED_SCREENS.search(str(dataset.get("SeriesDescription") or "")):
        return f"ImageType or SeriesDescription suggests a report or screen, {absent}"
    if (dataset.get("SamplesPerPixel") or 1) != 1 or "PALETTE" in _colours(dataset):
        return f"it is in colour, as rendered pictures with legends are, {absent}"
    return ""


def _words(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [str(one) for one in value or ()]


def _colours(dataset: Any) -> str:
    return str(dataset.get("PhotometricInterpretation") or "").upper()


def _has_embedded_overlay(dataset: Any) -> bool:
    overlays = {tag >> 16 for tag in tags_of(dataset) if tag >> 24 == 0x60}
    for group in overlays:
        place = dataset.get((group, 0x0102))
        if (group, 0x3000) not in dataset and place is not None and place.value:
            return True
    return False


def _check_complete(dataset: Any, transfer_syntax: str) -> None:
    value = dataset.get_item(_PIXELS).value or b""
    if transfer_syntax not in _UNCOMPRESSED:
        if not value.startswith(b"\xfe\xff\x00\xe0"):
            raise Refused("truncated", "its compressed pixels do not begin with an offset table")
        return
    try:
        shape = _Shape(dataset)
    except Refused:
        return
    if len(value) < shape.total_bytes:
        raise Refused(
            "truncated", f"got {len(value):,} bytes of pixels, expected {shape.total_bytes:,}"
        )
