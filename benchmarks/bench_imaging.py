"""De-identification: every DICOM file of the shared data and of pydicom, us and dicom-anonymizer.

Our figures are those of the default: images whose pixels may show text are cleaned and checked as
all others, and held back; rows of their own say how many were published at once and how many held.
The check of the result is part of our time.
"""

import hashlib
import json
import statistics
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom

from diptych.core.errors import DiptychError
from diptych.data.imaging import Keyed, NotClean, Profile, Refused, clean_instance, verify_cleaned
from diptych.data.imaging.pictures import draw_picture
from diptych.data.imaging.reading import Limits, parse_instance
from diptych.data.imaging.residual import find_residuals
from diptych.data.imaging.table import OPTIONS
from harness import HERE, Row, arguments, peer_python, report, row, run_child

SHARED = HERE.parent.parent / "shared/data/trust/dicom"
PEER = "dicom-anonymizer 2.1.0"
ACCEPTED = Profile(pixels_accepted="test images that hold nobody's data")
KEYED = Keyed(b"benchmark secret, 32 bytes long.")
_DIRECTORY = 0x00041220


@dataclass
class Outcome:
    """What became of the files under one profile."""

    cleaned: dict[Path, bytes] = field(default_factory=dict)
    held: set[Path] = field(default_factory=set)
    reasons: Counter[str] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)
    faults: int = 0
    attributes: int = 0
    in_table: int = 0
    seconds: list[float] = field(default_factory=list)


def corpus() -> tuple[list[Path], list[Path]]:
    """Return the readable instances, once each, and the DICOMDIRs; the shared ones first."""
    data = Path(pydicom.__file__).parent / "data"
    folders = [SHARED, *(data / name for name in ("test_files", "charset_files", "palettes"))]
    seen: set[str] = set()
    instances: list[Path] = []
    directories: list[Path] = []
    for path in (one for folder in folders for one in sorted(folder.rglob("*"))):
        if not path.is_file() or path.suffix not in {".dcm", ""}:
            continue
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        kind = _kind(path)
        if digest in seen or not kind:
            continue
        seen.add(digest)
        (directories if kind == "directory" else instances).append(path)
    return instances, directories


def _kind(path: Path) -> str:
    """Return `directory`, `instance`, or nothing for what pydicom reads nothing from."""
    try:
        found = pydicom.dcmread(path, force=True)
        known = [one for one in found if one.keyword]
    except Exception:
        return ""
    if _DIRECTORY in found or path.name.startswith("DICOMDIR"):
        return "directory"
    return "instance" if known or (len(found) and path.suffix == ".dcm") else ""


def ours(files: list[Path], profile: Profile, target: Path) -> Outcome:
    """Clean, check and write each file."""
    result = Outcome()
    for number, path in enumerate(files):
        start_s = time.perf_counter()
        try:
            raw = path.read_bytes()
            made = clean_instance(parse_instance(raw, Limits()), profile, KEYED, hold=True)
            checked = verify_cleaned(raw, made.content, profile)
            (target / f"{number}.dcm").write_bytes(made.content)
        except Refused as refusal:
            result.reasons[refusal.reason] += 1
            continue
        except NotClean as error:
            result.faults += len(error.details.get("faults", [1]))  # type: ignore[arg-type]
            continue
        except DiptychError as error:
            result.unexplained.append(f"{path.name}: {error.code}")
            continue
        result.seconds.append(time.perf_counter() - start_s)
        result.attributes += checked.attributes
        result.in_table += checked.in_table
        result.cleaned[path] = made.content
        if made.held:
            result.held.add(path)
    return result


def theirs(files: list[Path], target: Path) -> tuple[dict[Path, bytes], list[float], list[str]]:
    """Let the peer do the same; return what it wrote, its times and its errors."""
    python = peer_python("dicom-anonymizer", PEER.replace(" ", "=="))
    pairs = [(str(path), str(target / f"{number}.dcm")) for number, path in enumerate(files)]
    listed = target / "files.json"
    listed.write_text(json.dumps(pairs), encoding="utf-8")
    spent = run_child([str(python), str(HERE / "imaging_anonymizer.py"), str(listed)])
    line = next(one for one in spent.output.splitlines() if one.startswith("RESULT "))
    written, seconds, errors = {}, [], []
    for path, (_, place), (took_s, error) in zip(files, pairs, json.loads(line[7:]), strict=True):
        if error or not Path(place).is_file():
            errors.append(f"{path.name}: {error or 'nothing written'}")
            continue
        seconds.append(took_s)
        written[path] = Path(place).read_bytes()
    return written, seconds, errors


def readable(written: dict[Path, bytes]) -> dict[Path, bytes]:
    """Return those that pydicom reads again, all elements decoded."""
    good = {}
    for path, raw in written.items():
        try:
            for _ in pydicom.dcmread(BytesIO(raw), force=True).iterall():
                pass
        except Exception:
            continue
        good[path] = raw
    return good


