"""Contracts on a chain: the code at an address, and that of what its proxy calls, over JSON-RPC.

Reads only: eth_blockNumber, eth_getCode, eth_getStorageAt and, of a beacon, eth_call, all for one
block.
"""

import re
import string
from typing import NamedTuple

from diptych.audit.errors import BadPlace, NoCode
from diptych.audit.source.proxies import BEACON, FORWARDED, SLOTS, called_by_code, read_target
from diptych.audit.source.text import SourceText
from diptych.audit.syntax.evm.reader import MAX_CODE_BYTES
from diptych.ledger.address import checksum_address, read_address
from diptych.ledger.errors import Reverted, RpcRefused
from diptych.ledger.quantity import COUNT_BITS, read_bytes, read_quantity, to_quantity
from diptych.ledger.rpc import Rpc, RpcOptions

__all__ = ["FetchedCode", "OnChain", "fetch_code", "parse_address", "rpc_options"]

_MEANT = re.compile(r"(?P<address>0[xX][^@/]*|[0-9a-fA-F]{40})@(?P<url>.*)", re.DOTALL)
"""What somebody meant as `ADDRESS@RPC_URL`, right or wrong."""
_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<rest>\S*)")
_SCHEMES = frozenset({"http", "https"})
_MAX_HOPS = 4
_ADDRESS_BYTES = 20


class OnChain(NamedTuple):
    """A contract to fetch: its address, and the endpoint to ask."""

    address: bytes
    url: str


class FetchedCode(NamedTuple):
    """What was fetched: codes in hex by address, and what to say about them."""

    texts: tuple[SourceText, ...]
    notices: tuple[str, ...]


def parse_address(text: str) -> OnChain | None:
    """Read `ADDRESS@RPC_URL`; None for anything that is not meant as one.

    Raises:
        BadAddress: the address is malformed, or its checksum is wrong.
        BadPlace: what follows is no URL of an endpoint.

    >>> parse_address("0x" + "11" * 20 + "@http://127.0.0.1:8545").url
    'http://127.0.0.1:8545'
    """
    found = _MEANT.fullmatch(text)
    if found is None:
        return None
    return OnChain(_read_address(found["address"]), _read_url(found["url"]))


def _read_address(text: str) -> bytes:
    digits = text[2:] if text[:2] in ("0x", "0X") else text
    wrong = next((each for each in digits if each not in string.hexdigits), "")
    if wrong:
        raise BadPlace(f"got address '{text[:64]}' with '{wrong}' in it, expected hex digits")
    if len(digits) != 2 * _ADDRESS_BYTES:
        raise BadPlace(
            f"got address '{text[:64]}' of {len(digits)} hex digits after 0x, "
            f"expected {2 * _ADDRESS_BYTES}"
        )
    return read_address(f"0x{digits}")


def _read_url(text: str) -> str:
    """Check a URL; messages do not show it, for it may hold a key."""
    wanted = "expected http:// or https:// and a host after the address and @"
    found = _URL.fullmatch(text)
    if found is None:
        raise BadPlace("got no URL, " + wanted if not text else "got what is no URL, " + wanted)
    if found["scheme"].lower() not in _SCHEMES:
        raise BadPlace(f"got a URL that begins with {found['scheme']}://, {wanted}")
    if not found["rest"].strip("/"):
        raise BadPlace(f"got a URL without a host, {wanted}")
    return text


def rpc_options() -> RpcOptions:
    """Return limits for endpoints that answer with code: small answers, soon."""
    return RpcOptions(timeout_s=15.0, max_response_bytes=4 * MAX_CODE_BYTES, max_depth=8, retries=2)


def fetch_code(rpc: Rpc, address: bytes) -> FetchedCode:
    """Fetch the code at an address and, if it is a proxy of a known kind, of what it calls.

    Args:
        rpc: the endpoint.
        address: 20 bytes.

    Raises:
        NoCode: nothing is deployed there.
        LedgerError: the endpoint cannot be reached, or answers what is no answer.
    """
    height = read_quantity(rpc.call("eth_blockNumber"), "block number", bits=COUNT_BITS)
    block = to_quantity(height)
    texts: dict[bytes, SourceText] = {}
    notices: list[str] = []
    target: bytes | None = address
    while target is not None and target not in texts and len(texts) <= _MAX_HOPS:
        shown = checksum_address(target)
        code = read_bytes(rpc.call("eth_getCode", f"0x{target.hex()}", block), "code")
        if not code:
            if not texts:
                raise NoCode(
                    f"got no code at {shown} at block {height}, expected a contract",
                    hint="check the address, and that the endpoint serves the chain it is on",
                )
            notices.append(f"{shown} at block {height}: no code there")
            break
        texts[target] = SourceText(shown, code.hex().encode())
        notices.append(f"{shown} at block {height}: {len(code):,} bytes of code")
        target, how = _called(rpc, target, code, block)
        notices += [how] if how else []
    return FetchedCode(tuple(texts.values()), tuple(notices))


def _called(rpc: Rpc, address: bytes, code: bytes, block: str) -> tuple[bytes | None, str]:
    """Return what a proxy calls, and how it is known; None if this is no proxy."""
    target = called_by_code(code)
    if target is not None:
        return target, ""
    for slot in (*SLOTS, BEACON):
        answer = rpc.call("eth_getStorageAt", f"0x{address.hex()}", slot, block)
        target = read_target(read_bytes(answer, "storage word"))
        if target is not None:
            return _forwarded(rpc, target, block) if slot == BEACON else (target, "")
    return None, ""


def _forwarded(rpc: Rpc, beacon: bytes, block: str) -> tuple[bytes | None, str]:
    """Ask a beacon what its proxies call."""
    shown = checksum_address(beacon)
    try:
        answer = rpc.call("eth_call", {"to": f"0x{beacon.hex()}", "data": FORWARDED}, block)
    except (RpcRefused, Reverted):
        return None, f"{shown} is named as a beacon and gives no address"
    return read_target(read_bytes(answer, "beacon's answer")), f"the beacon {shown} was asked"
