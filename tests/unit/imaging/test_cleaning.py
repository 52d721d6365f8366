"""What comes out of a file: nothing that identifies, everything that is needed, checked."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydicom.data import get_testdata_file
from tests.unit.imaging.maker import SC, image, read, written

from diptych.data.imaging import Keyed, NotClean, Profile, clean_instance, verify_cleaned
from diptych.data.imaging.errors import BadProfile
from diptych.data.imaging.profile import Region, parse_profile
from diptych.data.imaging.reading import Limits, parse_instance
from diptych.data.imaging.table import OPTIONS

KEYED = Keyed(b"s" * 32)
SHARED = Path(__file__).parents[4] / "shared/data/trust/dicom"
TELLING = (
    "fernandez",
    "rosalinda",
    "quimby",
    "mrn-774411",
    "acc99812",
    "elsewhere",
    "1961",
    "55555",
)


def clean(made: Any, profile: Profile | None = None, keyed: Keyed = KEYED) -> bytes:
    """Clean a file and check it."""
    raw = written(made) if not isinstance(made, bytes) else made
    profile = profile or Profile()
    cleaned = clean_instance(parse_instance(raw, Limits()), profile, keyed).content
    verify_cleaned(raw, cleaned, profile)
    return cleaned


def test_nothing_that_identifies_is_left() -> None:
    cleaned = clean(image())
    text = cleaned.decode("latin-1").lower()
    assert [one for one in TELLING if one in text] == []
    found = read(cleaned)
    assert (found.PatientName, found.PatientID, found.AccessionNumber) == ("", "", "")
    assert "InstitutionName" not in found
    assert cleaned[:132] == bytes(128) + b"DICM"
    assert "SourceApplicationEntityTitle" not in found.file_meta
    assert found.file_meta.MediaStorageSOPInstanceUID == found.SOPInstanceUID
    assert not [one for one in found.iterall() if one.tag.is_private or one.tag.group >= 0x8000]
    assert not any(0x5000 <= one.tag.group < 0x6100 for one in found)


def test_the_image_stays_and_says_how_it_was_cleaned() -> None:
    found = read(clean(image()))
    assert found.PixelData == bytes(range(1, 49))
    assert (found.Modality, found.Manufacturer, found.Rows) == ("CT", "ACME", 4)
    assert found.PatientIdentityRemoved == "YES"
    assert [one.CodeValue for one in found.DeidentificationMethodCodeSequence] == ["113100"]
    assert found.LongitudinalTemporalInformationModified == "REMOVED"


def test_uids_stay_linked_across_files_and_sequences() -> None:
    one, two = read(clean(image(1))), read(clean(image(2)))
    assert one.SeriesInstanceUID == two.SeriesInstanceUID
    assert one.SOPInstanceUID != two.SOPInstanceUID
    assert one.ReferencedImageSequence[0].ReferencedSOPInstanceUID == two.SOPInstanceUID
    assert one.ReferencedImageSequence[0].ReferencedSOPClassUID == one.SOPClassUID
    other = read(clean(image(1), keyed=Keyed(b"t" * 32)))
    assert other.SeriesInstanceUID != one.SeriesInstanceUID


def test_types_decide_between_removing_and_emptying() -> None:
    found = read(clean(image()))
    assert "SeriesDate" not in found
    assert found.ContentDate == ""
    unknown = image()
    unknown.SOPClassUID = "1.2.3.4.99.1"  # private: its types are not known
    unknown.BurnedInAnnotation = "NO"
    assert read(clean(unknown)).SeriesDate == "19000101"


def test_modified_dates_move_together_and_full_dates_stay() -> None:
    moved = read(clean(image(), Profile(frozenset({"modified-dates"}))))
    assert moved.StudyDate != "20240301"
    assert len(moved.StudyDate) == 8
    assert int(moved.ContentDate) != int(moved.StudyDate)
    assert moved.StudyTime == "101500"
    assert moved.PatientBirthDate == ""
    assert moved.LongitudinalTemporalInformationModified == "MODIFIED"
    again = read(clean(image(7), Profile(frozenset({"modified-dates"}))))
    assert again.StudyDate == moved.StudyDate
    other = read(clean(image(8, patient="MRN-2"), Profile(frozenset({"modified-dates"}))))
    assert other.StudyDate != moved.StudyDate
    full = read(clean(image(), Profile(frozenset({"dates"}))))
    assert (full.StudyDate, full.ContentDate) == ("20240301", "20240302")


def test_a_moved_date_may_fall_on_another_date() -> None:
    profile = Profile(frozenset({"modified-dates"}))
    later = date(2024, 3, 1) + timedelta(KEYED.days("00100020:MRN-774411"))
    found = read(clean(image(ContentDate=f"{later:%Y%m%d}"), profile))
    assert found.ContentDate == "20240301"
    assert found.StudyDate != "20240301"


def test_options_keep_what_they_say_and_no_more() -> None:
    many = Profile(frozenset({"uids", "institution", "patient", "descriptors", "private"}))
    found = read(clean(image(), many))
    assert found.SOPInstanceUID == "1.2.3.4.55555.1"
    assert (found.InstitutionName, found.PatientAge) == ("St Elsewhere", "064Y")
    assert found.StudyDescription == "CT Thorax"
    assert found[0x0019100C].value == 1000 or found[0x0019100C].value == b"1000"
    assert 0x00191099 not in found
    assert 0x00091010 not in found
    codes = [one.CodeValue for one in found.DeidentificationMethodCodeSequence]
    assert codes == ["113100", "113110", "113112", "113108", "113105", "113111"]


def test_pseudonyms_tell_patients_apart() -> None:
    profile = Profile(pseudonyms=True)
    one, two = read(clean(image(1), profile)), read(clean(image(2, patient="MRN-2"), profile))
    assert one.PatientID.startswith("P-")
    assert one.PatientID == one.PatientName
    assert one.PatientID != two.PatientID
    assert one.PatientID == read(clean(image(3), profile)).PatientID


def test_a_kept_text_that_names_the_patient_is_replaced() -> None:
    found = read(clean(image(Manufacturer="Fernandez scanners", ProtocolName="x")))
    assert found.Manufacturer == "ANONYMIZED"
    assert "ProtocolName" not in found


def test_regions_become_black_in_all_frames() -> None:
    made = image(SOPClassUID=SC, Modality="OT")
    found = read(clean(made, Profile(blank=(Region.parse("1,2,3,9"),))))
    pixels = found.pixel_array
    assert not pixels[2:4, 1:4].any()
    assert pixels[:2].all()
    assert pixels[2:, 4:].all()
    assert found.BurnedInAnnotation == "NO"


def _damage(cleaned: bytes) -> Iterator[tuple[str, bytes]]:
    from io import BytesIO

    import pydicom

    def put(change: Any) -> bytes:
        found = read(cleaned)
        change(found)
        target = BytesIO()
        pydicom.dcmwrite(target, found)
        return target.getvalue()

    yield "name", put(lambda one: setattr(one, "PatientName", "Somebody^Else"))
    yield "removed", put(lambda one: setattr(one, "InstitutionName", "X"))
    yield "uid", put(lambda one: setattr(one, "StudyInstanceUID", "1.2.3.4.55555.100"))
    yield "private", put(lambda one: one.add_new(0x00191099, "LO", "x"))
    yield "curve", put(lambda one: one.add_new(0x50003000, "OW", bytes(4)))
    yield (
        "nested",
        put(
            lambda one: setattr(
                one.ReferencedImageSequence[0], "ReferencedSOPInstanceUID", "1.2.3.4.55555.2"
            )
        ),
    )
    yield "said", put(lambda one: delattr(one, "PatientIdentityRemoved"))
    yield "pixels", put(lambda one: setattr(one, "PixelData", bytes(48)))
    yield "text", put(lambda one: setattr(one, "Manufacturer", "Rosalinda"))
    yield "new", put(lambda one: setattr(one, "ImageComments", "hello"))
    yield "preamble", b"FERNANDEZ" + cleaned[9:]
    yield "end", cleaned + b"\x10\x00\x20\x00LO\x0a\x00MRN-774411"


def _is_refused(raw: bytes, damaged: bytes) -> bool:
    try:
        verify_cleaned(raw, damaged, Profile())
    except NotClean:
        return True
    return False


def test_the_check_refuses_what_was_not_cleaned() -> None:
    raw, cleaned = written(image()), clean(image())
    assert verify_cleaned(raw, cleaned, Profile()).in_table == 27
    for what, damaged in _damage(cleaned):
        assert _is_refused(raw, damaged), what
    with pytest.raises(NotClean):
        verify_cleaned(raw, raw, Profile())


@pytest.mark.parametrize("option", ["", *OPTIONS])
@pytest.mark.parametrize("name", ["reportsi.dcm", "rtplan.dcm", "waveform_ecg.dcm", "CT_small.dcm"])
def test_real_files_pass_the_check_under_every_option(name: str, option: str) -> None:
    found = get_testdata_file(name)
    assert isinstance(found, str)
    profile = Profile(frozenset({option} - {""}), pixels_accepted="images of a test suite")
    read(clean(Path(found).read_bytes(), profile))


@pytest.mark.skipif(not SHARED.is_dir(), reason="no shared data")
@pytest.mark.parametrize(
    "name", ["nested_priv_SQ.dcm", "UN_sequence.dcm", "chrH31.dcm", "badVR.dcm"]
)
def test_shared_files_pass_the_check(name: str) -> None:
    read(clean((SHARED / name).read_bytes(), Profile(pixels_accepted="images of a test suite")))


def _report() -> Any:
    """Return a report with a number and a code about the patient, and a number about a lesion."""
    from pydicom.dataset import Dataset

    def item(code: str, number: str) -> Dataset:
        made, concept, measured = Dataset(), Dataset(), Dataset()
        concept.CodeValue, concept.CodingSchemeDesignator = code, "DCM"
        measured.NumericValue = number
        made.ValueType, made.ConceptNameCodeSequence = "NUM", [concept]
        made.MeasuredValueSequence = [measured]
        return made

    made = image(SOPClassUID="1.2.840.10008.5.1.4.1.1.88.33", Modality="SR")
    del made.PixelData
    made.ContentSequence = [item("121033", "64"), item("112039", "12.5")]
    return made


def test_a_report_says_nothing_of_the_patient_unless_asked() -> None:
    age, size = read(clean(_report(), Profile(frozenset({"content"})))).ContentSequence
    assert len(age.MeasuredValueSequence) == 0
    assert size.MeasuredValueSequence[0].NumericValue == 12.5
    kept = read(clean(_report(), Profile(frozenset({"content", "patient"})))).ContentSequence[0]
    assert kept.MeasuredValueSequence[0].NumericValue == 64
    assert read(clean(_report())).ContentSequence[0].TextValue == "ANONYMIZED"


def test_profiles_are_read_strictly() -> None:
    found = parse_profile(
        b'{"retain": ["uids"], "blank": ["0,0,5,5"], "words": ["Lesion"], "pseudonyms": true,'
        b' "safe_private": ["ACME:0029,10"]}'
    )
    assert (found.retain, found.blank) == (frozenset({"uids"}), (Region(0, 0, 5, 5),))
    assert (found.words, found.pseudonyms) == (frozenset({"lesion"}), True)
    assert found.safe_private == frozenset({("ACME", 0x29, 0x10)})


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b'{"retain": ["names"]}',
        b'{"retain": ["dates", "modified-dates"]}',
        b'{"blank": ["1,2,3"]}',
        b'{"blank": ["1,2,0,4"]}',
        b'{"safe_private": ["ACME:0028,10"]}',
        b'{"pixels_accepted": "ok"}',
        b'{"keep": []}',
    ],
)
def test_wrong_profiles_are_refused(raw: bytes) -> None:
    with pytest.raises(BadProfile):
        parse_profile(raw)