def telling(written: dict[Path, bytes]) -> list[str]:
    """Return the files in which a value that identifies is still there."""
    found = []
    for path, raw in written.items():
        try:
            before: Any = pydicom.dcmread(path, force=True)
            left = find_residuals(before, raw, Profile())
        except Exception:
            left = ["unreadable"]
        if left:
            found.append(f"{path.name}: {', '.join(left)}")
    return found


def changed(written: dict[Path, bytes]) -> list[str]:
    """Return the files whose pixels decode to something else than before."""
    found = []
    for path, raw in written.items():
        try:
            before = pydicom.dcmread(path, force=True).pixel_array
        except Exception:  # no pixels, or none that can be decoded here
            continue
        if (before != pydicom.dcmread(BytesIO(raw)).pixel_array).any():
            found.append(path.name)
    return found


def option_rows(files: list[Path], target: Path) -> Iterator[Row]:
    """Check every option, and all that go together."""
    sets = [frozenset({name}) for name in OPTIONS]
    sets += [frozenset(OPTIONS) - {"dates"}, frozenset(OPTIONS) - {"modified-dates"}]
    faults, checked = 0, 0
    for retain in sets:
        outcome = ours(files, Profile(retain, pixels_accepted=ACCEPTED.pixels_accepted), target)
        faults, checked = faults + outcome.faults, checked + outcome.attributes
    more = {"profiles": len(sets), "attributes": checked}
    yield row("attributes not as an option says", faults, "attributes", at_most=0, more=more)


def share_rows(files: list[Path], outcome: Outcome, good: dict[Path, bytes]) -> Iterator[Row]:
    """Say how many were cleaned: published at once, and held back."""
    held, whole = outcome.held & good.keys(), 0
    for path in held:
        picture = draw_picture(good[path])
        whole += picture is not None and picture.whole
    more: dict[str, Any] = {"files": len(files), "cleaned": len(good), "held": len(held)}
    more["refused"] = dict(outcome.reasons)
    share = 100 * len(good) / len(files)
    yield row("instances cleaned and re-readable", share, "%", at_least=95, more=more)
    share = 100 * len(good.keys() - held) / len(files)
    yield row("instances published without a look", share, "%")
    more = {"held": len(held), "shown whole": whole}
    yield row("instances held back for a look", 100 * len(held) / len(files), "%", more=more)
    lost = len(files) - len(outcome.cleaned) - sum(outcome.reasons.values())
    unsaid = {"files": outcome.unexplained}
    yield row("instances lost without a reason", lost, "files", at_most=0, more=unsaid)


def rows(quick: bool, folder: Path) -> Iterator[Row]:
    """Measure both sides on the same files."""
    instances, directories = corpus()
    shared = [one for one in instances if one.is_relative_to(SHARED)]
    files = shared if quick and shared else instances
    ours_at, theirs_at = folder / "ours", folder / "theirs"
    ours_at.mkdir()
    theirs_at.mkdir()
    outcome = ours(files, Profile(), ours_at)
    good = readable(outcome.cleaned)
    applied = 100 * (1 - outcome.faults / max(1, outcome.attributes + outcome.faults))
    more: dict[str, Any] = {"attributes": outcome.attributes, "in_table": outcome.in_table}
    yield row("attributes with the action of Table E.1-1", applied, "%", at_least=100, more=more)
    yield from share_rows(files, outcome, good)
    left = telling(good)
    more = {"files": left}
    what = "cleaned files with an identifying value left"
    yield row(what, len(left), "files", at_most=0, more=more)
    yield from option_rows(files, ours_at)
    accepted = ours(files, ACCEPTED, ours_at)
    same = accepted.cleaned == outcome.cleaned
    share = 100 * len(accepted.cleaned) / len(files)
    yield row("instances cleaned, pixels accepted", share, "%", more={"same bytes": same})
    yield row("cleaned images whose pixels differ", len(changed(good)), "files", at_most=0)
    refused = ours(directories, ACCEPTED, ours_at).reasons
    yield row("DICOMDIRs refused with advice", refused["dicomdir"], f"of {len(directories)}")
    yield from peer_rows(files, theirs_at, outcome, good)


def peer_rows(
    files: list[Path], target: Path, outcome: Outcome, good: dict[Path, bytes]
) -> Iterator[Row]:
    """Compare with the peer, for information."""
    written, seconds, errors = theirs(files, target)
    again = readable(written)
    share = 100 * len(good) / len(files)
    yield row(
        "cleaned and re-readable",
        share,
        "%",
        peer=100 * len(again) / len(files),
        peer_name=PEER,
        more={"peer_errors": errors},
    )
    left = telling(again)
    yield row(f"{PEER}: files with a value left", len(left), "files", more={"files": left})
    both = [one for one in (outcome.seconds, seconds) if one]
    yield row(
        "time per file, our check included (median)",
        1e3 * statistics.median(outcome.seconds),
        "ms",
        peer=1e3 * statistics.median(seconds) if len(both) == 2 else None,
        peer_name=PEER,
    )


def main() -> int:
    """Run and report."""
    asked = arguments(__doc__)
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        return report("imaging", list(rows(asked.quick, Path(folder))), asked)


if __name__ == "__main__":
    sys.exit(main())
