"""Logs of any event, for tests: encoded by eth-abi, which is not what decodes them."""

from typing import Any

from eth_abi.abi import encode
from tests.unit.index.chains import Log, account

from diptych.index.abi import known_abi


def emit(address: bytes, abi: str, event: str, *values: Any) -> Log:
    """Return the log of an event; indexed arguments are single words."""
    found = known_abi(abi).event(event)
    topics = [found.topic0]
    types, plain = [], []
    for one, value in zip(found.inputs, values, strict=True):
        if one.indexed:
            topics.append(encode([one.type], [value]))
        else:
            types.append(one.type)
            plain.append(value)
    return Log(address, tuple(topics), encode(types, plain))


def text(number: int) -> str:
    """Return an account's address as 0x text."""
    return "0x" + account(number).hex()
