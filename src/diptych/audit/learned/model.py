"""Runs the network: functions as arrays in, a logit by category and what carried it out."""

import functools
import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

from diptych.audit.graph.ops import Op
from diptych.audit.learned.features import RELATIONS, FunctionArrays
from diptych.models.runtime.onnx_library import onnx_library

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Answer", "Network"]

_BATCH_NODES = 4_000


@dataclass(frozen=True, eq=False)
class Answer:
    """What the network says of one function.

    Attributes:
        logits: by category, in the order of `CATEGORIES`.
        scores: of each node by category, shape (nodes, categories).
        shares: how much each node weighs in the function's logit, same shape; columns sum to 1.
        ops: the ops of the first nodes; nodes of variables follow.
    """

    logits: "NDArray[Any]"
    scores: "NDArray[Any]"
    shares: "NDArray[Any]"
    ops: tuple[Op, ...]

    @cached_property
    def _places(self) -> "NDArray[Any]":
        """Where the ops start and end, shape (2, ops)."""
        import numpy as np

        return np.array([[op.start for op in self.ops], [op.end for op in self.ops]])

    def loudest(self, category: int, stretches: Iterable[tuple[int, int]]) -> float | None:
        """Return the highest score of the ops that stand in stretches of source, if any do."""
        starts, ends = self._places
        found = [(start <= starts) & (ends <= end) for start, end in stretches]
        inside = self.scores[: len(self.ops), category][functools.reduce(operator.or_, found)]
        return float(inside.max()) if inside.size else None

    def carriers(self, category: int, count: int = 3) -> list[Op]:
        """Return the ops that weigh most for a category, heaviest first, that have a place."""
        order = self.shares[: len(self.ops), category].argsort()[::-1]
        return [self.ops[int(node)] for node in order if self.ops[int(node)].end][:count]


class Network:
    """The ONNX model in a session of onnxruntime, on one thread."""

    def __init__(self, content: bytes) -> None:
        onnxruntime = onnx_library()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        self._session = onnxruntime.InferenceSession(
            content, options, providers=["CPUExecutionProvider"]
        )

    def answer(self, functions: Sequence[FunctionArrays]) -> list[Answer]:
        """Return the answer for each function; they are run several at a time."""
        found: list[Answer] = []
        for some in _batches(functions):
            found += self._run(some)
        return found

    def _run(self, functions: Sequence[FunctionArrays]) -> list[Answer]:
        feeds = _feeds(functions)
        logits, scores, shares = self._session.run(["logits", "scores", "shares"], feeds)
        answers, start = [], 0
        for at, function in enumerate(functions):
            end = start + len(function.words)
            answers.append(Answer(logits[at], scores[start:end], shares[start:end], function.ops))
            start = end
        return answers


def _batches(functions: Sequence[FunctionArrays]) -> list[list[FunctionArrays]]:
    found: list[list[FunctionArrays]] = []
    size = _BATCH_NODES
    for function in functions:
        if size >= _BATCH_NODES:
            found.append([])
            size = 0
        found[-1].append(function)
        size += len(function.words)
    return found


def _feeds(functions: Sequence[FunctionArrays]) -> dict[str, Any]:
    import numpy as np

    counts = [len(each.words) for each in functions]
    starts = np.repeat(np.cumsum([0, *counts[:-1]]), [len(each.edges) for each in functions])
    ends = chain.from_iterable(chain.from_iterable(each.edges for each in functions))
    edges = np.fromiter(ends, dtype=np.int64).reshape(-1, 3)
    source, target = edges[:, 0] + starts, edges[:, 1] + starts
    words = chain.from_iterable(chain.from_iterable(each.words for each in functions))
    rows = [row for each in functions for row in each.flags]
    numbers = {row: at for at, row in enumerate(dict.fromkeys(rows))}  # few differ
    picked = np.fromiter(map(numbers.__getitem__, rows), dtype=np.int64, count=len(rows))
    heard = target * RELATIONS + edges[:, 2]
    degree = np.bincount(heard, minlength=1)
    return {
        "words": np.fromiter(words, dtype=np.int64).reshape(-1, 3),
        "flags": np.array(list(numbers), dtype=np.float32)[picked],
        "sent": source * RELATIONS + edges[:, 2],
        "targets": target[:, None],
        "weights": (1 / degree[heard]).astype(np.float32)[:, None],
        "graph": np.repeat(np.arange(len(functions)), counts),
        "facts": np.array([each.function for each in functions], dtype=np.float32),
    }
