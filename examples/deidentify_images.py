"""Two CT images: de-identified by PS3.15, checked, and linked to the originals by a commitment."""

import tempfile
from io import BytesIO
from pathlib import Path

import pydicom
from pydicom.data import get_testdata_file

import diptych
from diptych.core.secret import Secret
from diptych.data.imaging import NotClean, Profile, verify_cleaned

source = Path(str(get_testdata_file("CT_small.dcm")))

with tempfile.TemporaryDirectory() as scratch:
    folder = Path(scratch)
    book = diptych.create(folder, prompt=lambda reason: Secret("only for this example"))
    scans = folder / "scans"
    scans.mkdir()
    for number in (1, 2):
        image = pydicom.dcmread(source)
        image.InstanceNumber, image.SOPInstanceUID = number, f"{image.SOPInstanceUID}.{number}"
        image.save_as(scans / f"{number}.dcm")

    (series,) = book.data.series("scans").series
    print(f"{series.modality} series of {series.files} files: {series.findings or 'sound'}")

    profile = Profile(retain=frozenset({"modified-dates"}), pseudonyms=True)
    done = book.data.deidentify("scans", "shared", profile=profile, name="trial/ct")
    print(f"{done.files} files as {done.name}@{done.version}, {len(done.refused)} refused")
    assert not done.partial

    files = sorted((folder / "shared").rglob("*.dcm"))
    one, two = (pydicom.dcmread(path) for path in files)
    assert one.SeriesInstanceUID == two.SeriesInstanceUID  # still one series, under new UIDs
    print(f"patient {one.PatientID}, study of {one.StudyDate} (was {image.StudyDate})")

    raw, cleaned = (scans / "1.dcm").read_bytes(), pydicom.dcmread(files[0])
    cleaned.InstitutionName = "General Hospital"
    changed = BytesIO()
    cleaned.save_as(changed)
    try:
        verify_cleaned(raw, changed.getvalue(), profile)
    except NotClean as error:
        print(f"refused: {error.message}")
