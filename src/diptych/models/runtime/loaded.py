"""A model that passed every check: run it, read its card, see the evidence."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

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
        must_record: the licence makes a record of each use a duty.
        limited: the licence limits how often.
    """

    verified: Evidence
    alias: str = ""
    moved_by: str = ""
    approvals: tuple[tuple[str, str], ...] = ()
    licence: str = "no licence is stated"
    size: int = 0
    must_record: bool = False
    limited: bool = False

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


class Meter(Protocol):
    """Asks the licence before a use and records it afterwards."""

    def permit(self, licensee: str = "") -> Callable[[int], None]:
        """Return what records a use of so many units; raise if the licence refuses it."""
        ...


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
    _meter: Meter | None = field(repr=False, default=None)

    @property
    def inputs(self) -> tuple[Port, ...]:
        """What it takes; empty for weights alone."""
        return self._runner.inputs if self._runner is not None else ()

    @property
    def outputs(self) -> tuple[Port, ...]:
        """What it gives; empty for weights alone."""
        return self._runner.outputs if self._runner is not None else ()

    def predict(self, inputs: Any, *, licensee: str = "") -> "dict[str, NDArray[Any]]":
        """Run the model; the use is recorded with the rows of the answer as its units.

        Args:
            inputs: arrays by name; a bare array for a model with one input.
            licensee: key id or name of who uses it, where that is not who loaded it; the licence
                is asked on its behalf.

        Raises:
            BadInput: a name, type or shape does not fit.
            NotRunnable: only weights were published.
            LicenceRefused: the licence does not allow the licensee this use.
            UsageNotRecorded: the licence makes a record a duty, and it cannot be written.
        """
        runner = require_runner(self._runner, self.name)
        checked = checked_inputs(runner.inputs, inputs)
        used = self._meter.permit(licensee) if self._meter is not None else None
        outputs = runner.run(checked)
        if used is not None:
            used(rows_of(outputs))
        return outputs

    def tensors(self, *, licensee: str = "") -> "dict[str, NDArray[Any]]":
        """Return the values of all tensors by name; 16-bit brain floats come as their bits.

        Recorded as one unit; errors of the licence as `predict`.
        """
        if self._meter is not None:
            self._meter.permit(licensee)(1)
        return {name: array for name, (_, array) in read_tensors(self.files.content).items()}


def rows_of(outputs: "dict[str, NDArray[Any]]") -> int:
    """Return for how many rows a model answered."""
    return max((len(array) for array in outputs.values() if array.ndim), default=1)
