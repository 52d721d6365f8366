"""Chain evidence: the anchor event of a tree head, proven against a block header."""

from typing import Final

from diptych_verify.bundle import AnchorProof
from diptych_verify.errors import AnchorMismatch
from diptych_verify.evidence import utc
from diptych_verify.keccak import keccak256
from diptych_verify.log_view import LogView
from diptych_verify.policy import TrustedAnchor, TrustedBlock, TrustPolicy
from diptych_verify.receipt import LogEvent, parse_header, verify_event
from diptych_verify.time_claim import TimeClaim

EVENT: Final = "Anchored(bytes32,uint48,bytes32)"
EMBEDDED_CHAINS: Final = range(0x0D1D_0000_0000, 0x0D1E_0000_0000)
_MAX_SIZE = 2**48 - 1


def verify_anchor(anchor: AnchorProof, log: LogView, policy: TrustPolicy) -> TimeClaim:
    """Check that a tree head covering the subject was written to a chain, and when.

    Args:
        anchor: the bundle's chain evidence.
        log: the verified log view.
        policy: its anchors and blocks are enforced where it names any.

    Returns:
        A claim with the block's time, trusted if the policy lists the block and the chain is not
        an embedded one.

    Raises:
        MalformedError: header, proof or receipt cannot be decoded.
        AnchorMismatch: the event is not there, says something else, or is outside the policy.
    """
    header = parse_header(anchor.header)
    event = verify_event(header, anchor.index, anchor.proof, log_index=anchor.log_index)
    size = _verify_anchored(event, anchor, log)
    _enforce(anchor, header.block_hash, policy)
    embedded = anchor.chain_id in EMBEDDED_CHAINS
    kind = "embedded chain" if embedded else "chain"
    return TimeClaim(
        source="anchor",
        time_s=header.time_s,
        trusted=bool(policy.blocks) and not embedded,
        text=f"block {header.number} of {kind} {anchor.chain_id}",
        evidence={
            "source": "anchor",
            "time": utc(header.time_s),
            "chain_id": anchor.chain_id,
            "contract": f"0x{anchor.contract.hex()}",
            "log_id": f"0x{anchor.log_id.hex()}",
            "block": header.number,
            "block_hash": f"0x{header.block_hash.hex()}",
            "size": size,
            "embedded": embedded,
        },
    )


def _enforce(anchor: AnchorProof, block_hash: bytes, policy: TrustPolicy) -> None:
    """Refuse contracts and blocks outside the categories that the policy names."""
    where = TrustedAnchor(anchor.chain_id, anchor.contract, anchor.log_id)
    if policy.anchors and where not in policy.anchors:
        raise AnchorMismatch(
            f"got an anchor in contract 0x{anchor.contract.hex()} of chain {anchor.chain_id}, "
            "which the policy does not list for this log id",
            chain_id=anchor.chain_id,
            contract=f"0x{anchor.contract.hex()}",
            log_id=f"0x{anchor.log_id.hex()}",
        )
    block = TrustedBlock(anchor.chain_id, block_hash)
    if policy.blocks and block not in policy.blocks:
        raise AnchorMismatch(
            f"got block 0x{block_hash.hex()} of chain {anchor.chain_id}, "
            "which the policy does not list",
            hint="look the block hash up in a node you trust, then add it to the policy",
            chain_id=anchor.chain_id,
            block=f"0x{block_hash.hex()}",
        )


def _verify_anchored(event: LogEvent, anchor: AnchorProof, log: LogView) -> int:
    """Check contract, log id, size and root of the event; return the anchored size."""
    topics = (keccak256(EVENT.encode()), anchor.log_id)
    if event.address != anchor.contract or event.topics != topics or len(event.data) != 64:
        raise AnchorMismatch(
            f"the event is not {EVENT} of log 0x{anchor.log_id.hex()} "
            f"from contract 0x{anchor.contract.hex()}"
        )
    size, root = int.from_bytes(event.data[:32], "big"), event.data[32:]
    if size > _MAX_SIZE or log.heads.get(size) != root:
        raise AnchorMismatch(
            f"the chain holds root {root.hex()} for size {size}, "
            "which is neither the checkpoint nor proven to precede it"
        )
    if size <= log.subject.index:
        raise AnchorMismatch(
            f"the anchored size {size} does not cover the record at index {log.subject.index}"
        )
    return size
