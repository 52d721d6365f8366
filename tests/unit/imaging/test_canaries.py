"""A unique word is planted wherever a file can hold one; none is left in what comes out."""

import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from tests.unit.imaging.maker import EXPLICIT, image, written

from diptych.data.imaging import Keyed, Profile, Refused, clean_instance, verify_cleaned
from diptych.data.imaging.reading import Limits, parse_instance
from diptych.data.imaging.table import OPTIONS

DEFLATED = "1.2.840.10008.1.2.1.99"
IMPLICIT = "1.2.840.10008.1.2"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
JPEG = "1.2.840.10008.1.2.4.50"
JPEG2000 = "1.2.840.10008.1.2.4.90"
RLE = "1.2.840.10008.1.2.5"


class Canaries:
    """Words that occur nowhere else, each told apart by its number."""

    def __init__(self) -> None:
        self.planted: dict[str, str] = {}

    def word(self, place: str) -> str:
        """Return a new word for a place."""
        word = f"Qzx{len(self.planted):03}Vkw"
        self.planted[word] = place
        return word

    def left_in(self, raw: bytes) -> list[str]:
        """Return the places whose word is still in a file, inflated if it is deflated."""
        texts = [raw.lower()]
        if DEFLATED.encode() in raw[:400]:
            start = 144 + int(struct.unpack_from("<L", raw, 140)[0])
            texts.append(zlib.decompress(raw[start:], -zlib.MAX_WBITS).lower())
        return [
            place
            for word, place in self.planted.items()
            if any(
                form in text
                for text in texts
                for form in (word.lower().encode(), word.lower().encode("utf-16-le"))
            )
        ]


def _item(**values: Any) -> Dataset:
    item = Dataset()
    for name, value in values.items():
        setattr(item, name, value)
    return item


def _code(meaning: str) -> Sequence:
    return Sequence([_item(CodeValue="1", CodingSchemeDesignator="DCM", CodeMeaning=meaning)])


def _plant_remarks(made: Dataset, one: Canaries) -> None:
    """Plant words in remarks, inside dates and UIDs."""
    made.ImageComments = f"seen 12.3.1950 by {one.word('comment')}"
    made.LUTExplanation = one.word("unlisted LO")
    made.WindowCenterWidthExplanation = one.word("window")
    made.PatientBirthDateInAlternativeCalendar = one.word("birth date in another calendar")
    made.RescaleType = "HU"
    made.ContributionDescription = one.word("contribution")
    made.DeidentificationMethod = one.word("method of an earlier cleaning")
    made.TrackingID = f"1.2.826.0.1.{one.word('UID inside UT')}"
    made.PatientSpeciesDescription = one.word("species")
    made.add_new(0x00401400, "LT", one.word("retired or listed text"))
    for keyword, vr in (("ContentTime", "TM"), ("AcquisitionDateTime", "DT"), ("StudyDate", "DA")):
        made.pop(keyword, None)
        made.add_new(keyword, vr, one.word(keyword)[:20])
    made.add_new("PatientPosition", "CS", f"<{one.word('CS')}>")
    made.add_new("ConcatenationUID", "UI", one.word("UI"))
    made.add_new("PixelDataProviderURL", "UR", f"https://{one.word('URL')}/a")


def _plant_hidden(made: Dataset, one: Canaries) -> None:
    """Plant words in private, unknown, drawn, encrypted and embedded parts."""
    inner = _item(PatientName=one.word("name in a private sequence"))
    inner.add_new(0x00290010, "LO", "ACME")
    inner.add_new(0x00291001, "SQ", Sequence([_item(PatientID=one.word("private in private"))]))
    made.add_new(0x00110010, "LO", one.word("private creator"))
    made.add_new(0x00111001, "SQ", Sequence([inner]))
    made.add_new(0x00111002, "UN", one.word("private UN").encode())
    made.add_new(0x0019100D, "LO", one.word("text where a safe number belongs"))
    made.add_new(0x00081234, "UN", one.word("unknown UN").encode())
    made.add_new(0x60003000, "OW", one.word("overlay").encode())
    made.add_new(0x60004000, "LT", one.word("overlay comment"))
    made.add_new(0x60020022, "LO", one.word("overlay description"))
    made.add_new(0x50003000, "OW", one.word("curve").encode())
    made.add_new(0x50000022, "LO", one.word("curve description"))
    made.add_new(0x00282000, "OB", one.word("ICC profile").encode())
    made.add_new(0xFFFCFFFC, "OB", one.word("padding").encode())
    made.EncryptedAttributesSequence = [_item(EncryptedContent=one.word("sealed").encode())]
    made.OriginalAttributesSequence = [_item(SourceOfPreviousValues=one.word("previous"))]
    icon = image()
    icon.PatientName, icon.PixelData = one.word("icon name"), one.word("icon").encode() * 5
    made.IconImageSequence = [icon]
    made.SourceImageSequence = [
        _item(
            ReferencedSOPInstanceUID="1.2.3.4.5",
            PurposeOfReferenceCodeSequence=_code("reference"),
            ImageComments=one.word("nested comment"),
        )
    ]
    made.SourceImageSequence[0].add_new(0x7FE00010, "OB", one.word("nested pixels").encode())


