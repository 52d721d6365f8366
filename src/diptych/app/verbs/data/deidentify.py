"""`data deidentify`: clean DICOM files, check each, and link both sides by commitments only."""

import hmac
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from diptych.app.verbs.data.held_images import Held, HeldFolder, review_key
from diptych.app.verbs.data.release import require_new
from diptych.app.verbs.names import require_name
from diptych.app.verbs.private import private_store
from diptych.app.verbs.run import Run
from diptych.app.verbs.run_outputs import Produced
from diptych.app.verbs.seal import NothingToSeal
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue
from diptych.core.files import make_folder, staged_folder, system_error, write_durably
from diptych.data.imaging import Cleaned, Keyed, Profile, Refused
from diptych.data.imaging.batch import Source, clean_file
from diptych.data.imaging.series import list_files
from diptych.provenance.activity.entry import Entry
from diptych.provenance.private.commitments import Field
from diptych.provenance.private.opened import open_fields
from diptych.provenance.private.seal import commit_private_fields

_PURPOSE = b"diptych-dicom-project/1\0"


@dataclass(frozen=True)
class Deidentifying:
    """How to de-identify.

    Attributes:
        profile: basic profile with options.
        name: of the cleaned data; by default that of the folder it is written to.
        project: files that share a project share new UIDs, offsets and pseudonyms.
        review: folder for images whose pixels may show text; None for one beside the output,
            with `-review` after its name.
        refuse_pixels: leave such images out instead of holding them back.
    """

    profile: Profile = field(default_factory=Profile)
    name: str | None = None
    project: str = ""
    review: Path | None = None
    refuse_pixels: bool = False


