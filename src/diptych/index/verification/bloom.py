"""The 2048-bit filters of logs. Pure.

Source: Yellow Paper 4.3.1, M3:2048: the first three pairs of bytes of an item's Keccak-256, each
modulo 2048, name three bits; bit 0 is the last bit of the 256 bytes.
"""

import struct
from collections.abc import Iterable

from diptych.index.blocks import LogSelector
from diptych.index.source.answers import RawLog
from diptych.index.verification.keccak import Keccak

BLOOM_BYTES = 256
_CACHED = 1 << 16
_BITS = tuple(1 << place for place in range(8 * BLOOM_BYTES))
_PAIRS = struct.Struct(">HHH").unpack


class Blooms:
    """Computes filters and remembers the bits of addresses and topics seen."""

    def __init__(self, keccak: Keccak) -> None:
        """Start with nothing remembered.

        Args:
            keccak: hash function.
        """
        self._keccak = keccak
        self._bits: dict[str | bytes, int] = {}

    def bits(self, item: str | bytes) -> int:
        """Return the bits of an address or topic, hex text or bytes, as one number."""
        found = self._bits.get(item)
        if found is None:
            raw = bytes.fromhex(item[2:]) if isinstance(item, str) else item
            first, second, third = _PAIRS(self._keccak(raw)[:6])
            found = _BITS[first & 2047] | _BITS[second & 2047] | _BITS[third & 2047]
            if len(self._bits) >= _CACHED:
                self._bits.clear()
            self._bits[item] = found
        return found

    def of(self, items: Iterable[str | bytes]) -> int:
        """Return the filter of addresses and topics."""
        bits, known = 0, self._bits
        for item in set(items):
            found = known.get(item)
            bits |= self.bits(item) if found is None else found
        return bits

    def of_logs(self, logs: Iterable[RawLog]) -> int:
        """Return the filter of events."""
        return self.of([item for log in logs for item in (log.address, *log.topics)])

    def text(self, logs: Iterable[RawLog]) -> str:
        """Return the filter of events as hex text of 256 bytes."""
        return "0x" + self.of_logs(logs).to_bytes(BLOOM_BYTES, "big").hex()

    def may_hold(self, bloom: bytes, selector: LogSelector) -> bool:
        """Return whether a block with this filter may have logs that are wanted; False is sure.

        Args:
            bloom: 256 bytes of a proven header.
            selector: the logs wanted.
        """
        held = int.from_bytes(bloom, "big")
        return all(
            not items or any(held & (bits := self.bits(item)) == bits for item in items)
            for items in (selector.addresses, selector.topics)
        )