def _plant_objects(made: Dataset, one: Canaries) -> None:
    """Plant words where annotations, reports and waveforms hold texts."""
    text = _item(UnformattedTextValue=one.word("graphic annotation"))
    made.GraphicAnnotationSequence = [_item(GraphicLayer="L", TextObjectSequence=[text])]
    made.GraphicLayerSequence = [_item(GraphicLayerDescription=one.word("layer"))]
    name = _item(RelationshipType="CONTAINS", ValueType="PNAME", PersonName=one.word("SR name"))
    said = _item(RelationshipType="CONTAINS", ValueType="TEXT", TextValue=one.word("SR text"))
    said.ConceptNameCodeSequence = _code("Finding")
    said.ContentSequence = [
        _item(ValueType="UIDREF", UID="1.2.3.4.6", TextValue=one.word("SR child"))
    ]
    made.ContentSequence = [name, said]
    made.VerifyingObserverSequence = [_item(VerifyingObserverName=one.word("observer"))]
    channel = _item(ChannelLabel=one.word("channel label"))
    group = _item(
        MultiplexGroupLabel=one.word("multiplex group"), ChannelDefinitionSequence=[channel]
    )
    group.NumberOfWaveformChannels, group.NumberOfWaveformSamples = 1, 4
    group.WaveformBitsAllocated = 8
    group.add_new(0x54001010, "OB", b"\1\2\3\4" + one.word("after the samples").encode() + b"\0")
    group.add_new(0x5400100A, "OB", one.word("padding value").encode() + b"\0")
    made.WaveformSequence = [group]
    made.WaveformAnnotationSequence = [_item(UnformattedTextValue=one.word("waveform note"))]
    made.SegmentSequence = [
        _item(SegmentNumber=1, SegmentLabel=one.word("label"), SegmentDescription=one.word("seg"))
    ]
    made.AcquisitionContextSequence = [_item(TextValue=one.word("acquisition context"))]


def _planted(syntax: str) -> tuple[bytes, Canaries]:
    made, one = image(), Canaries()
    for plant in (_plant_remarks, _plant_hidden, _plant_objects):
        plant(made, one)
    spare = one.word("bytes after the pixels").encode()
    made.PixelData = bytes(range(1, 49)) + spare + bytes(len(spare) & 1)
    raw = written(made, syntax=syntax, preamble=b"II*\0" + one.word("preamble").encode())
    return raw, one


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG_ENDIAN, DEFLATED])
@pytest.mark.parametrize("retain", [frozenset(), frozenset(OPTIONS) - {"dates"}])
def test_no_planted_word_is_left(syntax: str, retain: frozenset[str]) -> None:
    raw, one = _planted(syntax)
    assert len(one.left_in(raw)) == len(one.planted)  # they are where they can be found
    profile = Profile(retain, pixels_accepted="made by this test")
    cleaned = clean_instance(parse_instance(raw, Limits()), profile, Keyed(bytes(32))).content
    assert one.left_in(cleaned) == []
    verify_cleaned(raw, cleaned, profile)


def test_the_header_is_written_new() -> None:
    one = Canaries()
    raw = written(image()).replace(b"ELSEWHERE_CT1 ", f"{one.word('AE title'):14}".encode())
    assert one.left_in(raw) == ["AE title"]
    cleaned = clean_instance(parse_instance(raw, Limits()), Profile(), Keyed(bytes(32))).content
    assert one.left_in(cleaned) == []


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("place", ["AcquisitionNumber", "SliceThickness", "end"])
def test_what_has_no_form_goes_or_the_file_is_refused(place: str) -> None:
    one = Canaries()
    if place == "end":
        raw = written(image()) + one.word("bytes after the data set").encode()
    else:
        made = image()
        setattr(made, place, "123456789")
        raw = written(made).replace(b"123456789", one.word("n").encode())
    try:
        cleaned = clean_instance(parse_instance(raw, Limits()), Profile(), Keyed(bytes(32))).content
    except Refused as refusal:
        cleaned = refusal.message.encode()
    assert one.left_in(cleaned) == []


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def _jpeg(one: Canaries) -> bytes:
    noted = _segment(0xE1, b"Exif\0\0" + one.word("EXIF").encode())
    thumbnail = b"JFIF\0\1\1\0\0\1\0\1\1\1" + one.word("JFIF thumbnail").encode()
    comment = _segment(0xFE, one.word("JPEG comment").encode())
    scan = _segment(0xDA, bytes(6)) + b"\x12\xff\x00\x34\xff\xd0\x56"
    again = _segment(0xFE, one.word("between scans").encode()) + scan
    spare = one.word("after the picture").encode()
    return (
        b"\xff\xd8"
        + _segment(0xE0, thumbnail)
        + noted
        + comment
        + scan
        + again
        + b"\xff\xd9"
        + spare
    )


