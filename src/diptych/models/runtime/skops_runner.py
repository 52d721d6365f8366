"""scikit-learn estimators read by skops: `predict`, and `predict_proba` where there is one."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from diptych.models.card.parts import Port
from diptych.models.errors import BadInput, BadModelFile
from diptych.models.formats.skops_file import load_skops
from diptych.models.runtime.runner import Arrays

if TYPE_CHECKING:
    from numpy.typing import NDArray

INPUT = "X"


class SkopsRunner:
    """An estimator in memory."""

    def __init__(self, path: str, raw: bytes, *, trusted: Iterable[str] = ()) -> None:
        """Build the estimator from trusted classes.

        Raises:
            UntrustedTypes: it holds classes that are not trusted.
            BadModelFile: it is no estimator that predicts.
        """
        self._estimator = load_skops(raw, where=path, trusted=trusted)
        if not hasattr(self._estimator, "predict"):
            kind = type(self._estimator).__name__
            raise BadModelFile(f"'{path}' holds a {kind}, expected an estimator with predict")
        columns = getattr(self._estimator, "n_features_in_", None)
        self.inputs: tuple[Port, ...] = (Port(INPUT, "float64", (None, columns)),)
        self.outputs: tuple[Port, ...] = (Port("prediction", "any", (None,)),)
        if hasattr(self._estimator, "predict_proba"):
            self.outputs += (Port("probability", "float64", (None, None)),)

    def run(self, inputs: Arrays) -> "dict[str, NDArray[Any]]":
        """Return prediction and, where there is one, probability by class.

        Raises:
            BadInput: the estimator refuses these values.
        """
        import numpy as np

        try:
            found = {"prediction": np.asarray(self._estimator.predict(inputs[INPUT]))}
            if len(self.outputs) > 1:
                found["probability"] = np.asarray(self._estimator.predict_proba(inputs[INPUT]))
        except (ValueError, TypeError) as error:
            raise BadInput(f"the model cannot take this input: {error}") from None
        return found
