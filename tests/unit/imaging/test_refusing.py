"""What cannot be cleaned is refused with a reason, hostile files included."""

import struct
import zlib
from typing import Any

import pytest
from pydicom.dataset import Dataset
from tests.unit.imaging.maker import EXPLICIT, SC, image, written

from diptych.data.imaging import Keyed, Profile, Refused, clean_instance
from diptych.data.imaging.profile import Region
from diptych.data.imaging.reading import Limits, parse_instance

STORAGE = "1.2.840.10008.5.1.4.1.1."


def reason(raw: bytes, profile: Profile | None = None, limits: Limits | None = None) -> str:
    """Return why a file is refused, empty if it is not."""
    try:
        read = parse_instance(raw, limits or Limits())
        clean_instance(read, profile or Profile(), Keyed(bytes(32)))
    except Refused as refusal:
        return "names the patient" if "Fernandez" in refusal.message else refusal.reason
    return ""


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ""),
        ({"BurnedInAnnotation": "YES"}, "burned-in"),
        ({"Modality": "US"}, "burned-in"),
        ({"Modality": "US", "BurnedInAnnotation": "NO"}, ""),
        ({"SOPClassUID": SC}, "burned-in"),
        ({"ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]}, "burned-in"),
        ({"ImageType": ["DERIVED", "SECONDARY"]}, ""),
        ({"Modality": ""}, "burned-in"),
        ({"Modality": "XA", "SOPClassUID": STORAGE + "12.1"}, "burned-in"),
        ({"Modality": "CR", "SOPClassUID": STORAGE + "1"}, "burned-in"),
        ({"Modality": "CR", "SOPClassUID": STORAGE + "1", "BurnedInAnnotation": "NO"}, ""),
        ({"Modality": "MR", "SOPClassUID": STORAGE + "4"}, ""),
        ({"Modality": "CT", "SOPClassUID": "1.2.3.99.1"}, "burned-in"),
        ({"SeriesDescription": "Patient Protocol"}, "burned-in"),
        ({"ImageType": ["DERIVED", "SECONDARY", "VXTL STATE"]}, "burned-in"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "burned-in"),
        (
            {"BurnedInAnnotation": "NO", "ImageType": ["DERIVED", "SECONDARY", "SCREEN"]},
            "burned-in",
        ),
    ],
)
def test_pixels_that_may_show_text(changes: dict[str, Any], expected: str) -> None:
    raw = written(image(**changes))
    assert reason(raw) == expected
    assert reason(raw, Profile(pixels_accepted="looked at by two people")) == ""
    assert reason(raw, Profile(blank=(Region(0, 0, 2, 2),))) == ""


def held(raw: bytes, profile: Profile | None = None) -> str:
    """Return why a file is held back, empty if it is not."""
    read = parse_instance(raw, Limits())
    return clean_instance(read, profile or Profile(), Keyed(bytes(32)), hold=True).held


def test_what_only_may_show_text_can_be_held_and_what_says_so_cannot() -> None:
    assert "secondary capture" in held(written(image(SOPClassUID=SC)))
    assert held(written(image())) == ""
    assert held(written(image(SOPClassUID=SC)), Profile(pixels_accepted="looked at it")) == ""
    overlay = image()
    del overlay[0x60003000]
    overlay.add_new(0x60000102, "US", 12)
    said = {"BurnedInAnnotation": "YES"}, {"ImageType": ["DERIVED", "SECONDARY", "SCREEN"]}
    for made in (overlay, *(image(SOPClassUID=SC, **one) for one in said)):
        with pytest.raises(Refused) as refusal:
            held(written(made))
        assert refusal.value.reason == "burned-in"
    short = image(SOPClassUID=SC)
    short.PixelData = bytes(40)
    with pytest.raises(Refused):
        held(written(short))


def test_an_overlay_within_the_pixels_is_refused() -> None:
    made = image()
    del made[0x60003000]
    made.add_new(0x60000102, "US", 12)
    assert reason(written(made)) == "burned-in"


