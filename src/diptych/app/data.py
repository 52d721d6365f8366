"""`book.data`: what can be done with data; each verb is imported when first used."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from diptych.app.sensors import SensorVerbs
    from diptych.app.verbs.data.accesses import AccessLogged, ListedAccess
    from diptych.app.verbs.data.add import Added
    from diptych.app.verbs.data.catalogue import CatalogueMade
    from diptych.app.verbs.data.check import Checked
    from diptych.app.verbs.data.compare import Comparison
    from diptych.app.verbs.data.croissant import Imported
    from diptych.app.verbs.data.deidentify import Deidentified
    from diptych.app.verbs.data.describe import Exported
    from diptych.app.verbs.data.diff import VersionDiff
    from diptych.app.verbs.data.disclose import Disclosed, SubjectRows
    from diptych.app.verbs.data.erase import Erased
    from diptych.app.verbs.data.history import HistoryEntry
    from diptych.app.verbs.data.impact import Impact
    from diptych.app.verbs.data.import_openlineage import ImportedLineage
    from diptych.app.verbs.data.receive import Opening, Received
    from diptych.app.verbs.data.release import Released, Releasing
    from diptych.app.verbs.data.screen import Screened
    from diptych.app.verbs.data.share import ShareMade, Sharing
    from diptych.app.verbs.data.show import ShownVersion
    from diptych.app.workspace import Workspace
    from diptych.data.imaging import Profile
    from diptych.data.imaging.series import SeriesReport
    from diptych.data.tables import Cell


class DataVerbs:
    """The verbs of `diptych data` on one workspace.

    Args:
        workspace: where the log stands.
    """

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace

    def add(
        self,
        path: Path | str,
        *,
        name: str | None = None,
        private: bool = False,
        store: bool = False,
        derived_from: Sequence[str] = (),
        licence: str | None = None,
        attributed: Sequence[str] = (),
    ) -> "Added":
        """Seal a file or folder as the next version of a name; see `app.verbs.data.add`."""
        from diptych.app.verbs.data.add import Adding, add

        how = Adding(name, private, store, derived_from, licence, attributed)
        return add(self._workspace, Path(path), how)

    @property
    def sensors(self) -> "SensorVerbs":
        """Fleets of devices, their signed readings, and what is wrong with them."""
        from diptych.app.sensors import SensorVerbs

        return SensorVerbs(self._workspace)

    def show(self, what: str) -> "ShownVersion":
        """Return one version and its state; see `app.verbs.data.show`."""
        from diptych.app.verbs.data.show import show

        return show(self._workspace, what)

    def history(self, name: str, *, limit: int = 20) -> "list[HistoryEntry]":
        """Return the versions of a name, newest first; see `app.verbs.data.history`."""
        from diptych.app.verbs.data.history import history

        return history(self._workspace, name, limit=limit)

    def diff(
        self,
        old: str,
        new: str,
        *,
        old_path: Path | None = None,
        new_path: Path | None = None,
        key: Sequence[str] = (),
        inside: bool = True,
    ) -> "VersionDiff":
        """Return what changed between two versions; see `app.verbs.data.diff`."""
        from diptych.app.verbs.data.diff import Comparing, diff

        return diff(self._workspace, old, new, Comparing(old_path, new_path, key, inside))

    def impact(
        self,
        what: "Path | str | Mapping[str, Cell]",
        *,
        within: str | None = None,
        subject: bool = False,
        column: str | None = None,
        row: bool = False,
    ) -> "Impact":
        """Return the models that ever saw something; see `app.verbs.data.impact`.

        A mapping of columns to cells is a row.
        """
        from diptych.app.verbs.data.impact import Looking, impact

        given = str(what) if isinstance(what, Path) else what
        return impact(self._workspace, given, Looking(within, subject, column, row))

    def add_table(
        self,
        path: Path | str,
        *,
        name: str,
        subject: str | None,
        derived_from: Sequence[str] = (),
    ) -> "Added":
        """Seal a table privately, row by row; see `app.verbs.data.table`."""
        from diptych.app.verbs.data.table import seal_table

        return seal_table(
            self._workspace,
            Path(path),
            subject_column=subject,
            name=name,
            derived_from=derived_from,
        )

    def subjects(self, what: str) -> "list[SubjectRows]":
        """Return whose rows a private table still holds; see `app.verbs.data.disclose`."""
        from diptych.app.verbs.data.disclose import subjects

        return subjects(self._workspace, what)

    def disclose(
        self,
        what: str,
        subject: str,
        *,
        columns: Sequence[str] = (),
        leaves: Sequence[int] = (),
        **how: Any,
    ) -> "Disclosed":
        """Show fields of one subject of a table with proof; see `app.verbs.data.disclose`."""
        from diptych.app.verbs.data.disclose import disclose

        return disclose(self._workspace, what, subject, columns=columns, leaves=leaves, **how)

    def compare(self, what: str, path: Path | None = None) -> "Comparison":
        """Compare a table with its sealed version; see `app.verbs.data.compare`."""
        from diptych.app.verbs.data.compare import compare

        return compare(self._workspace, what, path)

    def erase(
        self,
        what: str,
        *,
        subjects: Sequence[str] = (),
        columns: Sequence[str] = (),
        leaves: Sequence[int] = (),
        everything: bool = False,
        everywhere: bool = False,
        remove_bundles: bool = False,
    ) -> "Erased":
        """Destroy keys, salts and payload of private data; see `app.verbs.data.erase`."""
        from diptych.app.verbs.data.erase import Erasing, erase

        how = Erasing(subjects, columns, leaves, everything, everywhere, remove_bundles)
        return erase(self._workspace, what, how)

    def screen(self, path: Path | str) -> "Screened":
        """Say which columns of a CSV file look like personal data."""
        from diptych.app.verbs.data.screen import screen

        return screen(self._workspace, Path(path))

    def check(self, what: Path | str, **how: Any) -> "Checked":
        """Check a table and log a signed report; see `app.verbs.data.check`.

        Args:
            what: reference to sealed data, or a path.
            **how: fields of `Checking`: `rules`, `label`, `group`, `subgroups`, `parent`, `train`,
                `test`, `file`, `path`, `log`.
        """
        from diptych.app.verbs.data.check import Checking, check

        return check(self._workspace, str(what), Checking(**how))

    def share(self, what: str, output: Path | str, how: "Sharing") -> "ShareMade":
        """Encrypt a version for recipients under terms; see `app.verbs.data.share`."""
        from diptych.app.verbs.data.share import share

        return share(self._workspace, what, Path(output), how)

    def receive(self, file: Path | str, to: Path | str, how: "Opening") -> "Received":
        """Open a share, verified first; see `app.verbs.data.receive`."""
        from diptych.app.verbs.data.receive import receive

        return receive(self._workspace, Path(file), Path(to), how)

    def add_receipt(self, receipt: Path | str) -> "AccessLogged":
        """Log the access that a recipient's receipt states; see `app.verbs.data.accesses`."""
        from diptych.app.verbs.data.accesses import add_receipt

        return add_receipt(self._workspace, Path(receipt))

    def accesses(self) -> "list[ListedAccess]":
        """Return all shares and accesses, oldest first; see `app.verbs.data.accesses`."""
        from diptych.app.verbs.data.accesses import list_accesses

        return list_accesses(self._workspace)

    def series(self, path: Path | str) -> "SeriesReport":
        """Report on DICOM series; see `app.verbs.data.series`."""
        from diptych.app.verbs.data.series import series

        return series(self._workspace, Path(path))

    def deidentify(
        self,
        path: Path | str,
        to: Path | str,
        *,
        profile: "Profile | None" = None,
        name: str | None = None,
        project: str = "",
        review: Path | str | None = None,
        refuse_pixels: bool = False,
    ) -> "Deidentified":
        """De-identify DICOM files into a new folder; see `app.verbs.data.deidentify`."""
        from diptych.app.verbs.data.deidentify import Deidentifying, deidentify
        from diptych.data.imaging import Profile

        at = None if review is None else Path(review)
        how = Deidentifying(profile or Profile(), name, project, at, refuse_pixels)
        return deidentify(self._workspace, Path(path), Path(to), how)

    def release(self, review: Path | str, to: Path | str, how: "Releasing") -> "Released":
        """Publish images that were held back, after a look; see `app.verbs.data.release`."""
        from diptych.app.verbs.data.release import release

        return release(self._workspace, Path(review), Path(to), how)

    def catalogue(
        self, folder: Path | str, *, only: Sequence[str] = (), title: str = "Data catalogue"
    ) -> "CatalogueMade":
        """Write a static public catalogue; see `app.verbs.data.catalogue`."""
        from diptych.app.verbs.data.catalogue import make_catalogue

        return make_catalogue(self._workspace, Path(folder), only=only, title=title)

    def export_croissant(
        self,
        what: str,
        target: Path | str,
        *,
        path: Path | None = None,
        cite_as: str = "",
        responsible: Path | None = None,
    ) -> "Exported":
        """Describe a version in Croissant; see `app.verbs.data.describe`."""
        from diptych.app.verbs.data.describe import export_croissant

        return export_croissant(
            *(self._workspace, what, Path(target)),
            path=path,
            cite_as=cite_as,
            responsible=responsible,
        )

    def import_croissant(
        self, path: Path | str, *, name: str | None = None, store: bool = False
    ) -> "Imported":
        """Seal what a Croissant description describes; see `app.verbs.data.croissant`."""
        from diptych.app.verbs.data.croissant import import_croissant

        return import_croissant(self._workspace, Path(path), name=name, store=store)

    def import_openlineage(
        self, path: Path | str, *, keep_messages: bool = False
    ) -> "ImportedLineage":
        """Take in what other systems reported; see `app.verbs.data.import_openlineage`."""
        from diptych.app.verbs.data.import_openlineage import import_openlineage

        return import_openlineage(
            self._workspace, Path(path), environ=os.environ, keep_messages=keep_messages
        )
