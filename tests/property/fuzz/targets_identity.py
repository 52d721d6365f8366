"""Readers of identities that need a policy: certificates, tokens, whole bundles."""

import base64
import gzip

from tests.golden.test_golden_identity import FOLDER
from tests.property.fuzz.engine import Target
from tests.unit.identity.makers import (
    Authority,
    claims,
    crl,
    ed25519,
    issue,
    issuer_key,
    jwt,
    root,
    status_claims,
    subject,
)

from diptych_verify.identity.chain import verify_chain
from diptych_verify.identity.credential import MAX_CREDENTIAL_BYTES, parse_credential
from diptych_verify.identity.crl import path_standing, to_der_crl
from diptych_verify.identity.status_list import MAX_STATUS_LIST_BYTES, parse_status_list
from diptych_verify.policy import TrustPolicy
from diptych_verify.verify import verify_bundle

_ISSUER = ed25519("fuzz issuer")
_KEY = issuer_key(_ISSUER)
_ROOT = root().pem
_LIST = jwt(status_claims(_KEY.did, {5}), _ISSUER, "EdDSA", kid=_KEY.did)
_BITS = gzip.compress(bytes(1 << 14), mtime=0)
_POLICY = TrustPolicy.parse((FOLDER / "x509.policy.toml").read_bytes())


def identity_targets() -> list[Target]:
    """Return the targets of this module."""
    bundles = [path.read_bytes() for path in sorted(FOLDER.glob("*.diptych.json"))]
    tokens = [jwt(claims(_KEY.did, _KEY.did), _ISSUER, "EdDSA", kid=_KEY.did)]
    leaf = _leaf()
    return [
        Target("identified_bundle", _bundle, bundles, "json", 10),
        Target("credential_token", parse_credential, tokens, "bytes", 10, MAX_CREDENTIAL_BYTES),
        Target("certificate", _certificate, [leaf.der], "der", 10),
        Target("revocation_list", _revocation_list, [crl(root(), leaf)], "der", 10),
        Target("status_list", _status_list, [_LIST], "bytes", 10, MAX_STATUS_LIST_BYTES),
        Target("status_bits", _status_bits, [_BITS], "bytes", 10),
    ]


def _leaf() -> Authority:
    return issue(subject("Ann", "Hospital A"), _ISSUER.public_key(), by=root())


def _bundle(raw: bytes) -> object:
    return verify_bundle(raw, policy=_POLICY)


def _revocation_list(raw: bytes) -> object:
    path = [one.certificate for one in (_leaf(), root())]
    return path_standing(path, [to_der_crl(raw)], anchored=True)


def _status_list(raw: bytes) -> object:
    found = parse_status_list(raw)
    found.proof.verify(_KEY)
    return found.is_set(5)


def _status_bits(raw: bytes) -> object:
    text = "u" + base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    return parse_status_list(jwt(status_claims(_KEY.did, encodedList=text), _ISSUER, "EdDSA"))


def _certificate(raw: bytes) -> object:
    return verify_chain([raw], _KEY, None, roots=[_ROOT])
