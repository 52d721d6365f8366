"""Models that come with diptych: small ONNX files with cards, trained by scripts in training/."""

from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable


@dataclass(frozen=True)
class ZooModel:
    """One shipped model: its name in a registry, and the package that holds it."""

    name: str
    package: str

    def folder(self) -> Traversable:
        """Return where `model.onnx` and `card.json` stand."""
        return files(self.package)


ZOO = (
    ZooModel("diptych/columns", "diptych.models.zoo.columns"),
    ZooModel("diptych/audit", "diptych.models.zoo.audit"),
)
"""Every shipped model."""
