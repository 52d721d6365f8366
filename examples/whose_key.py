"""Bind a signing key to an organisation by its certificate, and let a stranger see the name.

The root is made here; in life the stranger has it from the authority itself.
"""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

import diptych
from diptych.core.secret import Secret
from diptych.provenance.identity import message_to_bind
from diptych_verify.policy import TrustPolicy
from diptych_verify.verify import verify_bundle

Authority = tuple[str, ec.EllipticCurvePrivateKey]


def certificate(name: str, public: ec.EllipticCurvePublicKey, by: Authority) -> x509.Certificate:
    """Issue a certificate for a month; one with the issuer's own name is a root."""
    own = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, name)])
    issuer = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, by[0])])
    now = datetime.now(tz=UTC)
    return (
        x509.CertificateBuilder(issuer, own, public, x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=own == issuer, path_length=None), critical=True)
        .sign(by[1], SHA256())
    )


root_key, hospital_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
authority = ("Health authority", root_key)
root = certificate("Health authority", root_key.public_key(), authority)
leaf = certificate("Hospital A", hospital_key.public_key(), authority)
with tempfile.TemporaryDirectory() as folder:
    here = Path(folder)
    book = diptych.create(here, prompt=lambda reason: Secret("only for this example"))
    (here / "readings.csv").write_text("t,c\n0,3.9\n")
    keyid = str(book.records()[0].signers[0])
    # The certificate's key, wherever it is kept, signs a short statement about our key.
    binding = hospital_key.sign(message_to_bind(keyid), ec.ECDSA(SHA256()))
    (here / "hospital.pem").write_bytes(leaf.public_bytes(Encoding.PEM))
    (here / "binding.sig").write_bytes(binding)
    book.identify(x509=Path("hospital.pem"), binding=Path("binding.sig"))
    book.seal("readings.csv")
    bundle = book.bundle("readings.csv")
pinned = root.public_bytes(Encoding.PEM).decode()
for policy in (TrustPolicy(), TrustPolicy(identity_roots=(pinned,))):
    answer = verify_bundle(bundle, policy=policy).answer("who")
    print(f"{answer.status}: {answer.text}")
