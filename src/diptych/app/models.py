"""`book.models`: what can be done with models; each verb is imported when first used."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from diptych.app.verbs.model.publish import Published
    from diptych.app.workspace import Workspace
    from diptych.models.registry.registry import Registry
    from diptych.models.runtime.loaded import LoadedModel


class ModelVerbs:
    """The verbs of `diptych model` on one workspace.

    Args:
        workspace: where the log stands.
    """

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace

    @cached_property
    def registry(self) -> "Registry":
        """What was read of the log so far; verbs let it catch up."""
        from diptych.models.registry.registry import Registry

        return Registry()

    def publish(
        self,
        path: Path | str,
        name: str,
        *,
        card: Mapping[str, Any] | Path | None = None,
        run: str | None = None,
        **references: Any,
    ) -> "Published":
        """Publish a model as the next version of a name; see `app.verbs.model.publish`.

        Args:
            path: file or folder of the model.
            name: of the model.
            card: members of its card, or a JSON file with them.
            run: hex id of the record of the run that made it.
            **references: further fields of `Publishing`: `trained_on`, `tested_on`,
                `fine_tuned_from`, `licence`, `contributors`, `store`, `trust`.
        """
        from diptych.app.verbs.model.prepare import Publishing
        from diptych.app.verbs.model.publish import publish

        asked = Publishing(name, card, **references)
        return publish(self._workspace, Path(path), asked, run=run)

    def load(self, what: str, **how: Any) -> "LoadedModel":
        """Check a model in every way there is and return it; see `app.verbs.model.load`.

        Args:
            what: NAME, NAME@3, NAME:alias, an index or a record id.
            **how: fields of `Loading`: `path`, `policy`, `actor`, `action`, `purpose`,
                `territory`, `approvals`, `trust`, `threads`.
        """
        from diptych.app.verbs.model.load import Loading, load

        return load(self._workspace, what, Loading(**how))

    def alias(self, what: str, alias: str) -> "Any":
        """Let an alias point to a version from now on; see `app.verbs.model.alias`."""
        from diptych.app.verbs.model.alias import set_alias

        return set_alias(self._workspace, what, alias)
