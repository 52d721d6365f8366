"""X.509 chains: every link, limit and purpose is checked; each refusal has an accepted twin."""

from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from tests.golden.world import seed
from tests.unit.identity.makers import (
    EARLY,
    FROM,
    Authority,
    ed25519,
    issue,
    issuer_key,
    p256,
    root,
    scalar,
    subject,
)

from diptych.provenance.keys.signer import Ed25519Signer, Secp256k1Signer
from diptych_verify.errors import BadSignature, MalformedError
from diptych_verify.identity.chain import Chain, binding_message, to_der, verify_chain
from diptych_verify.identity.public_key import PublicKey, key_of

KEYID = Ed25519Signer(seed("signer")).keyid
KEY = key_of(KEYID)
NAME = subject("Ann", "Hospital A")


def check(*chain: Authority, key: PublicKey = KEY, roots: tuple[Authority, ...] = ()) -> Chain:
    pems = [one.pem for one in roots]
    return verify_chain([one.der for one in chain], key, None, roots=pems)


def leaf(*extensions: x509.ExtensionType, by: Authority | None = None, **options: Any) -> Authority:
    return issue(NAME, ed25519("signer").public_key(), *extensions, by=by or root(), **options)


def usage(**allowed: bool) -> x509.KeyUsage:
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment")
    more = ("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**(dict.fromkeys((*names, *more), False) | allowed))


def test_a_leaf_with_the_signing_key_under_a_pinned_root() -> None:
    found = check(leaf(), roots=(root(),))
    assert (found.name, found.root) == ("Ann, Hospital A", "Root R")
    assert found.valid_from_s == int(FROM.timestamp())
    assert check(leaf()).root == ""
    assert check(leaf(), roots=(root("Root S"),)).root == ""


def test_a_root_of_the_same_name_with_another_key_is_foreign() -> None:
    fake = issue(subject("Root R"), ed25519("mallory"), ca=True)
    assert check(leaf(by=fake), roots=(root(),)).root == ""
    assert check(leaf(by=fake), roots=(fake,)).root == "Root R"


def test_a_leaf_with_another_key_does_not_speak_for_ours() -> None:
    with pytest.raises(BadSignature, match="holds another key"):
        check(leaf(), key=issuer_key(ed25519("else")), roots=(root(),))


def test_a_secp256k1_leaf_speaks_for_its_own_key() -> None:
    private = ec.derive_private_key(int.from_bytes(seed("eth"), "big"), ec.SECP256K1())
    one = issue(NAME, private.public_key(), by=root())
    assert check(one, key=key_of(Secp256k1Signer(seed("eth")).keyid)).name == "Ann, Hospital A"


def test_an_intermediate_links_leaf_and_root_in_order() -> None:
    middle = issue(subject("CA 2"), ed25519("ca2"), by=root(), ca=True, depth=0)
    end = leaf(by=middle)
    assert check(end, middle, roots=(root(),)).root == "Root R"
    assert check(end, middle, root(), roots=(root(),)).root == "Root R"
    with pytest.raises(BadSignature, match="not issued by"):
        check(end, root(), roots=(root(),))
    with pytest.raises(MalformedError, match="1 to 6 certificates"):
        check(end, end)


def test_a_leaf_cannot_issue_and_depth_is_limited() -> None:
    no_ca = issue(subject("no CA"), ed25519("ca2"), by=root())
    with pytest.raises(MalformedError, match="may not issue"):
        check(leaf(by=no_ca), no_ca, roots=(root(),))
    signs_nothing = issue(
        subject("CA 2"), ed25519("ca2"), usage(digital_signature=True), by=root(), ca=True
    )
    with pytest.raises(MalformedError, match="may not issue"):
        check(leaf(by=signs_nothing), signs_nothing)
    short = issue(subject("CA 2"), ed25519("ca2"), by=root(), ca=True, depth=0)
    below = issue(subject("CA 3"), ed25519("ca3"), by=short, ca=True)
    with pytest.raises(MalformedError, match="too long"):
        check(leaf(by=below), below, short, roots=(root(),))


def test_a_pinned_leaf_needs_no_authority() -> None:
    own = issue(NAME, ed25519("signer"))
    assert check(own, roots=(own,)).root == "Ann, Hospital A"
    assert check(own).root == ""


def test_validity_is_that_of_the_shortest_certificate() -> None:
    short = (FROM, EARLY)
    middle = issue(subject("CA 2"), ed25519("ca2"), by=root(), ca=True, valid=short)
    assert check(leaf(by=middle), middle).valid_until_s == int(EARLY.timestamp())


@pytest.mark.parametrize(
    ("extension", "fine"),
    [
        (usage(digital_signature=True), True),
        (usage(content_commitment=True), True),
        (usage(key_agreement=True), False),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\x05\x00"), False),
    ],
)
def test_purposes_and_unknown_critical_extensions(
    extension: x509.ExtensionType, *, fine: bool
) -> None:
    if fine:
        assert check(leaf(extension), roots=(root(),)).root == "Root R"
        return
    with pytest.raises(MalformedError):
        check(leaf(extension), roots=(root(),))


def test_an_unknown_extension_that_is_not_critical_is_fine() -> None:
    odd = x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    assert check(leaf(odd, critical=False), roots=(root(),)).root == "Root R"


def within(*permitted: x509.GeneralName, excluded: Any = None) -> tuple[Authority, Authority]:
    constraints = x509.NameConstraints(list(permitted) or None, excluded)
    ca = issue(subject("CA 2"), ed25519("ca2"), constraints, by=root(), ca=True)
    mail = x509.SubjectAlternativeName([x509.RFC822Name("ann@hospital.example")])
    return leaf(mail, by=ca, critical=False), ca


@pytest.mark.parametrize(
    ("names", "fine"),
    [
        ((x509.RFC822Name("hospital.example"),), True),
        ((x509.RFC822Name("ann@hospital.example"),), True),
        ((x509.RFC822Name("other.example"),), False),
        ((x509.DNSName("other.example"),), True),
        ((x509.DirectoryName(subject("x", "Hospital A")),), False),
        ((x509.UniformResourceIdentifier("a.example"),), False),
    ],
)
def test_name_constraints_hold_for_all_below(
    names: tuple[x509.GeneralName, ...], *, fine: bool
) -> None:
    if fine:
        assert check(*within(*names)).mail == "ann@hospital.example"
        return
    with pytest.raises(MalformedError, match="constraints"):
        check(*within(*names))


def test_excluded_names_are_refused() -> None:
    with pytest.raises(MalformedError, match="constraints"):
        check(*within(excluded=[x509.RFC822Name("hospital.example")]))
    organisation = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Hospital A")])
    with pytest.raises(MalformedError, match="constraints"):
        check(*within(excluded=[x509.DirectoryName(organisation)]))


RSA_2048 = rsa.generate_private_key(65537, 2048)


def sign(private: Any, message: bytes, how: str) -> bytes:
    if isinstance(private, ec.EllipticCurvePrivateKey):
        return private.sign(message, ec.ECDSA(hashes.SHA256()))
    if how == "pss":
        pss = padding.PSS(padding.MGF1(hashes.SHA384()), padding.PSS.DIGEST_LENGTH)
        return bytes(private.sign(message, pss, hashes.SHA384()))
    if how == "pkcs1":
        return bytes(private.sign(message, padding.PKCS1v15(), hashes.SHA256()))
    return bytes(private.sign(message))


@pytest.mark.parametrize(
    ("private", "how"),
    [
        (p256("ann"), "ecdsa"),
        (ec.derive_private_key(scalar("p384"), ec.SECP384R1()), "ecdsa"),
        (RSA_2048, "pss"),
        (RSA_2048, "pkcs1"),
        (ed25519("ann"), "eddsa"),
    ],
)
def test_a_binding_by_the_certificate_s_key(private: Any, how: str) -> None:
    one, message = issue(NAME, private.public_key(), by=root()), binding_message(KEYID)
    assert message == f"diptych-identity-binding/1\n{KEYID}\n".encode()
    signature = sign(private, message, how)

    def bound(over: bytes) -> Chain:
        return verify_chain([one.der], KEY, (over, signature), roots=[root().pem])

    assert bound(message).root == "Root R"
    with pytest.raises(BadSignature, match="binding"):
        bound(binding_message(Ed25519Signer(seed("else")).keyid))
    with pytest.raises(BadSignature, match="another key"):
        check(one)


def test_small_rsa_keys_are_refused() -> None:
    small = rsa.generate_private_key(65537, 1024)
    one = issue(NAME, small.public_key(), by=root())
    signature = sign(small, binding_message(KEYID), "pkcs1")
    with pytest.raises(MalformedError, match="1024 bits"):
        verify_chain([one.der], KEY, (binding_message(KEYID), signature), roots=[])


@pytest.mark.parametrize(
    "raw", [b"", b"\x30\x84\xff\xff\xff\xff", b"0" * 4096, b"\x30\x03\x02\x01"]
)
def test_hostile_der_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        verify_chain([raw], KEY, None, roots=[])


def test_no_cut_or_flipped_certificate_leads_to_the_root() -> None:
    der = leaf().der
    for at in range(0, len(der), 7):
        for bad in (der[:at], der[:at] + bytes([der[at] ^ 1]) + der[at + 1 :]):
            try:
                found = verify_chain([bad], KEY, None, roots=[root().pem]).root
            except (MalformedError, BadSignature):
                continue
            assert found == "", at


def test_pem_is_read_in_order() -> None:
    text = leaf().pem + root().pem
    assert to_der(text.encode()) == [leaf().der, root().der]
    with pytest.raises(MalformedError):
        to_der(b"no certificate")
    assert root().certificate.public_bytes(Encoding.DER) == root().der