@dataclass(frozen=True)
class Deidentified:
    """What was done.

    Attributes:
        name: of the cleaned data.
        version: its number, 0 if nothing could be cleaned.
        record: hex id of its record, empty if nothing could be cleaned.
        run: hex id of the record of the run.
        original: hex id of the private seal of the originals.
        files: cleaned and checked, without those held back.
        held: cleaned and checked images that a person has to look at, in `review`.
        refused: path in the source, reason and message of each file that was left out.
        actions: how often which action was applied, by `keyword action`, held images included;
            never a value.
        mapping: root of what became what, kept in the private store; empty if nothing did.
        review: folder of the held images, empty if there are none.
    """

    name: str
    version: int
    record: str
    run: str
    original: str
    files: int
    refused: tuple[tuple[str, str, str], ...] = field(repr=False)
    actions: Mapping[str, int] = field(repr=False)
    mapping: str = ""
    held: tuple[Held, ...] = field(default=(), repr=False)
    review: str = ""

    @property
    def partial(self) -> bool:
        """Whether some files were refused or held back."""
        return bool(self.refused or self.held)

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data deidentify --json` shows."""
        refused: list[JsonValue] = [
            {"path": path, "reason": reason, "message": message}
            for path, reason, message in self.refused
        ]
        return {
            "name": self.name,
            "version": self.version,
            "record": self.record,
            "run": self.run,
            "original": self.original,
            "files": self.files,
            "partial": self.partial,
            "refused": refused,
            "held": [one.to_json() for one in self.held],
            "review": self.review,
            "actions": dict(self.actions),
            "mapping": self.mapping,
        }


@dataclass
class _Work:
    source: Path
    target: Path
    review: Path
    held: HeldFolder
    stage: Path = Path()
    review_placed: bool = False
    made: Produced | None = None
    files: int = 0
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    actions: Counter[str] = field(default_factory=Counter)
    mapping: list[Field] = field(default_factory=list)


def deidentify(
    workspace: Workspace, path: Path, to: Path, how: Deidentifying | None = None
) -> Deidentified:
    """Clean DICOM files into a new folder, check each, and log run and result.

    The originals are sealed privately; the cleaned files are sealed publicly with a `derivedFrom`
    edge to that seal. Which file became which is kept in the private store.

    A file that cannot be cleaned, or does not pass the check, is left out and named. An image whose
    pixels may show text is cleaned and checked as all others, and held back in a folder of its own
    until `data release`.

    Args:
        workspace: where the log stands.
        path: file, or folder of files.
        to: folder to write to, new or empty.
        how: profile, name and project.

    Raises:
        NothingToSeal: no such path.
        BadFolder: nothing to read, or the output or review folder is not empty or lies within
            another one.
        BadAssetName: the name is not one.
        KeyLocked: nothing unlocks the keys.
    """
    how = how or Deidentifying()
    name = how.name or (workspace.start / to).resolve().name
    require_name(name)
    run = Run(workspace, "deidentify", params=how.profile.to_json(), entry=Entry())
    review = how.review or _review_of(workspace, to)
    held = HeldFolder(run.id, review_key(workspace))
    work = _Work(workspace.start / path, workspace.start / to, workspace.start / review, held)
    _check_places(work, path)
    secret = hmac.digest(workspace.keys.private_key(), _PURPOSE + how.project.encode(), sha256)
    source = Source(how.profile, Keyed(secret), hold=not how.refuse_pixels)
    try:
        with run:
            original = run.use(path, private=True)
            _clean_all(workspace, work, source)
            if work.files:  # its record enters the log with that of the run, or neither does
                work.made = run.produce(to, version=name)
            mapping = _note(workspace, run, work)
    except BaseException:
        if work.made is not None and not work.made.record:
            shutil.rmtree(work.target, ignore_errors=True)  # the same command makes it again
        if work.review_placed and not (work.made and work.made.record):
            shutil.rmtree(work.review, ignore_errors=True)
        raise
    return Deidentified(
        name=name,
        version=0 if work.made is None else work.made.number,
        record="" if work.made is None else work.made.record,
        run=run.record,
        original=original.record,
        files=work.files,
        refused=tuple(work.refused),
        actions=dict(sorted(work.actions.items())),
        mapping=mapping,
        held=tuple(held.images),
        review=str(review) if held.images else "",
    )


def read_mapping(workspace: Workspace, mapping: str) -> list[Any]:
    """Return what became what: `from`, `to` and `uids` (old to new) of each file.

    Of an image that was held back `to` is its place in the review folder, and `held` is true.

    Args:
        workspace: where it was de-identified.
        mapping: root as in `Deidentified.mapping` and the notes of the run.

    Raises:
        PrivateErased: it was forgotten.
        PrivateMissing: it is not kept here.
        KeyLocked: nothing unlocks the keys.
    """
    with private_store(workspace) as private:
        return [value for _, value in open_fields(bytes.fromhex(mapping), private).fields]


def forget_mapping(workspace: Workspace, mapping: str) -> None:
    """Destroy what became what; the cleaned files and all proofs stay.

    Raises:
        PrivateMissing: it is not kept here.
    """
    with private_store(workspace) as private:
        private.erase(bytes.fromhex(mapping))


def _note(workspace: Workspace, run: Run, work: _Work) -> str:
    """Note what was done; return the root of what became what, empty if nothing did."""
    reasons: dict[str, JsonValue] = dict(Counter(reason for _, reason, _ in work.refused))
    run.note(files=work.files, partial=bool(reasons or work.held.images), refused=reasons)
    run.note(held=len(work.held.images))
    if not work.mapping:
        return ""
    with private_store(workspace) as private:
        mapping = commit_private_fields(work.mapping, private).root().hex()
    run.note(mapping=mapping)
    return mapping


def _check_places(work: _Work, path: Path) -> None:
    if not work.source.exists():
        raise NothingToSeal(f"there is no file or folder {path}")
    require_new(work.target, (work.source,))
    require_new(work.review, (work.source, work.target))


def _review_of(workspace: Workspace, to: Path) -> Path:
    named = to if to.name not in {"", ".."} else (workspace.start / to).resolve()
    return named.with_name(f"{named.name}-review")


def _clean_all(workspace: Workspace, work: _Work, source: Source) -> None:
    """Clean all files; both folders appear whole or not at all, that of held images first."""
    files = list_files(work.source)
    with staged_folder(work.target) as work.stage:
        with staged_folder(work.review, mode=0o700) as work.held.stage:
            with workspace.progress("de-identifying", total=len(files), unit="files") as task:
                for path in files:
                    _clean_one(work, path, source)
                    task.advance(1)
            work.held.close()
        work.review_placed = bool(work.held.images)


def _clean_one(work: _Work, path: Path, source: Source) -> None:
    inner = path.name if path == work.source else path.relative_to(work.source).as_posix()
    try:
        cleaned, place = clean_file(path, source)
    except Refused as refusal:
        work.refused.append((inner, refusal.reason, refusal.message))
        return
    if cleaned.held:
        work.held.add(cleaned, inner, place)
    else:
        _keep(work, cleaned, place)
    for (keyword, action), times in cleaned.done.items():
        work.actions[f"{keyword} {action}"] += times
    uids: dict[str, JsonValue] = dict(cleaned.uids)
    said: dict[str, JsonValue] = {"from": inner, "to": place, "uids": uids}
    if cleaned.held:
        said["held"] = True
    work.mapping.append((f"file/{len(work.mapping) + 1}", said))


def _keep(work: _Work, cleaned: Cleaned, place: str) -> None:
    target = work.stage / place
    try:
        make_folder(target.parent)
    except OSError as error:
        raise system_error(error) from error
    write_durably(target, cleaned.content)
    work.files += 1
