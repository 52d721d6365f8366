"""What is tried on both contracts: a constructor's arguments and sequences of calls."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from diptych.audit.compile.artefact import CompiledContract
from diptych.audit.replay.values import Pool, abi_type, keys_of, value_of

__all__ = ["Call", "CallSequence", "Plan", "make_plan"]

_ETHER = 10**18
_VALUES = (0, 1, 10**15, _ETHER // 2, _ETHER, 2 * _ETHER)
_GAPS_S = (0, 0, 0, 12, 3600, 86_400 * 8, 86_400 * 400)
_ODD_VALUE = 0.03
_DEPLOYMENTS = 40
SENDERS = 4
REFUSER = SENDERS


@dataclass(frozen=True)
class Call:
    """One transaction.

    Attributes:
        sender: index of the account; 0 deployed the contract, the last is a contract that takes no
            ether.
        function: signature, or a word such as `receive`.
        data: call data.
        value_wei: ether sent along.
        gap_s: seconds since the transaction before.
    """

    sender: int
    function: str
    data: bytes
    value_wei: int
    gap_s: int


@dataclass(frozen=True)
class CallSequence:
    """Calls on a fresh deployment, which holds `funds_wei` from the start."""

    calls: tuple[Call, ...]
    funds_wei: int


@dataclass(frozen=True)
class Plan:
    """Everything that is tried.

    Attributes:
        deployments: constructor arguments with value to try, until one works.
        sequences: of calls.
        keys: what mappings may be indexed with.
    """

    deployments: tuple[tuple[bytes, int], ...]
    sequences: tuple[CallSequence, ...]
    keys: tuple[bytes, ...]


def make_plan(
    contract: CompiledContract,
    pool: Pool,
    *,
    seed: int = 1,
    sequences: int = 20,
    length: int = 12,
    focus: Sequence[str] = (),
) -> Plan:
    """Generate calls from an ABI; the same arguments give the same calls.

    Args:
        contract: whose functions are called.
        pool: what arguments are drawn from.
        seed: of chance.
        sequences: how many.
        length: calls in each.
        focus: names of functions that are called more often.
    """
    maker = _Maker(random.Random(seed), pool, tuple(focus))
    constructor = next((e for e in contract.abi if e.get("type") == "constructor"), {})
    deployments = tuple(maker.deployment(constructor) for _ in range(_DEPLOYMENTS))
    choices = list(_weighted(contract, frozenset(focus)))
    made = tuple(
        CallSequence(
            tuple(maker.call(choices, contract.selectors) for _ in range(length)),
            funds_wei=5 * _ETHER if at % 2 else 0,
        )
        for at in range(sequences if choices else 0)
    )
    fixed = [key for number in (*range(8), *pool.numbers) for key in keys_of(number)]
    fixed += [key for address in pool.addresses for key in keys_of(address)]
    return Plan(deployments, made, tuple(dict.fromkeys([*fixed, *maker.keys])))


def _weighted(contract: CompiledContract, focus: frozenset[str]) -> Iterator[dict[str, Any]]:
    """Yield the entries of an ABI, what changes state and what is in focus more than once."""
    for each in contract.abi:
        if each.get("type") not in ("function", "fallback", "receive"):
            continue
        reads = each.get("constant") or each.get("stateMutability") in ("view", "pure")
        times = 1 if reads else 3
        for _ in range(times * 3 if each.get("name", each.get("type")) in focus else times):
            yield each


class _Maker:
    def __init__(self, chance: random.Random, pool: Pool, focus: tuple[str, ...]) -> None:
        self.chance = chance
        self.pool = pool
        self.focus = focus
        self.keys: list[bytes] = []

    def deployment(self, constructor: dict[str, Any]) -> tuple[bytes, int]:
        data = self._arguments(constructor.get("inputs", ()))
        return data, _ETHER if _takes_value(constructor) and self.chance.random() < 0.5 else 0

    def call(self, choices: list[dict[str, Any]], selectors: dict[str, str]) -> Call:
        entry = self.chance.choice(choices)
        name, data = str(entry.get("type")), b""
        if name == "function":
            inputs = entry.get("inputs", ())
            name = f"{entry.get('name')}({','.join(abi_type(each) for each in inputs)})"
            data = bytes.fromhex(selectors.get(name, "")) + self._arguments(inputs)
        elif name == "fallback":
            data = self.chance.choice((b"", self.chance.randbytes(4), self.chance.randbytes(36)))
        takes = _takes_value(entry)
        value = self.chance.choice(_VALUES) if takes or self.chance.random() < _ODD_VALUE else 0
        sender = self.chance.choice((0, 0, 0, *range(SENDERS), REFUSER))
        return Call(sender, name, data, value, self.chance.choice(_GAPS_S))

    def _arguments(self, inputs: Sequence[dict[str, Any]]) -> bytes:
        from eth_abi.abi import encode
        from eth_abi.exceptions import EncodingError

        kinds = [abi_type(each) for each in inputs]
        try:
            values = [value_of(kind, self.chance, self.pool) for kind in kinds]
            self.keys.extend(keys_of(values))
            return encode(kinds, values)
        except (ValueError, EncodingError):  # a type of another time: any bytes will do
            return self.chance.randbytes(32 * len(kinds))


def _takes_value(entry: dict[str, Any]) -> bool:
    return bool(entry.get("payable")) or entry.get("stateMutability") == "payable"
