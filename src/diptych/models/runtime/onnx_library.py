"""onnxruntime as we use it: without its telemetry."""

import os
from types import ModuleType

__all__ = ["onnx_library"]


def onnx_library() -> ModuleType:
    """Import onnxruntime; it neither reports to its makers nor leaves a session file in TMPDIR.

    It looks at the variable when it is imported first; who sets it otherwise keeps that.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    library: ModuleType = onnxruntime
    return library
