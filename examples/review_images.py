"""Images whose pixels may show text: held back, looked at by a person, and released by number."""

import tempfile
from pathlib import Path

import pydicom
from pydicom.data import get_testdata_file

import diptych
from diptych.app.verbs.data.release import Releasing
from diptych.core.secret import Secret
from diptych.data.imaging.errors import ReviewChanged

with tempfile.TemporaryDirectory() as scratch:
    folder = Path(scratch)
    book = diptych.create(folder, prompt=lambda reason: Secret("only for this example"))
    scans = folder / "scans"
    scans.mkdir()
    for number in (1, 2):
        image = pydicom.dcmread(str(get_testdata_file("CT_small.dcm")))
        image.InstanceNumber, image.SOPInstanceUID = number, f"{image.SOPInstanceUID}.{number}"
        image.Modality = "US" if number == 2 else "CT"  # ultrasound often shows the patient's name
        image.save_as(scans / f"{number}.dcm")

    done = book.data.deidentify("scans", "shared", name="trial/images")
    print(f"{done.files} published, {len(done.held)} held back in {done.review}")
    for one in done.held:
        print(f"  image {one.number}: {one.reason}")
    assert (folder / done.review / "review.html").is_file()  # look at it now

    looked = Releasing("Dr Y looked, 2026-11-23", only=[1], name="trial/looked-at")
    released = book.data.release(done.review, "seen", looked)
    print(f"{released.files} released as {released.name}@{released.version}")

    held = folder / done.review / done.held[0].place
    held.write_bytes((scans / "2.dcm").read_bytes())  # the original in place of the cleaned file
    try:
        book.data.release(done.review, "again", looked)
    except ReviewChanged as error:
        print(f"refused: {error.message}")
