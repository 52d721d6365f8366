"""JSON-RPC as the door speaks it: strict parsing, an allow-list, answers. Pure."""

import json
import re
from dataclasses import dataclass

from diptych.core.errors import DiptychError, JsonValue, MalformedError
from diptych.ledger.devchain.errors import BadRequest, MethodRefused, NodeRefused
from diptych_verify.jsonio import strict_json

MAX_BODY_BYTES = 8 << 20
MAX_BATCH = 5_000
_MAX_DEPTH = 32
_MAX_ID_CHARACTERS = 128
_MAX_RAW_BYTES = 1 << 20
_RAW = re.compile(r"0x(?:[0-9a-fA-F]{2})+")

SEND = "eth_sendRawTransaction"
SEND_SYNC = "eth_sendRawTransactionSync"
MINE = "diptych_mine"
LOCAL = frozenset(
    {SEND, SEND_SYNC, MINE, "diptych_session", "diptych_status", "web3_clientVersion"}
)
_READS = """
eth_blockNumber eth_chainId eth_syncing eth_accounts eth_coinbase eth_protocolVersion
eth_gasPrice eth_maxPriorityFeePerGas eth_feeHistory eth_blobBaseFee
eth_getBalance eth_getCode eth_getStorageAt eth_getTransactionCount eth_getProof eth_getAccount
eth_getBlockByHash eth_getBlockByNumber eth_getBlockReceipts
eth_getBlockTransactionCountByHash eth_getBlockTransactionCountByNumber
eth_getUncleCountByBlockHash eth_getUncleCountByBlockNumber
eth_getTransactionByHash eth_getTransactionByBlockHashAndIndex
eth_getTransactionByBlockNumberAndIndex eth_getTransactionReceipt eth_getRawTransactionByHash
eth_call eth_estimateGas eth_createAccessList eth_simulateV1 eth_getLogs
eth_newFilter eth_newBlockFilter eth_newPendingTransactionFilter
eth_getFilterChanges eth_getFilterLogs eth_uninstallFilter
net_version net_listening net_peerCount web3_sha3 rpc_modules
txpool_status txpool_content txpool_inspect
debug_traceTransaction debug_traceCall debug_traceBlockByHash debug_traceBlockByNumber
debug_getRawTransaction
trace_transaction trace_block trace_filter
"""
READS = frozenset(_READS.split())
"""Methods that are handed to anvil; everything else is refused, whatever anvil may learn."""


@dataclass(frozen=True)
class Call:
    """One acceptable request."""

    number: int | str | None
    method: str
    params: list[JsonValue]

    def encode(self) -> bytes:
        """Return the request for anvil."""
        body = {"jsonrpc": "2.0", "id": self.number, "method": self.method, "params": self.params}
        return json.dumps(body, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Refusal:
    """One request that is answered with an error at once."""

    number: int | str | None
    error: DiptychError


Request = Call | Refusal


def parse_body(body: bytes) -> Request | list[Request]:
    """Read one request or a batch.

    Raises:
        BadRequest: not JSON, too large, too deep, or a batch that is empty or too long.
    """
    try:
        value = strict_json(body, max_bytes=MAX_BODY_BYTES, max_depth=_MAX_DEPTH)
    except MalformedError as error:
        raise BadRequest(error.message) from error
    if not isinstance(value, list):
        return _parse_call(value)
    if not 0 < len(value) <= MAX_BATCH:
        raise BadRequest(f"got a batch of {len(value)} requests, expected 1 to {MAX_BATCH}")
    return [_parse_call(item) for item in value]


def _parse_call(value: JsonValue) -> Request:
    if not isinstance(value, dict):
        return Refusal(None, BadRequest("got a request that is not an object"))
    number, method = value.get("id"), value.get("method")
    if isinstance(number, bool) or not isinstance(number, int | str) or _too_long(number):
        return Refusal(None, BadRequest("got a request without a short integer or text id"))
    if not isinstance(method, str) or value.get("jsonrpc") != "2.0":
        return Refusal(number, BadRequest("expected jsonrpc '2.0' and a method"))
    params = value.get("params", [])
    if not isinstance(params, list):
        return Refusal(number, BadRequest("got params that are not a list"))
    if method not in READS and method not in LOCAL:
        return Refusal(number, _method_refused(method))
    return Call(number, method, params)


def _too_long(number: int | str) -> bool:
    return isinstance(number, str) and len(number) > _MAX_ID_CHARACTERS


def _method_refused(method: str) -> MethodRefused:
    return MethodRefused(
        f"the embedded chain does not offer '{method[:60]}'",
        hint="sign transactions and send them with eth_sendRawTransaction; "
        "for reorgs and cheat codes use a throwaway node",
    )


def raw_transaction(call: Call) -> bytes:
    """Return the signed bytes that a send call carries.

    Raises:
        BadRequest: not one hex string of sensible length.
    """
    value = call.params[0] if call.params else None
    if (
        not isinstance(value, str)
        or len(value) > 2 * _MAX_RAW_BYTES + 2
        or not _RAW.fullmatch(value)
    ):
        raise BadRequest(
            f"{call.method}: expected one 0x hex string of at most {_MAX_RAW_BYTES} bytes"
        )
    return bytes.fromhex(value[2:])


def block_count(call: Call) -> int:
    """Return how many blocks a `diptych_mine` call asks for.

    Raises:
        BadRequest: not an integer from 1 to 1,000.
    """
    value = call.params[0] if call.params else 1
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 1_000:
        raise BadRequest(f"{MINE}: expected an integer from 1 to 1000")
    return value


def result_answer(number: int | str | None, result: JsonValue) -> bytes:
    """Encode a result."""
    return _encode({"jsonrpc": "2.0", "id": number, "result": result})


def error_answer(number: int | str | None, error: DiptychError) -> bytes:
    """Encode an error: anvil's own as it was, ours with code and hint under `data`."""
    inner = error.details.get("error") if isinstance(error, NodeRefused) else None
    if inner is None:
        data: JsonValue = {"code": error.code, "hint": error.hint}
        inner = {"code": _number(error), "message": error.message, "data": data}
    return _encode({"jsonrpc": "2.0", "id": number, "error": inner})


def _number(error: DiptychError) -> int:
    if isinstance(error, BadRequest):
        return -32600
    return -32601 if isinstance(error, MethodRefused) else -32000


def _encode(value: JsonValue) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
