"""`diptych data deidentify` and `diptych data series`: DICOM images."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import ANY_PATH, FILE, FOLDER, REFERENCE
from diptych.core.errors import JsonValue, UsageError
from diptych_verify.wording import counted

if TYPE_CHECKING:
    from diptych.app.verbs.data.deidentify import Deidentified

_OPTIONS = (
    "uids",
    "device",
    "institution",
    "patient",
    "dates",
    "modified-dates",
    "descriptors",
    "content",
    "graphics",
    "private",
)
_SHOWN = 20
_PAGE = "review.html"
_MAX_BYTES = 1 << 20


class NoProfile(UsageError):
    """There is no profile file of at most 1 MiB."""

    code = "Imaging.NoProfile"


@click.command()
@click.argument("path", type=ANY_PATH)
@click.option("--to", type=FOLDER, required=True, help="New or empty folder to write to.")
@click.option("--name", type=REFERENCE, help="Name of the cleaned data; by default the folder's.")
@click.option(
    "--retain",
    multiple=True,
    type=click.Choice(_OPTIONS),
    help="Option of the profile (PS3.15 E.3); may be repeated.",
)
@click.option("--profile", type=FILE, help="JSON file with all of this.")
@click.option(
    "--blank", multiple=True, metavar="X,Y,W,H", help="Make this region black; may be repeated."
)
@click.option(
    "--accept-pixels", default="", metavar="REASON", help="Why pixels that may show text are fine."
)
@click.option("--pseudonyms", is_flag=True, help="Give patients keyed pseudonyms.")
@click.option(
    "--project", default="", metavar="NAME", help="Share new UIDs with this project's other files."
)
@click.option(
    "--review", type=FOLDER, help="Folder for images to be looked at; by default TO-review."
)
@click.option(
    "--refuse-pixels", is_flag=True, help="Refuse images that may show text; hold none back."
)
@framed
def deidentify(
    *,
    path: Path,
    to: Path,
    name: str | None,
    profile: Path | None,
    project: str,
    review: Path | None,
    refuse_pixels: bool,
    **options: Any,
) -> Output:
    """De-identify a DICOM file, or all in a folder, by PS3.15 Table E.1-1.

    Each cleaned file is read again and checked. Images whose pixels may show text are cleaned and
    held back in a folder of their own; `diptych data release` publishes them after a look.
    Exit code 1 says that some files were refused or held back; what could be cleaned is kept.

    Example: diptych data deidentify scans --to shared --name trial/ct
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.core.files import naming
    from diptych.data.imaging.profile import Profile, parse_profile, with_options

    base = Profile()
    if profile is not None:
        with naming(profile):
            base = parse_profile(_read(frame().folder / profile))
    reason = str(options.pop("accept_pixels"))
    done = open_workspace().data.deidentify(
        *(path, to),
        profile=with_options(base, options, reason),
        name=name,
        project=project,
        review=review,
        refuse_pixels=refuse_pixels,
    )
    return Output(done.to_json(), _text(done), exit_code=1 if done.partial else 0)


def _text(done: "Deidentified") -> str:
    lines = [f"cleaned and checked {counted(done.files, 'file')}"]
    if done.files:
        lines[0] += f" as {done.name}@{done.version}: record {done.record}"
    lines += [f"  {times:>6}  {action}" for action, times in done.actions.items()]
    lines += [f"refused {where!a}: {text} [{reason}]" for where, reason, text in done.refused]
    lines += [f"held back {one.path!a} as image {one.number}: {one.reason}" for one in done.held]
    if done.held:
        count = counted(len(done.held), "image")
        lines.append(
            f"{count} cleaned, checked and held back: look at {done.review}/{_PAGE}, then\n"
            f"diptych data release {shlex.quote(done.review)} --to FOLDER --reason 'who looked' "
            "--except NUMBERS"
        )
    return "\n".join(lines)


@click.command()
@click.argument("path", type=ANY_PATH)
@framed
def series(*, path: Path) -> Output:
    """Report on the DICOM series at or below PATH; exit code 1 if anything is odd.

    Nothing about them is written anywhere.

    Example: diptych data series scans
    """
    from diptych.app.cli.opening import open_workspace

    found = open_workspace().data.series(path)
    lines = []
    for one in found.series:
        text = "; ".join(one.findings) or "ok"
        lines.append(f"{one.modality or '-':>4}  {counted(one.files, 'file')}  {one.uid}  {text}")
    lines += [f"no DICOM: {name!a}" for name in found.unreadable[:_SHOWN]]
    if len(found.unreadable) > _SHOWN:
        lines.append(f"and {len(found.unreadable) - _SHOWN} more")
    data: dict[str, JsonValue] = {
        "series": [one.to_json() for one in found.series],
        "unreadable": list(found.unreadable),
        "sound": found.sound,
    }
    return Output(data, "\n".join(lines), exit_code=0 if found.sound else 1)


def _read(path: Path) -> bytes:
    if not path.is_file() or path.stat().st_size > _MAX_BYTES:
        raise NoProfile(f"there is no file {path.name!a} of at most {_MAX_BYTES:,} bytes")
    return path.read_bytes()
