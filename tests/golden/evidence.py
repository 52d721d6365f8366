"""Time evidence made by hand: a block with an anchor event, and an RFC 3161 token."""

import datetime
import hashlib
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from eth_hash.auto import keccak
from tests.golden.world import START_S, seed

from diptych.ledger.transaction import to_minimal
from diptych.ledger.trie import Trie
from diptych_verify.bundle import AnchorProof
from diptych_verify.note import Checkpoint, VerifierKey
from diptych_verify.policy import TrustedAnchor, TrustedBlock
from diptych_verify.receipt import parse_header
from diptych_verify.rlp import encode_integer, rlp_encode
from diptych_verify.tsp_token import (
    OID_CONTENT_TYPE,
    OID_MESSAGE_DIGEST,
    OID_SIGNED_DATA,
    OID_SIGNING_CERTIFICATE_V2,
    OID_TST_INFO,
)

CONTRACT = bytes.fromhex("00000000000000000000000000000000000a11c4")
EVENT = keccak(b"Anchored(bytes32,uint48,bytes32)")
SHA256_OID = bytes.fromhex("608648016503040201")
ED25519_OID = bytes.fromhex("2b6570")


def log_id_of(key: VerifierKey) -> bytes:
    """Return `keccak256(abi.encode(first owner, salt))` with a made-up owner."""
    salt = hashlib.sha256(str(key).encode()).digest()
    return keccak(bytes(12) + seed("owner")[:20] + salt)


def anchor_of(
    key: VerifierKey, head: Checkpoint, *, chain_id: int = 1, time_s: int = START_S + 600
) -> AnchorProof:
    """Return the proof that a block of three transactions anchors a tree head in its second."""
    log_id = log_id_of(key)
    event = [CONTRACT, [EVENT, log_id], head.size.to_bytes(32, "big") + head.root]
    noise = [seed("other contract")[:20], [seed("topic")], b"noise"]
    receipts = [[], [noise, event], [noise]]
    trie = Trie({encode_integer(i): _receipt(i, logs) for i, logs in enumerate(receipts)})
    return AnchorProof(
        chain_id=chain_id,
        contract=CONTRACT,
        log_id=log_id,
        header=_header(trie.root, time_s),
        index=1,
        log_index=1,
        proof=tuple(trie.proof(encode_integer(1))),
    )


def _receipt(position: int, logs: Sequence[object]) -> bytes:
    fields = [b"\x01", to_minimal(36_647 * (position + 1)), bytes(256), logs]
    return b"\x02" + rlp_encode(fields)


def _header(receipts_root: bytes, time_s: int) -> bytes:
    fields = [
        *(seed(name) for name in ("parent", "uncles")),
        seed("coinbase")[:20],
        *(seed(name) for name in ("state", "transactions")),
        receipts_root,
        bytes(256),
        *(to_minimal(number) for number in (0, 21_000_000, 30_000_000, 109_941, time_s)),
        b"test",
        seed("mix"),
        bytes(8),
        to_minimal(7),
        seed("withdrawals"),
        *(b"", b""),
        seed("beacon"),
    ]
    return rlp_encode(fields)


def trusted_anchor(anchor: AnchorProof) -> TrustedAnchor:
    """Return what a policy says about this contract and log."""
    return TrustedAnchor(anchor.chain_id, anchor.contract, anchor.log_id)


def trusted_block(anchor: AnchorProof) -> TrustedBlock:
    """Return what a policy says about this block."""
    return TrustedBlock(anchor.chain_id, parse_header(anchor.header).block_hash)


def authority(name: str = "authority") -> tuple[Ed25519PrivateKey, x509.Certificate]:
    """Return a self-signed time-stamping certificate with fixed key, serial number and dates."""
    key = Ed25519PrivateKey.from_private_bytes(seed(name))
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"test-only TSA {name}")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(0x7E57)
        .not_valid_before(start)
        .not_valid_after(start.replace(year=2056))
        .add_extension(usage, critical=True)
    )
    return key, builder.sign(key, None)


def pem(certificate: x509.Certificate) -> str:
    """Return the PEM text that a policy pins."""
    return certificate.public_bytes(Encoding.PEM).decode()


def token_for(body: bytes, *, name: str = "authority", time_s: int = START_S + 300) -> bytes:
    """Return an RFC 3161 token over `body`, without the certificate, which a policy pins."""
    key, certificate = authority(name)
    moment = datetime.datetime.fromtimestamp(time_s, tz=datetime.UTC)
    sha256 = der(0x30, der(0x06, SHA256_OID))
    info = der(
        0x30,
        der(0x02, b"\x01"),
        der(0x06, b"\x2a\x03\x04"),
        der(0x30, sha256, der(0x04, hashlib.sha256(body).digest())),
        der(0x02, b"\x2a"),
        der(0x18, moment.strftime("%Y%m%d%H%M%SZ").encode()),
    )
    encoded = certificate.public_bytes(Encoding.DER)
    hashed = der(0x30, der(0x30, der(0x30, der(0x04, hashlib.sha256(encoded).digest()))))
    attributes = b"".join(
        sorted(
            der(0x30, der(0x06, oid), der(0x31, value))
            for oid, value in (
                (OID_CONTENT_TYPE, der(0x06, OID_TST_INFO)),
                (OID_MESSAGE_DIGEST, der(0x04, hashlib.sha256(info).digest())),
                (OID_SIGNING_CERTIFICATE_V2, hashed),
            )
        )
    )
    signer_id = der(0x30, certificate.issuer.public_bytes(), der(0x02, b"\x7e\x57"))
    signer = der(
        0x30,
        der(0x02, b"\x01"),
        signer_id,
        sha256,
        der(0xA0, attributes),
        der(0x30, der(0x06, ED25519_OID)),
        der(0x04, key.sign(der(0x31, attributes))),
    )
    content = der(0x30, der(0x06, OID_TST_INFO), der(0xA0, der(0x04, info)))
    signed = der(0x30, der(0x02, b"\x03"), der(0x31, sha256), content, der(0x31, signer))
    return der(0x30, der(0x06, OID_SIGNED_DATA), der(0xA0, signed))


def der(tag: int, *parts: bytes) -> bytes:
    """Encode one DER element."""
    content = b"".join(parts)
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content
