"""scikit-learn estimators read by skops: `predict`, and `predict_proba` where there is one."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from diptych.models.card.parts import Port
from diptych.models.errors import BadInput, BadModelFile
from diptych.models.formats.skops_file import load_skops
from diptych.models.runtime.inputs import ANY
from diptych.models.runtime.runner import Arrays

if TYPE_CHECKING:
    from numpy.typing import NDArray

INPUT = "X"
MAX_COLUMNS = 100
"""An estimator that was fitted on a table of more named columns takes them as one matrix."""
_MAX_NAME = 300


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
        self._columns = [str(one) for one in getattr(self._estimator, "feature_names_in_", ())]
        self.inputs = _inputs(self._estimator, self._columns)
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
            given = self._given(inputs)
            found = {"prediction": np.asarray(self._estimator.predict(given))}
            if len(self.outputs) > 1:
                found["probability"] = np.asarray(self._estimator.predict_proba(given))
        except (ValueError, TypeError) as error:
            raise BadInput(f"the model cannot take this input: {error}") from None
        return found

    def _given(self, inputs: Arrays) -> Any:
        """Return what the estimator was fitted on: a matrix, texts, or a table of its columns."""
        if not self._columns:
            return inputs[INPUT]
        import pandas as pd

        if INPUT in inputs and len(self.inputs) == 1 and self.inputs[0].dtype != ANY:
            return pd.DataFrame(inputs[INPUT], columns=self._columns)
        return pd.DataFrame({name: inputs[name] for name in self._columns})


def _inputs(estimator: Any, columns: list[str]) -> tuple[Port, ...]:
    """Return one input per named column of the table it was fitted on, else a single one."""
    named = all(0 < len(one) <= _MAX_NAME for one in columns)
    if 0 < len(columns) <= MAX_COLUMNS and named and len(set(columns)) == len(columns):
        return tuple(Port(name, ANY, (None,)) for name in columns)
    if _takes_text(estimator):
        return (Port(INPUT, "string", (None,)),)
    return (Port(INPUT, "float64", (None, getattr(estimator, "n_features_in_", None))),)


def _takes_text(estimator: Any) -> bool:
    """Tell whether the first step is a vectorizer, as its tags say."""
    while getattr(estimator, "steps", None):
        estimator = estimator.steps[0][1]
    tags = getattr(estimator, "__sklearn_tags__", None)
    return tags is not None and bool(tags().input_tags.string)
