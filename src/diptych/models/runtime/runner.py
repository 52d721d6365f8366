"""What every kind of model offers once it is loaded."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from diptych.models.card.parts import Port

if TYPE_CHECKING:
    from numpy.typing import NDArray

Arrays = Mapping[str, "NDArray[Any]"]


class Runner(Protocol):
    """A model in memory."""

    @property
    def inputs(self) -> tuple[Port, ...]:
        """What it takes."""
        ...

    @property
    def outputs(self) -> tuple[Port, ...]:
        """What it gives."""
        ...

    def run(self, inputs: Arrays) -> "dict[str, NDArray[Any]]":
        """Return the outputs by name for inputs that `checked_inputs` accepted."""
        ...
