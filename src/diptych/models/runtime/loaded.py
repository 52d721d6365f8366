"""A model that passed every check: run it, read its card, see the evidence."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from diptych.core.errors import JsonValue
from diptych.models.card.parts import Port
from diptych.models.card.schema import Card
from diptych.models.folder import ModelFiles
from diptych.models.runtime.inputs import checked_inputs
from diptych.models.runtime.reading import read_tensors, require_runner
from diptych.models.runtime.runner import Runner
from diptych_verify.evidence import Evidence

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class LoadEvidence:
    """Why the model may be used.

    Attributes:
        verified: the five answers about its record.
        alias: through which it was named, empty if by version.
        moved_by: hex id of the alias record that decides, empty without alias.
        approvals: newest verdict by role.
        licence: clause and reason that allow the use.
        size: size of the log as of which it is not revoked and the alias not moved.
    """

    verified: Evidence
    alias: str = ""
    moved_by: str = ""
    approvals: tuple[tuple[str, str], ...] = ()
    licence: str = "no licence is stated"
    size: int = 0

    def to_json(self) -> dict[str, JsonValue]:
        """Return the evidence as `--json` prints it."""
        return {
            **self.verified.to_json(),
            "alias": self.alias,
            "alias_record": self.moved_by,
            "approvals": {role: verdict for role, verdict in self.approvals},
            "licence": self.licence,
            "as_of_size": self.size,
        }


@dataclass(frozen=True)
class LoadedModel:
    """A verified model.

    Attributes:
        name: of the model.
        version: its number.
        record: hex id of its record.
        card: as sealed.
        evidence: what was checked.
        files: the verified bytes.
    """

    name: str
    version: int
    record: str
    card: Card
    evidence: LoadEvidence
    files: ModelFiles = field(repr=False)
    _runner: Runner | None = field(repr=False, default=None)

    @property
    def inputs(self) -> tuple[Port, ...]:
        """What it takes; empty for weights alone."""
        return self._runner.inputs if self._runner is not None else ()

    @property
    def outputs(self) -> tuple[Port, ...]:
        """What it gives; empty for weights alone."""
        return self._runner.outputs if self._runner is not None else ()

    def predict(self, inputs: Any) -> "dict[str, NDArray[Any]]":
        """Run the model.

        Args:
            inputs: arrays by name; a bare array for a model with one input.

        Raises:
            BadInput: a name, type or shape does not fit.
            NotRunnable: only weights were published.
        """
        runner = require_runner(self._runner, self.name)
        return runner.run(checked_inputs(runner.inputs, inputs))

    def tensors(self) -> "dict[str, NDArray[Any]]":
        """Return the values of all tensors by name; 16-bit brain floats come as their bits."""
        return {name: array for name, (_, array) in read_tensors(self.files.content).items()}
