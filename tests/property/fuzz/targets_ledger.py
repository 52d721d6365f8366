"""Targets in `diptych.ledger`: answers of an endpoint, requests at our door, key files, reverts."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from eth_abi.abi import encode
from eth_hash.auto import keccak
from tests.property.fuzz.engine import Target
from tests.property.fuzz.targets_verifier import flags
from tests.unit.ledger.fuzzing import CORPUS

from diptych.contracts.artefact import known_abis
from diptych.core.errors import JsonValue, LedgerError
from diptych.ledger import keystore
from diptych.ledger.account import LocalAccount
from diptych.ledger.answers import RpcCall
from diptych.ledger.chain import Chain
from diptych.ledger.devchain import rpc as door
from diptych.ledger.masking import clean_text
from diptych.ledger.profiles import ChainProfile, ProfileBook
from diptych.ledger.records import CallRequest, LogFilter
from diptych.ledger.reverts import RevertDecoder
from diptych.ledger.rpc import Rpc, RpcOptions
from diptych.ledger.transport import HttpAnswer
from diptych_verify.errors import MalformedError

_ADDRESS = "0x" + "22" * 20
_HASH = bytes.fromhex("11" * 32)
_MAX_ANSWER_BYTES = 32 << 20
_CALLS = [RpcCall("eth_getBalance", [_ADDRESS]), RpcCall("eth_blockNumber")]


class _Endpoint:
    """Gives the same answer to everything, but knows its chain id."""

    shown_url = "http://fuzz.example"

    def __init__(self, body: bytes) -> None:
        self._body = body

    def post(self, body: bytes) -> HttpAnswer:
        if b'"eth_chainId"' in body:
            return HttpAnswer(200, b'{"jsonrpc":"2.0","id":0,"result":"0x1"}')
        return HttpAnswer(400 if flags(self._body) % 8 == 5 else 200, self._body)

    def clean(self, text: str) -> str:
        return clean_text(text, ("a-secret",))


def _chain(raw: bytes) -> Chain:
    rpc = Rpc(
        "http://fuzz.example",
        options=RpcOptions(retries=1),
        transport=_Endpoint(raw),
        sleep=lambda _: None,
    )
    return Chain(rpc, 1)


_READS: tuple[Callable[[Chain], object], ...] = (
    lambda chain: chain.block(1),
    lambda chain: chain.block("latest"),
    lambda chain: chain.receipt(_HASH),
    lambda chain: chain.transaction(_HASH),
    lambda chain: list(chain.logs(LogFilter(from_block=1, to_block=1))),
    lambda chain: chain.balance_wei(_ADDRESS),
    lambda chain: chain.call(CallRequest(to=_ADDRESS)),
    lambda chain: chain.fees(),
    lambda chain: chain.require_fresh(10.0),
)


def _read_result(raw: bytes) -> object:
    """Read an answer as everything that it could be; the last refusal is what counts."""
    refused: LedgerError | None = None
    for read in _READS if len(raw) < 1 << 20 else _READS[:1]:
        try:
            return read(_chain(raw))
        except LedgerError as error:
            refused = error
    raise refused or MalformedError("nothing was read")


def _read_batch(raw: bytes) -> object:
    return [str(one) if isinstance(one, LedgerError) else one for one in _chain(raw).batch(_CALLS)]


def _answers() -> list[bytes]:
    results: list[Any] = [one for one, _ in CORPUS]
    return [
        json.dumps({"jsonrpc": "2.0", "id": 0, "result": one}).encode()
        for one in (*results, "0x1234", None)
    ]


def _batches() -> list[bytes]:
    good: list[Any] = [{"jsonrpc": "2.0", "id": at, "result": "0x7"} for at in (1, 0)]
    message = {"code": -32000, "message": "execution reverted: no", "data": "0x08c379a0"}
    bad = {"jsonrpc": "2.0", "id": 0, "error": message}
    return [json.dumps(one).encode() for one in (good, [bad, good[0]])]


def _read_door(raw: bytes) -> object:
    parsed = door.parse_body(raw)
    answers = []
    for request in parsed if isinstance(parsed, list) else [parsed]:
        if isinstance(request, door.Refusal):
            answers.append(door.error_answer(request.number, request.error))
            continue
        request.encode()
        if request.method == door.MINE:
            door.block_count(request)
        elif request.method.startswith(door.SEND):
            door.raw_transaction(request)
        answers.append(door.result_answer(request.number, None))
    return answers


def _requests() -> list[bytes]:
    def call(number: JsonValue, method: str, *params: JsonValue) -> dict[str, JsonValue]:
        return {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}

    one = call(1, "eth_getBalance", _ADDRESS, "latest")
    send = call("a", door.SEND, "0x02c0")
    filter_: JsonValue = {"fromBlock": "0x0", "topics": [["0x" + "11" * 32], None]}
    batch: JsonValue = [one, call(2, "eth_getLogs", filter_), call(3, "evm_mine")]
    requests: list[JsonValue] = [dict(one), dict(send), call(7, door.MINE, 3), batch]
    return [json.dumps(request).encode() for request in requests]


def _keystores(folder: Path) -> Target:
    folder.mkdir(parents=True)
    account = LocalAccount(b"\x07" * 32)
    scrypt = folder / "scrypt.json"
    keystore.create_keystore(scrypt, account, "fuzz", scrypt_log2_n=10)
    seeds = [scrypt.read_bytes(), _pbkdf2_keystore(account)]
    target = folder / "fuzzed.json"
    target.touch(mode=0o600)

    def read(raw: bytes) -> object:
        target.write_bytes(raw)
        # Stretching is slow on purpose: only cheap ones are carried out here.
        crypto: Any = keystore._read(target)["crypto"]
        cost = crypto["kdfparams"]
        if cost.get("c") is None and cost["n"] * cost["r"] * cost["p"] > 1 << 13:
            raise MalformedError("too slow for this run")
        if (cost.get("c") or 0) > 10_000:
            raise MalformedError("too slow for this run")
        return keystore.open_keystore(target, "fuzz").address

    return Target("keystore", read, seeds, "json", 10, 1 << 16)


def _pbkdf2_keystore(account: LocalAccount) -> bytes:
    content = keystore._keyfile().create_keyfile_json(
        account.unsafe_private_key(), b"fuzz", kdf="pbkdf2", iterations=2
    )
    return json.dumps(content).encode()


def _profiles(folder: Path) -> Target:
    path = folder / "chains.json"
    book = ProfileBook(path)
    book.add(ChainProfile("main", "https://user:pw@rpc.example/v3/${KEY}", 1))
    book.add(ChainProfile("local", "http://127.0.0.1:8545", 31_337))

    def read(raw: bytes) -> object:
        path.write_bytes(raw)
        path.chmod(0o600)
        return [
            profile.shown_url + (profile.resolved_url({"KEY": "k"}) if profile.url else "")
            for profile in book.profiles()
        ]

    return Target("chain_profiles", read, [path.read_bytes()], "json", 15, 1 << 20)


def _reverts() -> Target:
    decoder = RevertDecoder(known_abis())

    def read(raw: bytes) -> object:
        raise decoder.decode(raw)

    seeds = [
        keccak(b"Error(string)")[:4] + encode(["string"], ["no"]),
        keccak(b"Panic(uint256)")[:4] + encode(["uint256"], [0x11]),
        *(
            selector + encode(rule.types, [_value(t) for t in rule.types])
            for selector, rule in decoder._rules.items()
        ),
    ]
    return Target("revert_data", read, seeds, "binary", 30, 1 << 20)


def _value(kind: str) -> object:
    if kind.startswith("bytes"):
        return b"\x11" * 4
    return _ADDRESS if kind == "address" else 1


def ledger_targets(folder: Path) -> list[Target]:
    """Return the targets of the ledger package; `folder` is scratch space."""
    return [
        Target("rpc_answer", _read_result, _answers(), "json", 25, _MAX_ANSWER_BYTES),
        Target("rpc_batch", _read_batch, _batches(), "json", 25, _MAX_ANSWER_BYTES),
        Target("door_request", _read_door, _requests(), "json", 50, door.MAX_BODY_BYTES),
        _keystores(folder / "keystores"),
        _profiles(folder / "profiles"),
        _reverts(),
    ]
