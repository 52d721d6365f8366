"""Makes RFC 3161 tokens for tests: in Python piece by piece, and by `openssl ts`.

`python -m tests.unit.verify.tsp_maker` writes tests/fixtures/tsp afresh (needs openssl 3).
"""

import hashlib
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

FIXTURES = Path(__file__).parents[2] / "fixtures" / "tsp"
MESSAGE = b"diptych.log/000102030405060708090a0b0c0d0e0f\n1\n" + b"A" * 43 + b"=\n"
STATED_S = 1_800_000_000
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

SHA256 = bytes.fromhex("300d06096086480165030402010500")
SIGNED_DATA, TST_INFO = "2a864886f70d010702", "2a864886f70d0109100104"
CONTENT_TYPE, MESSAGE_DIGEST = "2a864886f70d010903", "2a864886f70d010904"
CERTIFICATE_V2 = "2a864886f70d010910022f"


def tlv(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def sequence(*parts: bytes) -> bytes:
    return tlv(0x30, *parts)


def integer(value: int) -> bytes:
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(text: str) -> bytes:
    return tlv(0x06, bytes.fromhex(text))


def attribute(kind: str, value: bytes) -> bytes:
    return sequence(oid(kind), tlv(0x31, value))


@dataclass(frozen=True)
class Authority:
    """A key with its certificate."""

    key: PrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)


def authority(
    key: PrivateKey,
    name: str,
    *,
    issuer: Authority | None = None,
    is_ca: bool = False,
    stamping: bool = True,
    years: tuple[int, int] = (2000, 2100),
    depth: int | None = None,
    more: tuple[x509.ExtensionType, ...] = (),
) -> Authority:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big"))
        .not_valid_before(datetime(years[0], 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(years[1], 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=depth), critical=True)
    )
    if stamping:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(usage, critical=True)
    for one in more:
        builder = builder.add_extension(one, critical=True)
    signer = issuer.key if issuer else key
    algorithm = None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return Authority(key, builder.sign(signer, algorithm))


@dataclass(frozen=True)
class Token:
    """The parts of a token; tests replace one at a time."""

    signer: Authority
    message: bytes = MESSAGE
    gen_time: bytes = b"20270115080000Z"
    accuracy: bytes = b""
    content_digest: bytes | None = None
    certificate_hash: bytes | None = None
    attributes: tuple[bytes, ...] | None = None
    embedded: tuple[bytes, ...] | None = None
    digest_algorithm: bytes = SHA256
    version: int = 1
    signature: bytes | None = None
    pss: hashes.HashAlgorithm | None = None

    @property
    def info(self) -> bytes:
        return sequence(
            integer(self.version),
            oid("2a0304"),
            sequence(self.digest_algorithm, tlv(0x04, hashlib.sha256(self.message).digest())),
            integer(7),
            tlv(0x18, self.gen_time),
            self.accuracy,
        )

    def signed_attributes(self) -> bytes:
        if self.attributes is not None:
            return b"".join(self.attributes)
        digest = self.content_digest or hashlib.sha256(self.info).digest()
        named = self.certificate_hash or hashlib.sha256(self.signer.der).digest()
        return b"".join(
            [
                attribute(CONTENT_TYPE, oid(TST_INFO)),
                attribute(MESSAGE_DIGEST, tlv(0x04, digest)),
                attribute(CERTIFICATE_V2, sequence(sequence(sequence(tlv(0x04, named))))),
            ]
        )

    def der(self) -> bytes:
        certificate = self.signer.certificate
        signed = self.signed_attributes()
        algorithm, signature = sign(self.signer.key, tlv(0x31, signed), pss=self.pss)
        signer_info = sequence(
            integer(1),
            sequence(certificate.issuer.public_bytes(), integer(certificate.serial_number)),
            SHA256,
            tlv(0xA0, signed),
            algorithm,
            tlv(0x04, self.signature or signature),
        )
        embedded = (self.signer.der,) if self.embedded is None else self.embedded
        data = sequence(
            integer(3),
            tlv(0x31, SHA256),
            sequence(oid(TST_INFO), tlv(0xA0, tlv(0x04, self.info))),
            tlv(0xA0, *embedded) if embedded else b"",
            tlv(0x31, signer_info),
        )
        return sequence(oid(SIGNED_DATA), tlv(0xA0, data))


def sign(
    key: PrivateKey, message: bytes, *, pss: hashes.HashAlgorithm | None = None
) -> tuple[bytes, bytes]:
    """Return (AlgorithmIdentifier, signature)."""
    if isinstance(key, rsa.RSAPrivateKey) and pss is not None:
        way = padding.PSS(padding.MGF1(pss), pss.digest_size)
        return sequence(oid("2a864886f70d01010a"), sequence()), key.sign(message, way, pss)
    if isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        return sequence(oid("2a864886f70d010101"), b"\x05\x00"), signature
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return sequence(oid("2a8648ce3d040302")), key.sign(message, ec.ECDSA(hashes.SHA256()))
    return sequence(oid("2b6570")), key.sign(message)


def openssl(folder: Path, *arguments: str) -> None:
    program = shutil.which("openssl")
    assert program is not None, "openssl is not installed"
    subprocess.run([program, *arguments], cwd=folder, check=True, capture_output=True)


CONFIG = """
[tsa]
default_tsa = own
[own]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256, sha384, sha512
accuracy = secs:1, millisecs:500
ess_cert_id_alg = sha256
[ca]
basicConstraints = critical, CA:true
[leaf]
extendedKeyUsage = critical, timeStamping
"""


def make_with_openssl(folder: Path, algorithm: str = "ec") -> None:
    """Write ca.pem, tsa.pem, message.bin and token.der into `folder` with the openssl program."""
    key = ["-newkey", "rsa:2048"]
    if algorithm == "ec":
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    (folder / "ts.cnf").write_text(CONFIG)
    (folder / "serial").write_text("01\n")
    (folder / "message.bin").write_bytes(MESSAGE)
    common = ["-nodes", "-batch", "-days", "36500", *key]
    openssl(
        folder, "req", "-x509", *common, "-config", "ts.cnf", "-extensions", "ca",
        "-subj", "/CN=Test authority", "-keyout", "ca.key", "-out", "ca.pem",
    )  # fmt: skip
    openssl(
        folder, "req", "-x509", *common, "-config", "ts.cnf", "-extensions", "leaf",
        "-subj", "/CN=Test time stamps", "-keyout", "tsa.key", "-out", "tsa.pem",
        "-CA", "ca.pem", "-CAkey", "ca.key",
    )  # fmt: skip
    query = ["ts", "-query", "-data", "message.bin", "-sha256", "-cert", "-no_nonce"]
    openssl(folder, *query, "-out", "query.tsq")
    openssl(
        folder, "ts", "-reply", "-config", "ts.cnf", "-section", "own", "-queryfile", "query.tsq",
        "-signer", "tsa.pem", "-inkey", "tsa.key", "-token_out", "-out", "token.der",
    )  # fmt: skip


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_with_openssl(folder)
        FIXTURES.mkdir(parents=True, exist_ok=True)
        for file in ("ca.pem", "tsa.pem", "message.bin", "token.der"):
            (FIXTURES / file).write_bytes((folder / file).read_bytes())


if __name__ == "__main__":
    main()
