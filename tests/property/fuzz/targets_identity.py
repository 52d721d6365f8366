"""Readers of identities that need a policy: certificates, tokens, whole bundles."""

from tests.golden.test_golden_identity import FOLDER
from tests.property.fuzz.engine import Target
from tests.unit.identity.makers import claims, ed25519, issue, issuer_key, jwt, root, subject

from diptych_verify.identity.chain import verify_chain
from diptych_verify.identity.credential import MAX_CREDENTIAL_BYTES, parse_credential
from diptych_verify.policy import TrustPolicy
from diptych_verify.verify import verify_bundle

_ISSUER = ed25519("fuzz issuer")
_KEY = issuer_key(_ISSUER)
_ROOT = root().pem
_POLICY = TrustPolicy.parse((FOLDER / "x509.policy.toml").read_bytes())


def identity_targets() -> list[Target]:
    """Return the targets of this module."""
    bundles = [path.read_bytes() for path in sorted(FOLDER.glob("*.diptych.json"))]
    tokens = [jwt(claims(_KEY.did, _KEY.did), _ISSUER, "EdDSA", kid=_KEY.did)]
    leaf = issue(subject("Ann", "Hospital A"), _ISSUER.public_key(), by=root())
    return [
        Target("identified_bundle", _bundle, bundles, "json", 10),
        Target("credential_token", parse_credential, tokens, "bytes", 10, MAX_CREDENTIAL_BYTES),
        Target("certificate", _certificate, [leaf.der], "der", 10),
    ]


def _bundle(raw: bytes) -> object:
    return verify_bundle(raw, policy=_POLICY)


def _certificate(raw: bytes) -> object:
    return verify_chain([raw], _KEY, None, roots=[_ROOT])
