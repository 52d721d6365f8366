"""Check a cleaned file against its original: was the action of every attribute applied?

This is written apart from `cleaning`: it shares the table, the lists of words and of safe private
attributes, and nothing else.
"""

import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from diptych.data.imaging.errors import NotClean
from diptych.data.imaging.formats import is_formed
from diptych.data.imaging.frames import COMPRESSED
from diptych.data.imaging.judging import Judge
from diptych.data.imaging.outside import PIXELS, WAVEFORM, content_action
from diptych.data.imaging.profile import Profile
from diptych.data.imaging.reading import tags_of, undecodable
from diptych.data.imaging.residual import find_residuals
from diptych.data.imaging.scrubbing import holds
from diptych.data.imaging.table import load_table
from diptych.data.imaging.tokens import identifiers

_META = {0x00020000, 0x00020001, 0x00020002, 0x00020003, 0x00020010, 0x00020012, 0x00020013}
_ADDED = {0x00120062, 0x00120063, 0x00120064, 0x00280303, 0x00280301}


@dataclass(frozen=True)
class CheckedFile:
    """What was checked: attributes of the original, and those the table names."""

    attributes: int
    in_table: int


def verify_cleaned(original: bytes, cleaned: bytes, profile: Profile) -> CheckedFile:
    """Check a cleaned file against its original.

    Args:
        original: bytes of the file before.
        cleaned: bytes of the file after.
        profile: under which it was cleaned.

    Returns:
        How much was checked.

    Raises:
        NotClean: naming the attributes whose action was not applied; never a value.
        Refused: a value of one of them cannot be decoded.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before, after = _read(original), _read(cleaned)
        check = _Check(profile)
        with undecodable():
            check.values = [value for _, value in identifiers(before, profile)]
            check.zeroed |= before.file_meta.get("TransferSyntaxUID") in COMPRESSED
            check.header(cleaned, after)
            check.level(before, after, "")
            check.said(after)
            left = find_residuals(before, cleaned, profile)
    faults = [*check.faults, *(f"a value of {one} is still in the file" for one in left)]
    if faults:
        raise NotClean(
            f"{faults[0]}" + (f" and {len(faults) - 1} more" if len(faults) > 1 else ""),
            hint="keep the file back and report what attribute it was",
            faults=list(faults[:100]),
        )
    return CheckedFile(check.attributes, check.in_table)


def _read(raw: bytes) -> Any:
    import pydicom

    try:
        return pydicom.dcmread(BytesIO(raw), force=True)
    except Exception as error:
        raise NotClean(f"it cannot be read again: {type(error).__name__}") from error


class _Check:
    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.judge = Judge(profile)
        self.table = load_table()
        self.faults: list[str] = []
        self.attributes = 0
        self.in_table = 0
        self.values: list[str] = []
        self.zeroed = bool(profile.blank)

    def header(self, raw: bytes, after: Any) -> None:
        if raw[:128] != bytes(128) or raw[128:132] != b"DICM":
            self.faults.append("the preamble is not empty")
        meta = after.file_meta
        extra = set(tags_of(meta)) - _META
        self.faults += [f"header element {tag:08x} is still there" for tag in sorted(extra)]
        if meta.get("MediaStorageSOPInstanceUID") != after.get("SOPInstanceUID"):
            self.faults.append("MediaStorageSOPInstanceUID differs from SOPInstanceUID")

    def said(self, after: Any) -> None:
        for keyword, value in (("PatientIdentityRemoved", "YES"),):
            if after.get(keyword) != value:
                self.faults.append(f"{keyword} is not {value}")
        for keyword in ("DeidentificationMethod", "DeidentificationMethodCodeSequence"):
            if not after.get(keyword):
                self.faults.append(f"{keyword} is missing")
        wanted = {"dates": "UNMODIFIED", "modified-dates": "MODIFIED"}
        said = [wanted[one] for one in sorted(self.profile.retain & wanted.keys())] or ["REMOVED"]
        if after.get("LongitudinalTemporalInformationModified") != said[0]:
            self.faults.append(f"LongitudinalTemporalInformationModified is not {said[0]}")

    def level(self, before: Any, after: Any, where: str) -> None:
        safe = self.judge.safe_private(before)
        for element in before:
            tag = int(element.tag)
            if not where and tag in _ADDED:
                continue
            self.attributes += 1
            asked = content_action(before, tag, self.profile.retain)
            allowed = ["K"] if tag in safe else [asked] if asked else []
            self._attribute(element, after.get(tag), f"{where}{_name(element)}", allowed)
        known = set(tags_of(before)) | (set() if where else _ADDED)
        for tag in sorted(set(tags_of(after)) - known):
            self.faults.append(f"{where}{tag:08x} is new")

    def _attribute(self, old: Any, new: Any, where: str, allowed: list[str]) -> None:
        nested = "." in where
        measured = int(old.tag) in (WAVEFORM if nested else PIXELS)
        if measured and new is not None:
            if not self._same_pixels(old.value or b"", new.value or b""):
                self.faults.append(f"{where}: its values changed")
            return
        allowed = allowed or self._allowed(old, nested=nested)
        if not is_formed(old.VR, old.value):
            allowed = [one for one in allowed if one not in {"K", "C"}] or ["D", "X"]
        if holds(old, self.values) and self.judge.applied("D", old, new):
            return  # it held what identifies somebody elsewhere in the file
        if not any(self.judge.applied(code, old, new) for code in allowed):
            self.faults.append(f"{where}: none of {', '.join(allowed)} was applied")
        elif new is not None and allowed != ["D"]:
            self._items(old, new, where, "D" in allowed)

    def _allowed(self, old: Any, *, nested: bool) -> list[str]:
        rule = self.table.find(int(old.tag))
        if rule is None:
            return self.judge.outside(old, nested=nested)
        self.in_table += 1
        return self.judge.allowed(rule, int(old.tag))

    def _same_pixels(self, old: bytes, new: bytes) -> bool:
        """Tell whether only the end was cut off, or bytes of a stream or a region made zero."""
        if new == old[: len(new)]:
            return True
        if not self.zeroed:
            return len(new) <= len(old) + 1 and new[:-1] == old[: len(new) - 1] and not new[-1]
        import numpy as np

        mine, theirs = (np.frombuffer(one[: len(new)], np.uint8) for one in (new, old))
        return len(new) <= len(old) and bool(((mine == theirs) | (mine == 0)).all())

    def _items(self, old: Any, new: Any, where: str, dummy: bool) -> None:
        """Look into the items of a sequence that stayed."""
        if old.VR != "SQ" or new.VR != "SQ" or not new.value:
            return
        if dummy and self.judge.is_dummy_sequence(new):
            return
        if len(old.value) != len(new.value):
            self.faults.append(f"{where}: items are missing")
            return
        for index, (before, after) in enumerate(zip(old.value, new.value, strict=True)):
            self.level(before, after, f"{where}[{index}].")


def _name(element: Any) -> str:
    from pydicom.datadict import keyword_for_tag

    return keyword_for_tag(element.tag) or f"{int(element.tag):08x}"