def test_regions_of_compressed_pixels_are_refused() -> None:
    from pydicom.encaps import encapsulate

    made = image()
    made.PixelData = encapsulate([b"\xff\xd8\xff\xd9"])
    made["PixelData"].VR = "OB"
    made["PixelData"].is_undefined_length = True
    raw = written(made, syntax="1.2.840.10008.1.2.4.50")
    assert reason(raw) == ""
    assert reason(raw, Profile(blank=(Region(0, 0, 2, 2),))) == "compressed"


def test_directories_and_documents_are_refused() -> None:
    document = image(SOPClassUID="1.2.840.10008.5.1.4.1.1.104.1")
    document.EncapsulatedDocument = b"%PDF-1.4"
    assert reason(written(document)) == "encapsulated-document"
    listing = image(SOPClassUID="1.2.840.10008.1.3.10")
    listing.add_new(0x00041220, "SQ", [])
    assert reason(written(listing)) == "dicomdir"


def test_truncated_files_are_refused_wherever_they_end() -> None:
    raw = written(image())
    assert reason(raw) == ""
    for cut in (1, 7, 30, 50, 300):
        assert reason(raw[:-cut]) in {"truncated", "unreadable"}
    short = image()
    short.PixelData = bytes(40)
    assert reason(written(short)) == "truncated"


def test_a_missing_preamble_is_no_obstacle_but_other_files_are_refused() -> None:
    raw = written(image())
    assert reason(raw[132:]) == ""
    for junk in (b"", b"hello world, this is no image at all" * 9, bytes(400), b"\x7fELF" * 200):
        assert reason(junk) in {"not-dicom", "unreadable", "truncated"}


def test_an_unknown_character_set_is_refused() -> None:
    assert reason(written(image(SpecificCharacterSet="ISO_IR 192"))) == ""
    raw = written(image(SpecificCharacterSet="ISO_IR 192"))
    assert reason(raw.replace(b"ISO_IR 192", b"KLINGON  1")) == "character-set"


def test_limits_hold() -> None:
    raw = written(image())
    assert reason(raw, limits=Limits(elements=20)) == "too-many"
    deep = Dataset()
    deep.RequestedProcedureDescription = "x"
    for _ in range(30):
        outer = Dataset()
        outer.ContentSequence = [deep]
        deep = outer
    made = image()
    made.ContentSequence = deep.ContentSequence
    assert reason(written(made)) == "too-deep"


def test_a_deflated_bomb_is_refused_before_it_inflates() -> None:
    raw = written(image(), syntax="1.2.840.10008.1.2.1.99")
    assert reason(raw) == ""
    start = 144 + struct.unpack_from("<L", raw, 140)[0]
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    bomb = raw[:start] + deflater.compress(bytes(4_000_000)) + deflater.flush()
    assert reason(bomb, limits=Limits(size_bytes=1_000_000)) == "too-large"


def test_a_length_beyond_the_file_costs_no_memory() -> None:
    raw = written(image(), syntax=EXPLICIT)
    place = raw.rfind(b"\xe0\x7f\x10\x00")
    huge = raw[: place + 8] + struct.pack("<L", 0xFFFFFFF0) + raw[place + 12 :]
    assert reason(huge) in {"truncated", "unreadable"}


@pytest.mark.parametrize("keyword", ["StudyTime", "PatientID"])
def test_values_that_cannot_be_decoded_are_refused_without_naming_them(keyword: str) -> None:
    raw = written(image(PatientID="Fernandez1", StudyTime="101500"))
    assert reason(raw) == ""
    value = {"StudyTime": b"TM\x06\x00101500", "PatientID": b"LO\x0a\x00Fernandez1"}[keyword]
    for kind in (b"UL", b"Zz"):
        with pytest.raises(Refused) as refusal:
            _cleaned(raw.replace(value, kind + value[2:]))
        assert refusal.value.__cause__ is None or "101500" not in str(refusal.value.__cause__)
        assert "Fernandez" not in str(refusal.value)


def _cleaned(raw: bytes) -> object:
    return clean_instance(parse_instance(raw, Limits()), Profile(), Keyed(bytes(32)))
