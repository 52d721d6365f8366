"""The example of a Besu genesis says what its guide says; Besu itself was not run."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from diptych_verify.rlp import as_bytes, as_list, rlp_decode

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "examples" / "permissioned"
FORKS = ("berlinBlock", "londonBlock", "shanghaiTime", "cancunTime")
VALIDATORS = [f"0x{pair * 20}" for pair in ("a1", "a2", "a3", "a4")]


@pytest.fixture
def genesis() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "genesis.json").read_bytes())
    return found


def test_forks_reach_what_the_contracts_were_compiled_for(genesis: dict[str, Any]) -> None:
    settings = tomllib.loads((ROOT / "contracts" / "foundry.toml").read_text())
    assert settings["profile"]["default"]["evm_version"] == "cancun"
    assert [genesis["config"][fork] for fork in FORKS] == [0, 0, 0, 0]
    assert (genesis["config"]["zeroBaseFee"], genesis["baseFeePerGas"]) == (True, "0x0")


def test_extra_data_names_the_four_validators(genesis: dict[str, Any]) -> None:
    raw = bytes.fromhex(genesis["extraData"][2:])
    vanity, validators, votes, round_, seals = as_list(rlp_decode(raw), "extraData")
    assert len(as_bytes(vanity, "vanity")) == 32
    named = [f"0x{as_bytes(one, 'validator').hex()}" for one in as_list(validators, "validators")]
    assert named == VALIDATORS
    assert (votes, round_, seals) == ([], b"", [])


def test_script_writes_the_example(genesis: dict[str, Any]) -> None:
    words = [sys.executable, str(FOLDER / "make_genesis.py"), "--owner", f"0x{'ee' * 20}"]
    ran = subprocess.run([*words, *VALIDATORS], capture_output=True, check=True, timeout=60)
    assert json.loads(ran.stdout) == genesis
    bad = subprocess.run([*words, "0x12"], capture_output=True, check=False, timeout=60)
    assert bad.returncode == 2
    assert b"0x12" in bad.stderr
    assert b"Traceback" not in bad.stderr
