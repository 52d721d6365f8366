"""Ancestry by tensor overlap: is a model a copy or a fine-tune of another?

Two kinds of evidence. Tensors with the same type, shape and bytes count by their number of values,
whatever they are called: a tensor of many trained values is never identical by chance. Where
everything was trained on, no tensor is identical, but tensors of one name and shape stay close: the
cosine of their differences from the mean tells a continued training from a new start.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

from diptych.core.errors import JsonValue
from diptych.models.tensors.tree import TensorTree, parameter_count
from diptych_verify.tensors import TensorLeaf

if TYPE_CHECKING:
    from numpy.typing import NDArray

MIN_FLOATS = 4
MIN_INTEGERS = 16
"""Smaller tensors are identical by chance: scalars, axes, sizes."""
_MAX_CONSTANT = 1 << 20
COPY, FINE_TUNE, RETRAINED, SAME_SHAPE, UNRELATED = (
    "copy",
    "fine-tune",
    "trained on",
    "same architecture",
    "unrelated",
)
_CLOSE = 0.5
_COPY_SHARE = 0.999


@dataclass(frozen=True)
class Comparison:
    """What two models have in common.

    Attributes:
        verdict: `copy` (all tensors identical), `fine-tune` (some identical), `trained on` (none
            identical, but close), `same architecture` (shapes only) or `unrelated`.
        identical: pairs (name there, name here) of identical tensors.
        share: of the values of the newer model that stand in identical tensors, 0 to 1.
        closeness: cosine between tensors of the same name and shape, weighted by values; None
            where the values were not compared.
    """

    verdict: str
    identical: tuple[tuple[str, str], ...]
    share: float
    closeness: float | None = None

    def to_json(self) -> dict[str, JsonValue]:
        """Return the comparison as `--json` prints it."""
        return {
            "verdict": self.verdict,
            "identical": [list(pair) for pair in self.identical],
            "share": round(self.share, 6),
            "closeness": None if self.closeness is None else round(self.closeness, 6),
        }


Values = Mapping[str, "tuple[str, NDArray[Any]]"]


def compare_trees(newer: TensorTree, older: TensorTree) -> Comparison:
    """Compare two tensor lists; needs no values.

    Args:
        newer: the model in question.
        older: the one that it may come from.
    """
    there: dict[tuple[str, tuple[int, ...], bytes], list[str]] = {}
    for leaf in older.leaves:
        there.setdefault((leaf.dtype, leaf.shape, leaf.sha256), []).append(leaf.name)
    pairs = []
    common = total = 0
    for leaf in newer.leaves:
        if not _counts(leaf):
            continue
        count = parameter_count(leaf)
        total += count
        names = there.get((leaf.dtype, leaf.shape, leaf.sha256))
        if names and not _is_constant(leaf):
            pairs.append((_best(leaf.name, names), leaf.name))
            common += count
    share = common / total if total else 0.0
    verdict = UNRELATED
    if share >= _COPY_SHARE:
        verdict = COPY
    elif share > 0:
        verdict = FINE_TUNE
    elif total and _shapes(newer) == _shapes(older):
        verdict = SAME_SHAPE
    return Comparison(verdict, tuple(pairs), share)


def compare_values(newer: Values, older: Values, found: Comparison) -> Comparison:
    """Add closeness to a comparison that found no identical tensors.

    Args:
        newer: dtype and values by name.
        older: likewise.
        found: from `compare_trees`.
    """
    import numpy as np

    weighted = values = 0.0
    for name, (_, array) in newer.items():
        other = older.get(name)
        fits = other is not None and other[1].shape == array.shape and array.dtype.kind == "f"
        if other is None or not fits or array.size < MIN_FLOATS:
            continue
        one, two = (np.asarray(part, dtype=np.float64).ravel() for part in (array, other[1]))
        one, two = one - one.mean(), two - two.mean()
        length = float(np.linalg.norm(one) * np.linalg.norm(two))
        if length > 0:
            weighted += array.size * float(one @ two) / length
            values += array.size
    if not values:
        return found
    closeness = weighted / values
    verdict = found.verdict
    # By chance the cosine of n values is about 1/sqrt(n): few values prove nothing.
    enough = max(_CLOSE, 6 / sqrt(values))
    if verdict in (SAME_SHAPE, UNRELATED) and closeness >= enough:
        verdict = RETRAINED
    return Comparison(verdict, found.identical, found.share, closeness)


def _best(name: str, names: list[str]) -> str:
    return name if name in names else names[0]


def _shapes(tree: TensorTree) -> Counter[tuple[str, tuple[int, ...]]]:
    return Counter((leaf.dtype, leaf.shape) for leaf in tree.leaves if _counts(leaf))


def _counts(leaf: TensorLeaf) -> bool:
    least = MIN_FLOATS if "float" in leaf.dtype else MIN_INTEGERS
    return parameter_count(leaf) >= least


def _is_constant(leaf: TensorLeaf) -> bool:
    """Tell whether a tensor is all zeros or all ones, as untrained ones are in any model."""
    import numpy as np

    count = parameter_count(leaf)
    if count > _MAX_CONSTANT or leaf.dtype not in ("float16", "float32", "float64"):
        return False
    zeros = np.zeros(count, dtype=leaf.dtype)
    return leaf.sha256 in {
        hashlib.sha256(values.tobytes()).digest() for values in (zeros, zeros + 1)
    }