def _jpeg2000(one: Canaries) -> bytes:
    note = _segment(0x64, b"\0\1" + one.word("JPEG 2000 comment").encode())
    inner = _segment(0x64, b"\0\1" + one.word("comment of a tile").encode()) + b"\xff\x93\1\2\3"
    tile = _segment(0x90, struct.pack(">HLBB", 0, 12 + len(inner), 0, 1)) + inner
    spare = one.word("after the code stream").encode()
    return b"\xff\x4f" + _segment(0x51, bytes(38)) + note + tile + b"\xff\xd9" + spare


def _boxed(one: Canaries) -> bytes:
    box = one.word("XML box").encode()
    head = b"\0\0\0\x0cjP  \r\n\x87\n" + struct.pack(">L4s", 8 + len(box), b"xml ") + box
    stream = _jpeg2000(one)
    return head + struct.pack(">L4s", 0, b"jp2c") + stream


def _rle(one: Canaries) -> bytes:
    plane = b"\xe9\x07"  # 24 times the same byte
    spare = one.word("after the RLE plane").encode()
    offsets = [2, 64, 64 + len(plane + spare)] + [0] * 13
    return struct.pack("<16L", *offsets) + plane + spare + plane + spare


@pytest.mark.parametrize(
    ("syntax", "make", "fragments"),
    [
        (JPEG, _jpeg, 1),
        (JPEG, _jpeg, 3),
        (JPEG2000, _jpeg2000, 1),
        (JPEG2000, _jpeg2000, 3),
        (JPEG2000, _boxed, 1),
        (RLE, _rle, 1),
    ],
)
def test_nothing_stands_beside_compressed_pixels(
    syntax: str, make: Callable[[Canaries], bytes], fragments: int
) -> None:
    one, made = Canaries(), image()
    stream = make(one)
    made.PixelData = encapsulate([stream + bytes(len(stream) & 1)], fragments_per_frame=fragments)
    made["PixelData"].VR, made["PixelData"].is_undefined_length = "OB", True
    raw = written(made, syntax=syntax)
    cleaned = clean_instance(parse_instance(raw, Limits()), Profile(), Keyed(bytes(32))).content
    assert one.left_in(cleaned) == []
    verify_cleaned(raw, cleaned, Profile())
    if fragments == 1:
        assert one.left_in(raw) == list(one.planted.values())
        assert (b"\xff\xd9" in cleaned) == (syntax != RLE)


@pytest.mark.parametrize(
    ("syntax", "stream"),
    [
        ("1.2.840.10008.1.2.4.102", b"\0\0\1\xb3 video"),
        (JPEG, b"\xff\xd8\xff\xfd\0\4ab\xff\xd9"),
        (JPEG, b"\xff\xd8" + _segment(0xFE, b"ab")),
        (JPEG, b"no picture"),
        (JPEG2000, b"\xff\x4f" + _segment(0x30, b"ab") + b"\xff\xd9"),
        (RLE, bytes(70)),
        (RLE, struct.pack("<16L", 2, 64, 1 << 30, *[0] * 13) + b"\xe9\x07"),
    ],
)
def test_streams_that_cannot_be_followed_are_refused(syntax: str, stream: bytes) -> None:
    made = image()
    made.PixelData = encapsulate([stream + bytes(len(stream) & 1)])
    made["PixelData"].VR, made["PixelData"].is_undefined_length = "OB", True
    with pytest.raises(Refused) as caught:
        clean_instance(
            parse_instance(written(made, syntax=syntax), Limits()),
            Profile(pixels_accepted="somebody looked at it"),
            Keyed(bytes(32)),
        )
    assert caught.value.reason in {"compressed", "pixel-layout"}


@pytest.mark.parametrize(("table", "fits"), [(bytes(4), True), (b"Qzx0", False), (b"Qz", False)])
def test_an_offset_table_holds_offsets_only(table: bytes, fits: bool) -> None:
    made, stream = image(), _jpeg(Canaries())
    stream += bytes(len(stream) & 1)
    parts = [b"\xfe\xff\x00\xe0" + struct.pack("<L", len(one)) + one for one in (table, stream)]
    made.PixelData = b"".join(parts)
    made["PixelData"].VR, made["PixelData"].is_undefined_length = "OB", True
    read = parse_instance(written(made, syntax=JPEG), Limits())
    if fits:
        assert clean_instance(read, Profile(), Keyed(bytes(32))).content
        return
    with pytest.raises(Refused) as caught:
        clean_instance(read, Profile(), Keyed(bytes(32)))
    assert caught.value.reason == "pixel-layout"
