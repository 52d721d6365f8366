"""Certificate authorities for tests, on P-256."""

from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = 1_795_424_400.0
_SIGNING = {"digital_signature": True, "key_cert_sign": False}
_ISSUING = {"digital_signature": False, "key_cert_sign": True}


class Authority:
    """A self-signed authority, or one over a given certificate."""

    def __init__(
        self, name: str, *, path_length: int | None = None, certificate: Any = None, key: Any = None
    ) -> None:
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.name = name
        self.signer_key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = certificate or self._issue(
            name, self.key, issuing=True, path_length=path_length
        )

    def authority(self, name: str) -> "Authority":
        """Return one under this."""
        key = ec.generate_private_key(ec.SECP256R1())
        return Authority(name, certificate=self._issue(name, key, issuing=True), key=key)

    def signer(self, name: str, *, purpose: str = "code") -> tuple[Any, Any]:
        """Return key and certificate for signing code, or for another purpose."""
        return self.signer_key, self._issue(name, self.signer_key, purpose=purpose or "code")

    def _issue(
        self,
        name: str,
        key: Any,
        *,
        issuing: bool = False,
        purpose: str = "code",
        path_length: int | None = None,
    ) -> x509.Certificate:
        moment = datetime.fromtimestamp(NOW, tz=UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name(self.name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(moment - timedelta(days=1))
            .not_valid_after(moment + timedelta(days=365))
        )
        builder = builder.add_extension(x509.BasicConstraints(issuing, path_length), critical=True)
        if purpose != "no-usage":
            said = _ISSUING if issuing else _SIGNING
            builder = builder.add_extension(_usage(said), critical=True)
            if not issuing:
                oid = (
                    ExtendedKeyUsageOID.SERVER_AUTH
                    if purpose == "web"
                    else ExtendedKeyUsageOID.CODE_SIGNING
                )
                builder = builder.add_extension(x509.ExtendedKeyUsage([oid]), critical=False)
        return builder.sign(self.key, SHA256())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage(said: dict[str, bool]) -> x509.KeyUsage:
    others = (
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**said, **dict.fromkeys(others, False))
