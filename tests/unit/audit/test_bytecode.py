"""Bytecode: functions told apart, lifted into the graph, and judged by the rules for source."""

import json
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from eth_hash.auto import keccak

from diptych.audit.analysis.cells import cell_of
from diptych.audit.analysis.contract import ContractGraph, build_contract
from diptych.audit.catalogue import installed_rules
from diptych.audit.errors import NoCode
from diptych.audit.finding import Finding
from diptych.audit.scan import Report, scan_files, scan_program
from diptych.audit.source.address import fetch_code, parse_address
from diptych.audit.source.load import load_program
from diptych.core.errors import LedgerError, UsageError
from diptych.ledger.rpc import Rpc, RpcOptions
from diptych.ledger.transport import HttpAnswer

RULES = installed_rules()
FOLDER = Path(__file__).parent / "bytecode"
BUILDS = ("plain", "optimised", "ir", "plain_creation", "ir_creation")
GRAVE = ("high", "medium")
FAULTS = {
    ("unprotected-selfdestruct", "kill()"),
    ("reentrancy", "bad()"),
    ("delegatecall-to-input", "run(address,bytes)"),
    ("tx-origin", "origin()"),
    ("unchecked-call", "ignore(address)"),
    ("open-withdrawal", "take()"),
    ("weak-randomness", "dice()"),
    ("owner-takeover", "setOwner(address)"),
    ("reentrancy-cross-function", "guarded()"),
}
"""What `till.sol` has wrong; its other functions are their repaired twins."""
ADDRESS = bytes.fromhex("11" * 20)


def selector(signature: str) -> str:
    return f"0x{keccak(signature.encode())[:4].hex()}"


def scanned(name: str) -> Report:
    return scan_files([FOLDER / f"{name}.hex"], RULES)


def graph_of(name: str) -> ContractGraph:
    loaded = load_program([FOLDER / f"{name}.hex"])
    return build_contract(loaded.program.contracts[0], set())


@pytest.mark.parametrize("build", BUILDS)
def test_rules_for_source_find_the_same_faults_in_every_build(build: str) -> None:
    report = scanned(build)
    assert report.files[0].reasons == ()
    grave = {(f.rule.id, f.location.function) for f in report.findings if f.severity in GRAVE}
    assert grave == {(rule, selector(signature)) for rule, signature in FAULTS}


@pytest.mark.parametrize("build", BUILDS)
def test_findings_stand_at_the_instruction_in_question(build: str) -> None:
    text = (FOLDER / f"{build}.hex").read_text("ascii")
    opcodes = {"unprotected-selfdestruct": "ff", "reentrancy": "f1", "delegatecall-to-input": "f4"}
    seen: set[str] = set()
    for finding in scanned(build).findings:
        if finding.rule.id in opcodes:
            place = finding.location
            assert text[place.column - 1 : place.end_column - 1] == opcodes[finding.rule.id]
            seen.add(finding.rule.id)
    assert seen == opcodes.keys()


def test_a_mapping_is_one_place_whichever_function_works_on_it() -> None:
    views = {view.function.name: view for view in graph_of("plain").entries if view.function}
    cells = {
        cell_of(op)
        for name in ("bad()", "good()", "deposit()", "guarded()")
        for op in (*views[selector(name)].reads, *views[selector(name)].writes)
        if "[]" in cell_of(op).path
    }
    assert len(cells) == 1
    lock = {
        cell_of(op).path
        for op in views[selector("guarded()")].writes
        if len(op.operands[0].operands) == 1
    }
    assert lock == {("@160",)}, "the lock shares the owner's slot"


def test_every_value_is_made_before_it_is_used() -> None:
    for view in graph_of("ir").functions:
        known = {id(op) for op in view.ops}
        for op in view.ops:
            for operand in op.operands:
                assert id(operand) in known
                if op.kind != "phi" and op.attribute not in ("||", "&&"):
                    assert view.flow.dominates(operand, op), (op, operand)


def test_transfer_is_told_from_send_and_from_call() -> None:
    kinds = {
        (view.function.name, call.call.kind)
        for view in graph_of("optimised").entries
        for call in view.calls
        if view.function
    }
    wanted = {"take()": "transfer", "drop(address)": "send", "ignore(address)": "call"}
    assert kinds >= {(selector(name), kind) for name, kind in wanted.items()}


