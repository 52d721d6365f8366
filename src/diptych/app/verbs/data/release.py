"""`data release`: publish images that were held back, after a person has looked at them."""

import re
import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from pathlib import Path

from diptych.app.verbs.data.held_images import review_key
from diptych.app.verbs.names import require_name
from diptych.app.verbs.records import record_at
from diptych.app.verbs.run import Run
from diptych.app.verbs.run_outputs import RUN_LABEL
from diptych.app.verbs.runs import LoggedRun, outputs_of, read_run
from diptych.app.verbs.seal import build_options
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue
from diptych.core.files import make_folder, staged_folder, system_error, write_durably
from diptych.data.imaging import BadFolder, Profile
from diptych.data.imaging.errors import BadReview, ReviewChanged
from diptych.data.imaging.reading import Limits
from diptych.data.imaging.review import LIST_NAME, HeldImage, ReviewList
from diptych.data.imaging.series import list_files
from diptych.provenance.activity.entry import Entry
from diptych.provenance.manifest import build_manifest

_PLACE = re.compile(r"[0-9A-Za-z-][0-9A-Za-z.-]*/[0-9A-Za-z-][0-9A-Za-z.-]*\.dcm")
_MAX_LIST_BYTES = 1 << 27


@dataclass(frozen=True)
class Releasing:
    """What a person answers for.

    Attributes:
        reason: who looked and when; it is recorded.
        only: numbers of the images that show no text.
        without: instead of it: all that the page shows whole, but not these numbers.
        name: of the released data; by default that of the folder it is written to.
        rest: the cleaned folder of the same run, whose files are taken along, so that one version
            has all; None for the released images alone.
    """

    reason: str
    only: Collection[int] | None = None
    without: Collection[int] | None = None
    name: str | None = None
    rest: Path | None = None


