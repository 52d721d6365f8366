"""Which instructions a chain knows, found out by trying small init code with `eth_call`."""

import hashlib
from dataclasses import dataclass

from diptych.core.errors import LedgerError
from diptych.ledger.chain import Chain
from diptych.ledger.errors import Unreachable
from diptych.ledger.records import CallRequest

_ONE = (1).to_bytes(32, "big")
_SHA256_ADDRESS = "0x0000000000000000000000000000000000000002"


@dataclass(frozen=True)
class Probe:
    """A call whose answer shows a feature.

    Attributes:
        name: the feature, with the proposal that brought it.
        request: what is tried.
        answer: what a chain with the feature returns; None if only success counts.
    """

    name: str
    request: CallRequest
    answer: bytes | None


PROBES = (
    # PUSH0 PUSH0 RETURN
    Probe("PUSH0 (EIP-3855)", CallRequest(None, bytes.fromhex("5f5ff3")), b""),
    # TSTORE(0, 1); MSTORE(0, TLOAD(0)); RETURN(0, 32)
    Probe(
        "transient storage (EIP-1153)",
        CallRequest(None, bytes.fromhex("600160005d60005c60005260206000f3")),
        _ONE,
    ),
    # MSTORE(0, 1); MCOPY(32, 0, 32); RETURN(32, 32)
    Probe(
        "MCOPY (EIP-5656)",
        CallRequest(None, bytes.fromhex("6001600052602060006020" + "5e60206020f3")),
        _ONE,
    ),
    # BLOBBASEFEE POP PUSH0 PUSH0 RETURN
    Probe("blob base fee (EIP-7516)", CallRequest(None, bytes.fromhex("4a5060006000f3")), b""),
    Probe(
        "SHA-256 precompile",
        CallRequest(_SHA256_ADDRESS, b"diptych"),
        hashlib.sha256(b"diptych").digest(),
    ),
)


def missing_features(chain: Chain) -> list[str]:
    """Return what our contracts need and the chain lacks, each with the reason.

    Raises:
        Unreachable: the endpoint is away.
    """
    missing = []
    for probe in PROBES:
        try:
            answer = chain.call(probe.request)
        except Unreachable:
            raise
        except LedgerError as error:
            missing.append(f"{probe.name}: {error.message}")
            continue
        if probe.answer is not None and answer != probe.answer:
            missing.append(f"{probe.name}: got 0x{answer[:32].hex()}")
    return missing
