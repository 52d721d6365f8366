"""Pixels: may they show who the patient is, are they all there, and how regions are made black."""

from typing import Any

from diptych.data.imaging.errors import Refused
from diptych.data.imaging.profile import Profile, Region
from diptych.data.imaging.reading import tags_of

_PIXELS = 0x7FE00010
_BURNING = {"US", "IVUS", "SC", "ES", "XC", "OT", "GM", "SM", "DOC", "OP", "DMS", ""}
_SECONDARY = "1.2.840.10008.5.1.4.1.1.7"
_COMPRESSED = "1.2.840.10008.1.2.4", "1.2.840.10008.1.2.5"
_UNCOMPRESSED = {
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2.1.99",
}


def check_pixels(dataset: Any, transfer_syntax: str, profile: Profile) -> None:
    """Refuse truncated pixels, and those that may show text nobody has looked at.

    Raises:
        Refused: with what to do about it.
    """
    if _PIXELS not in dataset:
        return
    _check_complete(dataset, transfer_syntax)
    if profile.blank or profile.pixels_accepted:
        return
    found = _suspicion(dataset)
    if found:
        raise Refused(
            "burned-in",
            f"its pixels may show names or dates: {found}",
            hint="look at it, then --blank x,y,w,h, or --accept-pixels 'who looked and saw none'",
        )


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


def _suspicion(dataset: Any) -> str:
    said = str(dataset.get("BurnedInAnnotation") or "").strip().upper()
    if said == "YES":
        return "BurnedInAnnotation is YES"
    if _has_embedded_overlay(dataset):
        return "an overlay is stored in unused bits of the pixels"
    kinds = [str(one).upper() for one in dataset.get("ImageType") or ()]
    if any(one.startswith("SCREEN") for one in kinds):
        return "ImageType says it is a screenshot"
    if said == "NO":
        return ""
    modality = str(dataset.get("Modality") or "").strip().upper()
    if str(dataset.get("SOPClassUID") or "").startswith(_SECONDARY):
        return "a secondary capture that does not say BurnedInAnnotation NO"
    if modality in _BURNING:
        return f"modality '{modality[:16]}' usually has text, and BurnedInAnnotation is absent"
    return ""


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
