"""Running models reports to nobody."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = "from diptych.models.runtime.onnx_library import onnx_library; onnx_library()"


def test_nothing_is_left_in_the_folder_for_temporary_files(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    subprocess.run([sys.executable, "-c", SCRIPT], env=environment, check=True)
    assert list(tmp_path.iterdir()) == []
