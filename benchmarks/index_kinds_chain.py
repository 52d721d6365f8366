"""A throwaway chain of many kinds of transactions, read back as an endpoint answers.

Most are sent from anvil's unlocked accounts: types 0, 1 and 2, transfers of ether, calls that emit
token transfers, creations, and some that fail. Type 4 is signed here. Blob transactions (type 3)
are left out: anvil hashes them with their blobs, which is not what consensus says.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from eth_account import Account

from chain_load import Client
from diptych.index.source.answers import RawBlock, RawReceipt
from diptych.ledger.devchain.throwaway import DEV_KEYS, throwaway_node
from index_chain import creation

PER_BLOCK = 250
_BATCH = 1000
_GRANTS = 200
_ACCESS = [{"address": "0x" + "33" * 20, "storageKeys": ["0x" + "44" * 32]}]
_KEY, _GRANTER = DEV_KEYS[1], b"\x07" * 32
_FEES = {"maxFeePerGas": hex(10**11), "maxPriorityFeePerGas": hex(10**9)}


@contextmanager
def kinds_chain(count: int) -> Iterator[Client]:
    """Run a chain with about `count` transactions."""
    flags = ("--no-mining", "--gas-limit", "3000000000", "--order", "fifo")
    with throwaway_node(extra=[*flags, "--no-request-size-limit"]) as url:
        client = Client(url)
        try:
            _fill(client, count)
            yield client
        finally:
            client.close()


def _fill(client: Client, count: int) -> None:
    accounts = [str(one) for one in client.call("eth_accounts")][:8]
    token = "0x" + _deploy(client, accounts[0])
    nonces = dict.fromkeys(accounts, 0) | {accounts[0]: 1}
    sent = 0
    while sent < count:
        batch = []
        for place in range(sent, min(count, sent + _BATCH)):
            sender = accounts[place % len(accounts)]
            fields = _kind(place, token) | {"from": sender, "nonce": hex(nonces[sender])}
            nonces[sender] += 1
            batch.append(_request(place, "eth_sendTransaction", fields))
        _require(client.exchange(batch))
        sent += len(batch)
        client.call("anvil_mine", hex(-(-len(batch) // PER_BLOCK)))
    _signed(client)


def _deploy(client: Client, sender: str) -> str:
    fields = {"from": sender, "data": "0x" + creation().hex(), "gas": "0x100000", "nonce": "0x0"}
    digest = client.call("eth_sendTransaction", fields)
    client.call("anvil_mine", "0x1")
    return str(client.call("eth_getTransactionReceipt", digest)["contractAddress"])[2:].lower()


def _kind(place: int, token: str) -> dict[str, Any]:
    """Return the fields of one of the kinds, in turn."""
    data = "0x" + place.to_bytes(32, "big").hex() + (place % 4).to_bytes(32, "big").hex()
    call = {"to": token, "data": data, "gas": "0x30000"}
    plain = {"to": "0x" + place.to_bytes(20, "big").hex(), "value": hex(1 + place), "gas": "0x7530"}
    price = {"gasPrice": hex(10**11)}
    kinds: tuple[dict[str, Any], ...] = (
        plain | price,
        call | price,
        plain | price | {"accessList": _ACCESS},
        plain | _FEES,
        call | _FEES,
        call | _FEES | {"accessList": _ACCESS},
        {"data": "0x" + creation().hex(), "gas": "0x40000"} | _FEES,
        {"data": "0xfe", "gas": "0x10000"} | _FEES,
    )
    return kinds[place % len(kinds)]


def _signed(client: Client) -> None:
    """Send what anvil does not sign by itself: transactions that set code."""
    account = Account.from_key(_KEY)
    chain_id = int(client.call("eth_chainId"), 16)
    nonce = int(client.call("eth_getTransactionCount", account.address, "latest"), 16)
    fees = {"maxFeePerGas": 10**11, "maxPriorityFeePerGas": 10**9, "chainId": chain_id}
    for at in range(_GRANTS):
        grant = {"chainId": chain_id, "address": "0x" + "55" * 20, "nonce": at}
        fields: dict[str, Any] = {
            **fees,
            "type": 4,
            "nonce": nonce + at,
            "gas": 100_000,
            "to": "0x" + "22" * 20,
            "authorizationList": [Account.sign_authorization(grant, _GRANTER)],
        }
        raw = account.sign_transaction(fields).raw_transaction
        client.call("eth_sendRawTransaction", "0x" + raw.hex())
    client.call("anvil_mine", "0x2")


def read_back(client: Client) -> Iterator[tuple[bytes, bytes]]:
    """Yield the answers of each block: the block with its transactions, and its receipts."""
    head = int(client.call("eth_blockNumber"), 16)
    for number in range(head + 1):
        block = client.call("eth_getBlockByNumber", hex(number), True)
        receipts = client.call("eth_getBlockReceipts", hex(number))
        yield msgspec.json.encode(block), msgspec.json.encode(receipts)


def structs(block: bytes, receipts: bytes) -> tuple[RawBlock, list[RawReceipt]]:
    """Decode the answers of a block."""
    return (
        msgspec.json.decode(block, type=RawBlock),
        msgspec.json.decode(receipts, type=list[RawReceipt]),
    )


def _request(number: int, method: str, fields: dict[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": [fields]}


def _require(answers: list[dict[str, Any]]) -> None:
    wrong = [answer["error"] for answer in answers if "error" in answer]
    if wrong:
        raise RuntimeError(f"got {len(wrong)} refusals, the first: {wrong[0]}")
