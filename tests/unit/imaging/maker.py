"""Small DICOM files made here, with every kind of thing that identifies somebody."""

from io import BytesIO
from typing import Any

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset

CT = "1.2.840.10008.5.1.4.1.1.2"
SC = "1.2.840.10008.5.1.4.1.1.7"
EXPLICIT = "1.2.840.10008.1.2.1"


def image(number: int = 1, *, patient: str = "MRN-774411", **extra: Any) -> Dataset:
    """Return a CT image of 4 x 6 pixels with nested and private attributes."""
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID = CT, f"1.2.3.4.55555.{number}"
    made.StudyInstanceUID, made.SeriesInstanceUID = "1.2.3.4.55555.100", "1.2.3.4.55555.200"
    made.FrameOfReferenceUID = "1.2.3.4.55555.300"
    made.Modality, made.InstanceNumber = "CT", number
    made.PatientName, made.PatientID = "Fernandez^Rosalinda", patient
    made.PatientBirthDate, made.PatientSex, made.PatientAge = "19610423", "F", "064Y"
    made.StudyDate, made.StudyTime, made.AccessionNumber = "20240301", "101500", "ACC99812"
    made.SeriesDate, made.ContentDate, made.ContentTime = "20240301", "20240302", "101700"
    made.InstitutionName, made.Manufacturer = "St Elsewhere", "ACME"
    made.StudyDescription = "CT Thorax for Dr Quimby"
    made.ReferringPhysicianName = "Quimby^Harold"
    made.ReferencedImageSequence = [_reference(2)]
    request = Dataset()
    request.RequestedProcedureDescription = "Fernandez follow-up"
    request.ReferencedStudySequence = [_reference(9)]
    made.RequestAttributesSequence = [request]
    made.add_new(0x00091010, "LO", "ACME PRIVATE")  # not a creator: it stands in the block
    made.add_new(0x00190010, "LO", "SIEMENS MR HEADER")
    made.add_new(0x0019100C, "IS", "1000")
    made.add_new(0x00191099, "LO", "Fernandez")
    made.add_new(0x60003000, "OW", bytes(4))
    made.add_new(0x60000010, "US", 4)
    made.add_new(0x50003000, "OW", bytes(4))
    made.Rows, made.Columns, made.BitsAllocated, made.BitsStored, made.HighBit = 4, 6, 16, 12, 11
    made.SamplesPerPixel, made.PixelRepresentation = 1, 0
    made.PhotometricInterpretation = "MONOCHROME2"
    made.PixelData = bytes(range(1, 49))
    for name, value in extra.items():
        setattr(made, name, value)
    return made


def _reference(number: int) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = CT
    item.ReferencedSOPInstanceUID = f"1.2.3.4.55555.{number}"
    return item


def written(made: Dataset, *, syntax: str = EXPLICIT, preamble: bytes = b"FERNANDEZ" * 14) -> bytes:
    """Return the file, with a header that names who sent it."""
    meta: Any = FileMetaDataset()
    meta.MediaStorageSOPClassUID = made.get("SOPClassUID", CT)
    meta.MediaStorageSOPInstanceUID = made.get("SOPInstanceUID", "1.2.3")
    meta.TransferSyntaxUID = syntax
    meta.ImplementationClassUID = "1.2.3.4.99"
    meta.SourceApplicationEntityTitle = "ELSEWHERE_CT1"
    made.file_meta, made.preamble = meta, (preamble + bytes(128))[:128]
    target = BytesIO()
    pydicom.dcmwrite(target, made, enforce_file_format=True)
    return target.getvalue()


def read(raw: bytes) -> Any:
    """Return the data set of a file."""
    return pydicom.dcmread(BytesIO(raw))
