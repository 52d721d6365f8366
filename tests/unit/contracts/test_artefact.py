"""Shipped contracts: what is loaded is what was released, and it follows the house rules."""

import hashlib
import json
from importlib.resources import files
from pathlib import Path

import pytest

from diptych.contracts.artefact import (
    ArtefactDamaged,
    UnknownContract,
    contract_names,
    known_abis,
    load_artefact,
    parse_artefact,
)

CONTRACTS = Path(__file__).resolve().parents[3] / "contracts"
BARS = {
    "Anchor": {"anchor (steady)": 40_000, "verifyInclusion (depth 20)": 55_000},
    "Identity": {"register (66 characters)": 178_000},
    "Registry": {
        "register (first version)": 120_000,
        "publish (second version)": 60_000,
        "registerMany (50)": 50 * 40_000,
        "publishMany (50 second versions)": 50 * 40_000,
    },
}
RAW = files("diptych.contracts").joinpath("artefacts", "Anchor.json").read_bytes()


@pytest.mark.parametrize("name", contract_names())
class TestArtefact:
    def test_code_is_there_and_below_the_limit(self, name: str) -> None:
        artefact = load_artefact(name)
        assert artefact.name == name
        assert 0 < len(artefact.runtime) < 24_576
        assert artefact.runtime in artefact.creation

    def test_sources_are_those_of_the_repository(self, name: str) -> None:
        sources = load_artefact(name).compiler_input["sources"]
        assert isinstance(sources, dict)
        assert f"src/{name}.sol" in sources
        for path, source in sources.items():
            if path.startswith("@"):  # a library from npm, which need not be installed here
                installed = CONTRACTS / "node_modules" / path
                assert not installed.exists() or source == {"content": installed.read_text()}
                assert "SPDX-License-Identifier: MIT" in str(source)
            else:
                assert source == {"content": (CONTRACTS / path).read_text(encoding="utf-8")}

    def test_settings_are_pinned_and_leave_no_metadata(self, name: str) -> None:
        settings = load_artefact(name).compiler_input["settings"]
        assert isinstance(settings, dict)
        assert settings["evmVersion"] == "cancun"
        assert settings["metadata"] == {"appendCBOR": False, "bytecodeHash": "none"}
        assert b"ipfs" not in load_artefact(name).creation

    def test_constructor_takes_nothing_and_no_function_takes_ether(self, name: str) -> None:
        abi = load_artefact(name).abi
        assert not any(item["type"] in {"receive", "fallback"} for item in abi)
        assert not any(item["inputs"] for item in abi if item["type"] == "constructor")
        assert "payable" not in {item.get("stateMutability") for item in abi}

    def test_gas_is_known_and_below_the_bars(self, name: str) -> None:
        gas = load_artefact(name).gas
        assert gas
        assert {what: gas[what] for what, most in BARS[name].items() if gas[what] > most} == {}


def test_abis_are_keyed_by_contract() -> None:
    errors = {i["name"] for i in known_abis()["Anchor"] if i["type"] == "error"}
    assert {"SizeMustGrow", "NotIncluded", "UnknownLog"} <= errors


def test_unknown_name_is_refused() -> None:
    with pytest.raises(UnknownContract, match="expected one of: Anchor"):
        load_artefact("anchor")


def test_every_changed_byte_is_noticed() -> None:
    digest = hashlib.sha256(RAW).hexdigest()
    assert parse_artefact("Anchor", RAW, expected_sha256=digest).name == "Anchor"
    for position in range(0, len(RAW), 997):
        changed = RAW[:position] + bytes([RAW[position] ^ 1]) + RAW[position + 1 :]
        with pytest.raises(ArtefactDamaged):
            parse_artefact("Anchor", changed, expected_sha256=digest)


def test_swapped_code_is_noticed() -> None:
    fields = json.loads(RAW)
    fields["creation"] = "0x60006000f3"
    digest = hashlib.sha256(RAW).hexdigest()
    with pytest.raises(ArtefactDamaged) as caught:
        parse_artefact("Anchor", json.dumps(fields).encode(), expected_sha256=digest)
    assert caught.value.code == "Contract.ArtefactDamaged"
    assert "reinstall" in caught.value.hint
