"""`data series`: which DICOM series a folder holds, and what is odd about them."""

from pathlib import Path

from diptych.app.verbs.seal import NothingToSeal
from diptych.app.workspace import Workspace
from diptych.data.imaging.series import SeriesReport, list_files, report_series


def series(workspace: Workspace, path: Path) -> SeriesReport:
    """Report on the series at or below a path; nothing about them is written anywhere.

    Raises:
        NothingToSeal: no such path.
        BadFolder: it holds no file.
    """
    source = workspace.start / path
    if not source.exists():
        raise NothingToSeal(f"there is no file or folder {path}")
    files = list_files(source)
    with workspace.progress("reading", total=len(files), unit="files") as task:
        return report_series(files, task.advance)
