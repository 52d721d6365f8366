"""A short command stays short: starting the program imports no heavy library."""

import subprocess
import sys

import pytest

HEAVY = (
    "numpy",
    "sklearn",
    "pydicom",
    "pydantic",
    "eth_abi",
    "eth_utils",
    "coincurve",
    "urllib3",
    "importlib.metadata",
)


def _loaded(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


_HELP = """
from diptych.app.cli import cli
cli(["--help"], standalone_mode=False)
"""


@pytest.mark.parametrize(
    "code",
    [_HELP, "import diptych", "import diptych.ledger, diptych.contracts", "import diptych_verify"],
)
def test_starting_imports_no_heavy_library(code: str) -> None:
    assert _loaded(code).isdisjoint(HEAVY)


def test_the_offline_verifier_needs_only_cryptography() -> None:
    loaded = _loaded("import diptych_verify.verify, diptych_verify.__main__")
    outside = {name.split(".")[0] for name in loaded} - sys.stdlib_module_names
    allowed = {"diptych_verify", "cryptography", "_cffi_backend", "sitecustomize"}
    assert {name for name in outside if not name.startswith(("_", "__"))} <= allowed
