"""ONNX models on the CPU, from bytes in memory: no file is opened after verification."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from diptych.models.card.parts import Port
from diptych.models.errors import BadInput, BadModelFile
from diptych.models.formats.onnx_file import external_files, read_onnx
from diptych.models.formats.onnx_tensors import values
from diptych.models.runtime.onnx_library import onnx_library
from diptych.models.runtime.runner import Arrays

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FATAL = 4
_TYPES = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(float16)": "float16",
    "tensor(int8)": "int8",
    "tensor(int16)": "int16",
    "tensor(int32)": "int32",
    "tensor(int64)": "int64",
    "tensor(uint8)": "uint8",
    "tensor(uint16)": "uint16",
    "tensor(uint32)": "uint32",
    "tensor(uint64)": "uint64",
    "tensor(bool)": "bool",
    "tensor(string)": "string",
}


class OnnxRunner:
    """A session of onnxruntime with the CPU provider alone."""

    def __init__(self, path: str, content: Mapping[str, bytes], *, threads: int = 0) -> None:
        """Look into the model, then build the session.

        Args:
            path: of the ONNX file among the sealed files.
            content: sealed bytes by path.
            threads: for one operator; 0 lets the runtime choose.

        Raises:
            BadModelFile: it is malformed, or the runtime cannot run it.
            UnsafeFormat: custom operators, or external data outside the sealed files.
        """
        onnxruntime = onnx_library()
        found = read_onnx(content[path], where=path)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = _FATAL
        options.intra_op_num_threads = threads
        external = [name for name, _ in external_files(found)]
        if external:
            arrays = values(found, content, path)
            kept = [onnxruntime.OrtValue.ortvalue_from_numpy(_plain(*arrays[n])) for n in external]
            options.add_external_initializers(external, kept)
            self._kept = kept  # the session borrows their memory
        try:
            self._session = onnxruntime.InferenceSession(
                content[path], options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # the runtime's errors share no base class
            raise BadModelFile(f"'{path}' cannot be run: {_first_line(error)}") from None
        self.inputs = tuple(_port(one, path) for one in self._session.get_inputs())
        self.outputs = tuple(_port(one, path, result=True) for one in self._session.get_outputs())

    def run(self, inputs: Arrays) -> "dict[str, NDArray[Any]]":
        """Return the outputs by name.

        Raises:
            BadInput: the runtime refuses these values.
        """
        names = [port.name for port in self.outputs]
        try:
            found = self._session.run(names, dict(inputs))
        except Exception as error:  # see above
            raise BadInput(f"the model cannot take this input: {_first_line(error)}") from None
        return dict(zip(names, found, strict=True))


def _plain(dtype: str, array: "NDArray[Any]") -> "NDArray[Any]":
    if array.dtype.name != dtype:
        raise BadModelFile(f"external data of type {dtype} is not supported")
    return array


def _port(one: Any, path: str, *, result: bool = False) -> Port:
    dtype = _TYPES.get(one.type, one.type if result else "")
    if not dtype:
        raise BadModelFile(f"'{path}' takes input '{one.name}' of type {one.type}, expected arrays")
    shape = tuple(axis if isinstance(axis, int) and axis >= 0 else None for axis in one.shape)
    return Port(one.name, dtype, shape)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:300] if str(error) else type(error).__name__
