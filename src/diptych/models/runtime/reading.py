"""From the files of a model to its format, its tensors and something that runs."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from diptych.models.errors import NotRunnable
from diptych.models.formats.detect import ONNX, SAFETENSORS, Detected, detect
from diptych.models.formats.onnx_file import read_onnx
from diptych.models.formats.onnx_tensors import values
from diptych.models.formats.safetensors_file import read_safetensors
from diptych.models.formats.skops_file import read_skops
from diptych.models.runtime.runner import Runner
from diptych.models.tensors.tree import TensorTree, tree_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

Tensors = Mapping[str, tuple[str, "NDArray[Any]"]]


def read_tensors(content: Mapping[str, bytes], found: Detected | None = None) -> Tensors:
    """Return dtype name and values of every tensor by name; nothing is run.

    Raises:
        UnsafeFormat: a file can run code or reach other files.
        UnsupportedFormat: no model, or several.
        BadModelFile: a file does not follow its format.
    """
    found = found or detect(content)
    if found.format == ONNX:
        path = found.files[0]
        return values(read_onnx(content[path], where=path), content, path)
    if found.format == SAFETENSORS:
        return _joined(content, found.files)
    return read_skops(content[found.files[0]], where=found.files[0])


def _joined(content: Mapping[str, bytes], files: tuple[str, ...]) -> Tensors:
    joined: dict[str, tuple[str, NDArray[Any]]] = {}
    for path in files:
        for name, tensor in read_safetensors(content[path], where=path).items():
            # A name twice stays visible, so that the tensor tree refuses it by name.
            joined[name if name not in joined else f"{path}/{name}"] = tensor
    return joined


def read_tree(content: Mapping[str, bytes], found: Detected | None = None) -> TensorTree:
    """Return the tensor tree of a model; errors as `read_tensors`."""
    return tree_of(read_tensors(content, found))


def make_runner(
    content: Mapping[str, bytes], *, trusted: Iterable[str] = (), threads: int = 0
) -> Runner | None:
    """Return something that predicts, None for weights alone.

    Args:
        content: sealed bytes by path.
        trusted: class names that a skops file may hold besides those that skops trusts.
        threads: for one operator of an ONNX model; 0 lets the runtime choose.

    Raises:
        UnsafeFormat: a file can run code or reach other files.
        UnsupportedFormat: no model, or several.
        UntrustedTypes: a skops file holds other classes.
        BadModelFile: a file does not follow its format.
    """
    found = detect(content)
    path = found.files[0]
    if found.format == ONNX:
        from diptych.models.runtime.onnx_runner import OnnxRunner

        return OnnxRunner(path, content, threads=threads)
    if found.format == SAFETENSORS:
        read_tensors(content, found)
        return None
    from diptych.models.runtime.skops_runner import SkopsRunner

    return SkopsRunner(path, content[path], trusted=trusted)


def require_runner(runner: Runner | None, name: str) -> Runner:
    """Return the runner.

    Raises:
        NotRunnable: there is none.
    """
    if runner is None:
        raise NotRunnable(
            f"'{name}' holds weights alone (safetensors), which nothing here can run",
            hint="take its weights with .tensors(), or publish the model as ONNX",
        )
    return runner
