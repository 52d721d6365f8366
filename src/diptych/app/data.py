"""`book.data`: what can be done with data; each verb is imported when first used."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diptych.app.verbs.data.add import Added
    from diptych.app.sensors import SensorVerbs
    from diptych.app.workspace import Workspace


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
