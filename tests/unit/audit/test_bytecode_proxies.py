"""Proxies on a chain are followed to the code they call, within limits."""

import json
from pathlib import Path

import pytest

from diptych.audit.catalogue import installed_rules
from diptych.audit.scan import scan_files
from diptych.audit.source.address import fetch_code
from diptych.audit.source.proxies import BEACON, SLOTS, called_by_code
from diptych.ledger.rpc import Rpc, RpcOptions
from diptych.ledger.transport import HttpAnswer

PROXY, LOGIC, BEACON_AT = (bytes([byte]) * 20 for byte in (0x11, 0x22, 0x33))
PLAIN = f"363d3d373d3d3d363d73{LOGIC.hex()}5af43d82803e903d91602b57fd5bf3"
FORMS = {
    "erc1167": PLAIN,
    "arguments": PLAIN + "00" * 64,
    "push0": f"5f5f365f5f37365f73{LOGIC.hex()}5af43d5f5f3e6029573d5ffd5b3d5ff3",
    "short": f"3d3d3d3d363d3d37363d73{LOGIC.hex()}5af43d3d93803e602a57fd5bf3",
    "vyper": f"366000600037611000600036600073{LOGIC.hex()}5af4602c57600080fd5b6110006000f3",
    "delegation": f"ef0100{LOGIC.hex()}",
}


class Node:
    """An endpoint with some code, some slots, and a beacon that answers."""

    shown_url = "http://node.invalid"

    def __init__(self, codes: dict[bytes, bytes], slots: dict[str, bytes], said: object) -> None:
        self.codes, self.slots, self.said = codes, slots, said
        self.asked: list[str] = []

    def post(self, body: bytes) -> HttpAnswer:
        request = json.loads(body)
        self.asked.append(request["method"])
        found = {"jsonrpc": "2.0", "id": request["id"]}
        answer = self._answer(request["method"], request["params"])
        found |= answer if isinstance(answer, dict) else {"result": answer}
        return HttpAnswer(200, json.dumps(found).encode())

    def clean(self, text: str) -> str:
        return text

    def _answer(self, method: str, params: list[str]) -> object:
        if method == "eth_blockNumber":
            return "0x2a"
        assert params[-1] == "0x2a", "everything is of one block"
        if method == "eth_getCode":
            return f"0x{self.codes.get(bytes.fromhex(params[0][2:]), b'').hex()}"
        if method == "eth_call":
            return self.said
        held = self.slots.get(params[1], b"") if params[0] == f"0x{PROXY.hex()}" else b""
        return f"0x{held.rjust(32, bytes(1)).hex()}"


def fetched(code: str, slots: dict[str, bytes], said: object = "0x") -> tuple[list[str], str]:
    node = Node({PROXY: bytes.fromhex(code), LOGIC: b"\x5b\x00"}, slots, said)
    found = fetch_code(Rpc("", transport=node, options=RpcOptions(retries=0)), PROXY)
    return [text.path for text in found.texts], " ".join(found.notices)


@pytest.mark.parametrize("form", FORMS)
def test_short_code_that_hands_everything_on_is_followed(form: str) -> None:
    assert fetched(FORMS[form], {})[0] == [f"0x{'11' * 20}", f"0x{'22' * 20}"]


@pytest.mark.parametrize("code", ["", "00", "5f35", f"73{LOGIC.hex()}5afa", f"73{'00' * 19}5af4"])
def test_other_code_is_not(code: str) -> None:
    assert called_by_code(bytes.fromhex(code)) is None


@pytest.mark.parametrize("slot", SLOTS)
def test_slots_that_standards_name_are_followed(slot: str) -> None:
    assert fetched("00", {slot: LOGIC})[0] == [f"0x{'11' * 20}", f"0x{'22' * 20}"]


def test_a_beacon_is_asked() -> None:
    paths, told = fetched("00", {BEACON: BEACON_AT}, f"0x{LOGIC.rjust(32, bytes(1)).hex()}")
    assert paths == [f"0x{'11' * 20}", f"0x{'22' * 20}"]
    assert "beacon 0x3333" in told


@pytest.mark.parametrize("said", ["0x", "0x" + "00" * 32, {"error": {"code": 3, "message": "no"}}])
def test_a_beacon_that_says_nothing_costs_only_what_it_hides(said: object) -> None:
    paths, told = fetched("00", {BEACON: BEACON_AT}, said)
    assert paths == [f"0x{'11' * 20}"]
    assert "beacon" in told


def test_proxies_that_call_each_other_end() -> None:
    assert fetched("00", {SLOTS[0]: PROXY})[0] == [f"0x{'11' * 20}"]


@pytest.mark.parametrize(("code", "told"), [("ef0001", "EOF"), (FORMS["delegation"], "EIP-7702")])
def test_code_of_another_form_is_marked(code: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "a.hex"
    path.write_text(code)
    (file,) = scan_files([path], installed_rules()).files
    assert told in file.reasons[0]
