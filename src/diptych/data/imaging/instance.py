"""One file from its bytes to cleaned bytes."""

import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from diptych.data.imaging.cleaning import PATIENT_ID, Cleaning, texts_of
from diptych.data.imaging.errors import Refused
from diptych.data.imaging.frames import strip_pixels
from diptych.data.imaging.keyed import Keyed
from diptych.data.imaging.pixels import blank_regions, check_pixels
from diptych.data.imaging.profile import Profile
from diptych.data.imaging.reading import Instance, tags_of, undecodable
from diptych.data.imaging.scrubbing import scrub
from diptych.data.imaging.table import OPTIONS
from diptych.data.imaging.tokens import identifiers

IMPLEMENTATION_UID = "2.25.193041926740826431946381924735610927364"
IMPLICIT = "1.2.840.10008.1.2"
METHOD = "PS3.15 2026d basic profile"
_STUDY, _SERIES, _SOP = 0x0020000D, 0x0020000E, 0x00080018
_METHOD_CODES = 0x00120064


@dataclass(frozen=True)
class Cleaned:
    """A cleaned file.

    Attributes:
        content: its bytes.
        done: how often which action was applied to which keyword; no values.
        uids: new UID by old one.
        series: new UID of its series, empty if it has none.
        instance: new UID of the instance, empty if it has none.
        held: why it must be kept back until somebody has looked at its pixels; empty if it may
            be given away.
    """

    content: bytes = field(repr=False)
    done: Counter[tuple[str, str]]
    uids: Mapping[str, str] = field(repr=False)
    series: str = ""
    instance: str = ""
    held: str = ""


def clean_instance(
    read: Instance, profile: Profile, keyed: Keyed, *, hold: bool = False
) -> Cleaned:
    """De-identify one file that was read; its data set is changed.

    Args:
        read: the file.
        profile: options.
        keyed: new UIDs and offsets.
        hold: clean a file whose pixels may show text, too, and say so in `Cleaned.held`; otherwise
            it is refused.

    Raises:
        Refused: something in it cannot be cleaned.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with undecodable():
            return _clean(read, profile, keyed, hold=hold)


def _clean(read: Instance, profile: Profile, keyed: Keyed, *, hold: bool) -> Cleaned:
    dataset = read.dataset
    held = check_pixels(dataset, read.transfer_syntax, profile, hold=hold)
    strip_pixels(dataset, read.transfer_syntax)
    blank_regions(dataset, read.transfer_syntax, profile.blank)
    cleaning = Cleaning(profile, keyed, str(dataset.get("SOPClassUID") or ""), patient_of(dataset))
    tokens = identifiers(dataset, profile)
    cleaning.clean(dataset)
    scrub(dataset, tokens, cleaning.done)
    _say_how(dataset, profile)
    content = _write(dataset, read)
    series, instance = _first(dataset, _SERIES), _first(dataset, _SOP)
    return Cleaned(content, cleaning.done, cleaning.uids, series, instance, held)


def patient_of(dataset: Any) -> str:
    """Return by what a patient is told apart: id, else study, else the instance."""
    for tag in (PATIENT_ID, _STUDY, _SOP):
        found = _first(dataset, tag)
        if found:
            return f"{tag:08x}:{found}"
    return ""


def _say_how(dataset: Any, profile: Profile) -> None:
    """Set what PS3.15 E.1.1 asks for: that, how and with which options it was de-identified."""
    from pydicom.dataset import Dataset

    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = METHOD
    codes = [("113100", "Basic Application Confidentiality Profile")]
    if profile.blank and "PixelData" in dataset:
        codes.append(("113101", "Clean Pixel Data Option"))
        dataset.BurnedInAnnotation = "NO"
    codes += [OPTIONS[name] for name in OPTIONS if name in profile.retain]
    items = []
    for value, meaning in codes:
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
        items.append(item)
    dataset[_METHOD_CODES] = _sequence(items)
    dataset.LongitudinalTemporalInformationModified = temporal(profile)


def temporal(profile: Profile) -> str:
    """Return the value of LongitudinalTemporalInformationModified (0028,0303)."""
    if "dates" in profile.retain:
        return "UNMODIFIED"
    return "MODIFIED" if "modified-dates" in profile.retain else "REMOVED"


def _sequence(items: list[Any]) -> Any:
    from pydicom.dataelem import DataElement

    return DataElement(_METHOD_CODES, "SQ", items)


def _write(dataset: Any, read: Instance) -> bytes:
    """Write with a new header and an empty preamble; pixels stay as they are, byte for byte."""
    import pydicom
    from pydicom.dataset import FileMetaDataset

    meta: Any = FileMetaDataset()
    if "SOPClassUID" in dataset:
        meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    if "SOPInstanceUID" in dataset:
        meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = read.transfer_syntax
    meta.ImplementationClassUID = IMPLEMENTATION_UID
    meta.ImplementationVersionName = "DIPTYCH"
    dataset.file_meta, dataset.preamble = meta, bytes(128)
    whole = "SOPClassUID" in dataset and "SOPInstanceUID" in dataset
    target = BytesIO()
    try:
        if read.transfer_syntax != IMPLICIT and any(
            dataset.get_item(tag).VR is None for tag in tags_of(dataset)
        ):
            for _ in dataset.iterall():  # decode all: raw values would keep the wrong encoding
                pass
        pydicom.dcmwrite(target, dataset, enforce_file_format=whole)
    except RecursionError as error:
        raise Refused("too-deep", "sequences are nested too deeply") from error
    except Exception as error:  # values that pydicom itself cannot encode again
        raise Refused(
            "unwritable", f"it cannot be written again: {type(error).__name__}"
        ) from error
    return target.getvalue()


def _first(dataset: Any, tag: int) -> str:
    if tag not in dataset:
        return ""
    return next((one.strip() for one in texts_of(dataset, tag)), "")