@dataclass(frozen=True)
class Released:
    """What was done.

    Attributes:
        name: of the released data.
        version: its number.
        record: hex id of its record.
        run: hex id of the record of this run.
        held_by: hex id of the record of the run that held the images back.
        files: released.
        held: that stay held back.
        taken: files of the cleaned folder that were taken along.
    """

    name: str
    version: int
    record: str
    run: str
    held_by: str
    files: int
    held: int
    taken: int = 0

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data release --json` shows."""
        return {
            "name": self.name,
            "version": self.version,
            "record": self.record,
            "run": self.run,
            "held_by": self.held_by,
            "files": self.files,
            "held": self.held,
            "taken": self.taken,
        }


def release(workspace: Workspace, review: Path, to: Path, how: Releasing) -> Released:
    """Write held images to a new folder, unchanged, and log who looked.

    Only bytes that `deidentify` cleaned, checked and tagged in this workspace are taken.

    Args:
        workspace: where the images were de-identified.
        review: folder of the held images.
        to: folder to write to, new or empty.
        how: reason, choice and name.

    Raises:
        BadReview: it is no such folder, of another workspace, or a number is not in it.
        ReviewChanged: an image, or the cleaned folder, is not what was cleaned and checked.
        BadProfile: the reason is too short.
        BadFolder: `to` is not empty or lies within `review`.
        BadAssetName: the name is not one.
        KeyLocked: nothing unlocks the keys.
    """
    folder, target = workspace.start / review, workspace.start / to
    name = how.name or target.resolve().name
    require_name(name)
    Profile(pixels_accepted=how.reason or "-")  # too short a reason is refused here, too
    rest = None if how.rest is None else workspace.start / how.rest
    require_new(target, (folder,) if rest is None else (folder, rest))
    listed = _read_list(folder)
    chosen = listed.chosen(how.only, how.without)
    held_by = _run_of(workspace, listed.run)
    key = review_key(workspace)
    params = {"reason": how.reason, "held_by": held_by.record.record}
    made, taken = None, 0
    run = Run(workspace, "release-images", params=params, entry=Entry())
    try:
        with run:
            run.use(held_by.document.inputs[0].record)
            if rest is not None:
                run.use(_require_published(workspace, rest, held_by))
            with staged_folder(target) as stage:
                taken = 0 if rest is None else _copy_published(rest, stage)
                for one in chosen:
                    _copy(folder, stage, one, (listed.run, key))
            made = run.produce(to, version=name)
            run.note(files=len(chosen), held=len(listed.images) - len(chosen), taken=taken)
    except BaseException:
        if made is not None and not made.record:
            shutil.rmtree(target, ignore_errors=True)  # the same command makes it again
        raise
    left = len(listed.images) - len(chosen)
    return Released(
        *(name, made.number, made.record, run.record, held_by.record.record),
        *(len(chosen), left, taken),
    )


def require_new(target: Path, others: Sequence[Path]) -> None:
    """Refuse a folder to write to that is not empty, or mixes with others.

    Raises:
        BadFolder: naming what is wrong.
    """
    place = target.resolve()
    for other in (one.resolve() for one in others):
        if place.is_relative_to(other) or other.is_relative_to(place):
            raise BadFolder("got a folder within another one of this command, expected one beside")
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise BadFolder(f"{target.name!a} is not an empty folder", hint="name a new one")


def _read_list(folder: Path) -> ReviewList:
    path = folder / LIST_NAME
    try:
        if not path.is_file() or path.stat().st_size > _MAX_LIST_BYTES:
            raise BadReview(
                f"there is no {LIST_NAME} in {folder.name!a}",
                hint="name the folder that deidentify wrote, for example shared-review",
            )
        return ReviewList.parse(path.read_bytes())
    except OSError as error:
        raise system_error(error) from error


def _run_of(workspace: Workspace, run: str) -> LoggedRun:
    with workspace.read_log() as log:
        index = log.label(f"{RUN_LABEL}{run}")
        record = None if index is None else record_at(log, index)
    found = None if record is None else read_run(workspace, record)
    if found is None or found.document.activity != "deidentify" or not found.document.inputs:
        raise BadReview(
            "the run that held these images back is not in this workspace",
            hint="release them where they were de-identified",
        )
    return found


def _require_published(workspace: Workspace, folder: Path, held_by: LoggedRun) -> str:
    """Return the record of the cleaned folder if it is still what the run published."""
    if not folder.is_dir():
        raise BadFolder(f"there is no folder {folder.name!a}")
    root = build_manifest(folder, workspace.objects, build_options(workspace, store=False))
    if root.summary.root.hex() in {one.root for one in held_by.document.outputs}:
        with workspace.read_log() as log:
            for made in outputs_of(log, held_by.record):
                return made.record
    raise ReviewChanged(
        f"{folder.name!a} is not what the run published that held these images back",
        hint="name the folder that deidentify wrote with --to",
    )


def _copy_published(folder: Path, stage: Path) -> int:
    places = [one.relative_to(folder).as_posix() for one in list_files(folder)]
    taken = [place for place in places if _PLACE.fullmatch(place)]
    for place in taken:
        try:
            content = (folder / place).read_bytes()
            make_folder((stage / place).parent)
        except OSError as error:
            raise system_error(error) from error
        write_durably(stage / place, content)
    return len(taken)


def _copy(folder: Path, stage: Path, one: HeldImage, under: tuple[str, bytes]) -> None:
    """Copy one image if it is what was cleaned and checked."""
    source, target = folder / one.place, stage / one.place
    try:
        fits = _PLACE.fullmatch(one.place) and source.is_file()
        content = b""
        if fits and source.stat().st_size <= 2 * Limits().size_bytes:
            content = source.read_bytes()
        if not compare_digest(one.tagged(under[0], content, under[1]).tag, one.tag):
            raise ReviewChanged(
                f"image {one.number} is not what was cleaned and checked, or its entry in "
                f"{LIST_NAME} was changed",
                hint="de-identify the originals again",
            )
        make_folder(target.parent)
    except OSError as error:
        raise system_error(error) from error
    write_durably(target, content)
