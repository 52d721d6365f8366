"""The package's door: few names, each of them there, and nothing heavy behind it."""

import subprocess
import sys

import diptych.ledger

HEAVY = ("eth_account", "eth_keyfile", "eth_abi", "pyrevm", "websockets", "py_ecc", "sqlite3")


def test_every_name_is_there() -> None:
    assert len(diptych.ledger.__all__) <= 10
    for name in diptych.ledger.__all__:
        assert getattr(diptych.ledger, name).__name__ == name


def test_reading_a_chain_loads_nothing_heavy() -> None:
    script = (
        "import sys; from diptych.ledger import Chain, Rpc, LocalAccount;"
        f"sys.exit(', '.join(m for m in {HEAVY} if m in sys.modules) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.returncode == 0
