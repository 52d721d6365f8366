"""Proxies on a chain: what code calls, by the code itself or by the slots that standards name."""

import re

__all__ = ["BEACON", "FORWARDED", "SLOTS", "called_by_code", "read_target"]

_ADDRESS_BYTES = 20
_MAX_HEAD = 96
_FORWARDS = re.compile(rb"\x73(?P<target>.{20})\x5a\xf4", re.DOTALL)
"""PUSH20, then DELEGATECALL with all gas."""
_DELEGATES = b"\xef\x01\x00"
FORWARDED = "0x5c60da1b"
"""The selector of a beacon's `implementation()`, ERC-1967."""
SLOTS = (
    # keccak256("eip1967.proxy.implementation") - 1, ERC-1967
    "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc",
    # keccak256("PROXIABLE"), ERC-1822
    "0xc5f16f0fcc639fa48a6947836d9850f504798523bf8c9a3a87d5876cf622bcf7",
    # keccak256("org.zeppelinos.proxy.implementation"), before ERC-1967
    "0x7050c9e0f4ca769c69bd3a8ef740bc37934f8e2c036e5a723fd8ee048ed3f8c3",
)
"""Where proxies keep the address that they call."""
BEACON = "0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50"
"""keccak256("eip1967.proxy.beacon") - 1, ERC-1967: who is asked for the address to call."""


def called_by_code(code: bytes) -> bytes | None:
    """Return the address that code hands everything to; None if it does not.

    Minimal proxies (ERC-1167) with and without arguments behind them, those of Vyper and other
    short forms, and accounts that delegate (EIP-7702).
    """
    if code[:3] == _DELEGATES and len(code) == len(_DELEGATES) + _ADDRESS_BYTES:
        return code[len(_DELEGATES) :]
    found = _FORWARDS.search(code, 0, _MAX_HEAD)
    return None if found is None else found["target"]


def read_target(word: bytes) -> bytes | None:
    """Return the address in a word of storage or of an answer; None for nought."""
    last = word[-32:].rjust(32, b"\0")[-_ADDRESS_BYTES:]
    return last if any(last) else None
