"""The models that come with diptych, published into the workspace's registry like any other."""

import json
from importlib.resources import as_file
from typing import Any

from diptych.app.verbs.model.load import load
from diptych.app.verbs.model.prepare import Publishing
from diptych.app.verbs.model.publish import Published, publish
from diptych.app.workspace import Workspace
from diptych.models.errors import NoSuchModel
from diptych.models.runtime.loaded import LoadedModel
from diptych.models.zoo import ZOO, ZooModel

ALIAS = "shipped"


def publish_zoo(workspace: Workspace) -> list[Published]:
    """Publish every shipped model unless its newest version is the same; safe to repeat."""
    return [_publish(workspace, one) for one in ZOO]


def load_zoo(workspace: Workspace, name: str) -> LoadedModel:
    """Return a shipped model through `load`, publishing it first if the registry lacks it.

    Raises:
        NoSuchModel: no model of that name is shipped.
        VerificationError: the registry's copy does not pass the checks.
    """
    shipped = {one.name: one for one in ZOO}
    if name not in shipped:
        raise NoSuchModel(f"got '{name}', expected one of {', '.join(shipped)}")
    published = _publish(workspace, shipped[name])
    return load(workspace, f"model/{name}@{published.version}")


def _publish(workspace: Workspace, one: ZooModel) -> Published:
    card: dict[str, Any] = json.loads((one.folder() / "card.json").read_text(encoding="utf-8"))
    with as_file(one.folder() / "model.onnx") as path:
        return publish(workspace, path, Publishing(one.name, card))