@pytest.mark.parametrize("text", ["", "0x", "0xzz", "0x6", "60 80", "é"])
def test_what_is_no_hex_is_marked_partial(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.hex"
    path.write_text(text, "utf-8")
    report = scan_files([path], RULES)
    assert report.findings == ()
    assert report.files[0].reasons


@pytest.mark.parametrize("suffix", [".hex", ".bin", ".bin-runtime"])
def test_prefix_and_line_end_shift_nothing_but_the_column(suffix: str, tmp_path: Path) -> None:
    code = (FOLDER / "ir.hex").read_text("ascii")
    path = tmp_path / f"a{suffix}"
    path.write_text(f" 0x{code.upper()}\n", "ascii")
    plain, other = scanned("ir"), scan_files([path], RULES)

    def shown(findings: tuple[Finding, ...], shift: int) -> set[tuple[str, int]]:
        return {(f.rule.id, f.location.column - shift) for f in findings}

    assert shown(other.findings, 3) == shown(plain.findings, 0)


def test_mutated_and_random_code_ends_without_a_fault_of_ours(tmp_path: Path) -> None:
    draw = random.Random(7)
    seed = bytes.fromhex((FOLDER / "plain.hex").read_text("ascii"))
    path = tmp_path / "a.hex"
    for _ in range(60):
        raw = bytearray(
            draw.randbytes(600) if draw.random() < 0.3 else seed[: draw.randrange(2000)]
        )
        for _ in range(draw.randrange(12)):
            if raw:
                raw[draw.randrange(len(raw))] = draw.choice((0x56, 0x57, 0x5B, 0x55, 0xF1, 0x90))
        path.write_text(bytes(raw).hex(), "ascii")
        for file in scan_files([path], RULES).files:
            assert not any("rule " in reason or "in the graph" in reason for reason in file.reasons)


def test_deep_and_endless_code_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "a.hex"
    for raw in (b"\x5b\x60\x00\x60\x00\x56" * 3000, b"\x5b\x58\x80\x58\x57" * 4000 + b"\x00"):
        path.write_text(raw.hex(), "ascii")
        assert scan_files([path], RULES).files[0].path


class Node:
    """Answers as an endpoint would, from a table."""

    shown_url = "http://node.invalid"

    def __init__(self, answer: Callable[[str, list[str]], object]) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def post(self, body: bytes) -> HttpAnswer:
        request = json.loads(body)
        self.asked.append(request["method"])
        result = self.answer(request["method"], request["params"])
        return HttpAnswer(
            200, json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}).encode()
        )

    def clean(self, text: str) -> str:
        return text


def node(codes: dict[bytes, bytes]) -> Node:
    def answer(method: str, params: list[str]) -> object:
        if method == "eth_blockNumber":
            return "0x2a"
        assert params[-1] == "0x2a", "everything is of one block"
        if method == "eth_getCode":
            return f"0x{codes.get(bytes.fromhex(params[0][2:]), b'').hex()}"
        return f"0x{bytes(32).hex()}"

    return Node(answer)


def rpc(transport: Node) -> Rpc:
    return Rpc("", transport=transport, options=RpcOptions(retries=0))


def test_the_code_at_an_address_is_scanned_and_named_by_it() -> None:
    code = bytes.fromhex((FOLDER / "ir.hex").read_text("ascii"))
    transport = node({ADDRESS: code})
    found = fetch_code(rpc(transport), ADDRESS)
    report = scan_program(load_program([], fetched=found.texts), RULES)
    assert {f.location.path for f in report.findings} == {f"0x{ADDRESS.hex()}"}
    assert {f.rule.id for f in report.findings} >= {"reentrancy", "tx-origin"}
    assert "block 42" in found.notices[0]
    assert set(transport.asked) == {"eth_blockNumber", "eth_getCode", "eth_getStorageAt"}


def test_no_code_says_so_with_the_block() -> None:
    with pytest.raises(NoCode, match="at block 42") as caught:
        fetch_code(rpc(node({})), ADDRESS)
    assert caught.value.hint


@pytest.mark.parametrize("said", [None, 7, "0x", "0xzz", "61", ["0x"], {}, "0x" + "f" * 70])
def test_hostile_answers_are_errors_of_the_ledger(said: object) -> None:
    with pytest.raises(LedgerError):
        fetch_code(rpc(Node(lambda _method, _params: said)), ADDRESS)


@pytest.mark.parametrize("text", ["0x11", "0x" + "11" * 20, "a@b", "lib@1/C.sol", "0x1/a@b"])
def test_what_names_no_contract_is_a_path(text: str) -> None:
    assert parse_address(text) is None


CHECKED = "0x52908400098527886E0F7030069857D2E4169EE7"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("0x11@http://a", "of 2 hex digits after 0x, expected 40"),
        ("0x@http://a", "of 0 hex digits"),
        ("0x" + "1" * 41 + "@http://a", "of 41 hex digits"),
        ("0x" + "1" * 39 + "g@http://a", "with 'g' in it, expected hex digits"),
        (CHECKED[:-2] + "e7@http://a", f"wrong checksum, expected {CHECKED}"),
        (CHECKED + "@", "got no URL"),
        (CHECKED + "@localhost:8545", "got what is no URL"),
        (CHECKED + "@ftp://a", "begins with ftp://, expected http:// or https://"),
        (CHECKED + "@https:///", "without a host"),
    ],
)
def test_a_malformed_place_on_a_chain_says_what_is_wrong(text: str, told: str) -> None:
    with pytest.raises(UsageError, match=re.escape(told)):
        parse_address(text)


@pytest.mark.parametrize("address", [CHECKED, CHECKED.lower(), CHECKED[2:], "0X" + CHECKED[2:]])
def test_an_address_is_taken_with_and_without_a_checksum(address: str) -> None:
    found = parse_address(f"{address}@https://a.example/key?x=1")
    assert found == (bytes.fromhex(CHECKED[2:]), "https://a.example/key?x=1")
