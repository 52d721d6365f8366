"""Time stamps over intermediates and by RSA-PSS: what stands between must bear every check."""

from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier
from tests.unit.verify.tsp_maker import MESSAGE, Authority, Token, authority

from diptych_verify.errors import BadSignature, UntrustedKey
from diptych_verify.tsp import verify_timestamp

CURVE = ec.SECP256R1()


def named(name: str, number: int, **options: Any) -> Authority:
    return authority(ec.derive_private_key(number, CURVE), name, **options)


ROOT = named("root", 31, is_ca=True, stamping=False)
SERVERS = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
SIGNS_ONLY = x509.KeyUsage(
    digital_signature=True, content_commitment=False, key_encipherment=False,
    data_encipherment=False, key_agreement=False, key_cert_sign=False, crl_sign=False,
    encipher_only=False, decipher_only=False,
)  # fmt: skip
ODD = x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\x05\x00")
ELSEWHERE = x509.NameConstraints(
    [x509.DirectoryName(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")]))], None
)


def middle(name: str = "middle", number: int = 32, **options: Any) -> Authority:
    return named(name, number, **{"issuer": ROOT, "is_ca": True, "stamping": False} | options)


def is_trusted(signer: Authority, *between: Authority, pinned: Authority = ROOT) -> bool:
    token = Token(signer, embedded=tuple(one.der for one in (signer, *between))).der()
    try:
        return verify_timestamp(token, MESSAGE, authorities=[pinned.pem]).trusted
    except UntrustedKey:
        return False


def test_intermediates_lead_to_the_pinned_root_in_any_order() -> None:
    one = middle()
    two = middle("second", 33, issuer=one)
    tsa = named("tsa", 34, issuer=two)
    assert is_trusted(tsa, one, two)
    assert is_trusted(tsa, two, one)
    assert is_trusted(tsa, two, one, ROOT)
    assert is_trusted(tsa, two, pinned=one)
    assert not is_trusted(tsa, one)
    assert not is_trusted(tsa, two)
    assert not is_trusted(tsa, one, two, pinned=middle("other", 35))


@pytest.mark.parametrize(
    "options",
    [
        {"is_ca": False},
        {"years": (2000, 2020)},
        {"more": (SERVERS,)},
        {"more": (SIGNS_ONLY,)},
        {"more": (ODD,)},
        {"more": (ELSEWHERE,)},
    ],
)
def test_an_intermediate_must_be_an_authority_for_this(options: dict[str, Any]) -> None:
    fine, bad = middle(), middle(**options)
    assert is_trusted(named("tsa", 34, issuer=fine), fine)
    assert not is_trusted(named("tsa", 34, issuer=bad), bad)


def test_path_length_and_the_number_between_are_limited() -> None:
    short = middle(depth=0)
    below = middle("below", 33, issuer=short)
    assert is_trusted(named("tsa", 34, issuer=short), short)
    assert not is_trusted(named("tsa", 34, issuer=below), below, short)
    chain = [ROOT]
    for number in range(4):
        chain.append(middle(f"middle {number}", 40 + number, issuer=chain[-1]))
    assert is_trusted(named("tsa", 34, issuer=chain[3]), *chain[1:4])
    assert not is_trusted(named("tsa", 34, issuer=chain[4]), *chain[1:])


def test_the_signer_itself_must_be_for_time_stamps_and_names_prove_nothing() -> None:
    one = middle()
    assert not is_trusted(named("tsa", 34, issuer=one, stamping=False), one)
    namesake = middle(number=36, issuer=named("root", 37, is_ca=True))
    assert not is_trusted(named("tsa", 34, issuer=namesake), namesake)
    assert not is_trusted(named("tsa", 34, issuer=namesake), one)


def test_many_certificates_that_issue_each_other_end_soon() -> None:
    key = ec.derive_private_key(50, CURVE)
    same = [named("loop", 50, is_ca=True, stamping=False)]
    for year in range(2010, 2016):
        same.append(
            authority(key, "loop", issuer=same[0], is_ca=True, stamping=False, years=(year, 2100))
        )
    assert not is_trusted(named("tsa", 34, issuer=same[0]), *same)


@pytest.mark.parametrize("digest", [hashes.SHA256(), hashes.SHA384(), hashes.SHA1()])
def test_rsa_pss_with_the_digest_of_the_signer(digest: hashes.HashAlgorithm) -> None:
    signer = authority(rsa.generate_private_key(65537, 2048), "tsa", issuer=ROOT)
    token = Token(signer, pss=digest).der()
    if isinstance(digest, hashes.SHA256):
        assert verify_timestamp(token, MESSAGE, authorities=[ROOT.pem]).trusted
        return
    with pytest.raises(BadSignature):
        verify_timestamp(token, MESSAGE, authorities=[ROOT.pem])
