"""Group files by series and say what is odd: instances missing, duplicated, of other patients."""

import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diptych.core.errors import JsonValue
from diptych.data.imaging.errors import BadFolder

MAX_FILES = 200_000
_SHOWN = 20
_HEADER = (
    "PatientID",
    "PatientName",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "SOPInstanceUID",
    "InstanceNumber",
    "Modality",
    "FrameOfReferenceUID",
)


@dataclass(frozen=True)
class Series:
    """One series: `finding` texts name counts and numbers, never a person.

    Attributes:
        uid: SeriesInstanceUID, empty for files without one.
        modality: for example `CT`.
        files: how many.
        findings: what is odd.
    """

    uid: str = field(repr=False)
    modality: str
    files: int
    findings: tuple[str, ...]

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data series --json` shows."""
        return {
            "series": self.uid,
            "modality": self.modality,
            "files": self.files,
            "findings": list(self.findings),
        }


@dataclass(frozen=True)
class SeriesReport:
    """All series of a folder, and the files that are no DICOM."""

    series: tuple[Series, ...]
    unreadable: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is odd."""
        return not self.unreadable and not any(one.findings for one in self.series)


def list_files(path: Path) -> list[Path]:
    """Return the files at or below a path in order; links are not followed.

    Raises:
        BadFolder: there is nothing, or too much.
    """
    if path.is_file():
        return [path]
    found = sorted(one for one in path.rglob("*") if one.is_file() and not one.is_symlink())
    if not found:
        raise BadFolder(f"there is no file in {path.name!a}")
    if len(found) > MAX_FILES:
        raise BadFolder(f"got {len(found):,} files, expected up to {MAX_FILES:,} at a time")
    return found


def report_series(files: Iterable[Path], advance: Callable[[int], None]) -> SeriesReport:
    """Read the headers of files and report on each series.

    Args:
        files: in order.
        advance: is told of each file.
    """
    groups: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    unreadable = []
    for path in files:
        header = _header(path)
        advance(1)
        if header is None:
            unreadable.append(path.name)
        else:
            groups[header["SeriesInstanceUID"]].append(header)
    series = tuple(_series(uid, members) for uid, members in sorted(groups.items()))
    return SeriesReport(series, tuple(unreadable))


def _header(path: Path) -> dict[str, str] | None:
    import pydicom

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found: Any = pydicom.dcmread(
                path, stop_before_pixels=True, force=True, specific_tags=list(_HEADER)
            )
            header = {name: str(found.get(name) or "").strip() for name in _HEADER}
            return header if found.preamble or any(header.values()) else None
        except Exception:  # whatever pydicom meets, the file is no readable DICOM
            return None


def _series(uid: str, members: list[dict[str, str]]) -> Series:
    findings = [*_mixed(members), *_duplicated(members), *_missing(members)]
    if not uid:
        findings.append("no SeriesInstanceUID: these files cannot be grouped")
    return Series(uid, members[0]["Modality"], len(members), tuple(findings))


def _mixed(members: list[dict[str, str]]) -> list[str]:
    kinds = {
        "PatientID": "patients",
        "PatientName": "names of patients",
        "StudyInstanceUID": "studies",
        "Modality": "modalities",
        "FrameOfReferenceUID": "frames of reference",
    }
    counted = {name: len({one[name] for one in members}) for name in kinds}
    return [f"{number} {kinds[name]}" for name, number in counted.items() if number > 1]


def _duplicated(members: list[dict[str, str]]) -> list[str]:
    found = []
    for name, what in (("SOPInstanceUID", "instance UIDs"), ("InstanceNumber", "instance numbers")):
        times = Counter(one[name] for one in members if one[name])
        twice = sum(1 for number in times.values() if number > 1)
        if twice:
            found.append(f"{twice} {what} occur more than once")
    return found


def _missing(members: list[dict[str, str]]) -> list[str]:
    numbers = sorted({int(one["InstanceNumber"]) for one in members if _is_number(one)})
    if len(numbers) < 2 or numbers[-1] - numbers[0] > 1_000_000:
        return []
    absent = sorted(set(range(numbers[0], numbers[-1])) - set(numbers))
    if not absent:
        return []
    shown = ", ".join(str(one) for one in absent[:_SHOWN])
    return [f"{len(absent)} instances missing: {shown}" + (" …" if len(absent) > _SHOWN else "")]


def _is_number(header: dict[str, str]) -> bool:
    text = header["InstanceNumber"].removeprefix("-")
    return text.isascii() and text.isdigit() and len(text) < 10
