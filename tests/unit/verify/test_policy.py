"""Trust policies: TOML and JSON say the same, and mistakes are refused instead of ignored."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.verify.maker import ALICE, BOB, Json, TinyLog, Witness, policy_of

from diptych_verify.errors import MalformedError
from diptych_verify.policy import TrustPolicy

LOG, WITNESS = TinyLog(), Witness()
PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
TOML = f"""
format = "diptych-policy/1"
logs = ["{LOG.key}"]
require = ["untampered", "who", "when"]
[[signers]]
keyid = "{ALICE.keyid}"
name = "Hospital A"
[[signers]]
keyid = "{BOB.keyid}"
[[anchors]]
chain_id = 1
contract = "0x{"c0" * 20}"
log_id = "0x{"1d" * 32}"
[[blocks]]
chain_id = 1
hash = "0x{"bb" * 32}"
[[witnesses]]
key = "{WITNESS.key}"
[[checkpoints]]
origin = "{LOG.origin}"
size = 12
root = "{"A" * 43}="
[[timestamp_authorities]]
certificate = \"\"\"
{PEM}\"\"\"
"""
JSON: Json = {
    "logs": [str(LOG.key)],
    "require": ["untampered", "who", "when"],
    "signers": [{"keyid": ALICE.keyid, "name": "Hospital A"}, {"keyid": BOB.keyid}],
    "anchors": [{"chain_id": 1, "contract": "0x" + "c0" * 20, "log_id": "0x" + "1d" * 32}],
    "blocks": [{"chain_id": 1, "hash": "0x" + "bb" * 32}],
    "witnesses": [{"key": str(WITNESS.key)}],
    "checkpoints": [{"origin": LOG.origin, "size": 12, "root": "A" * 43 + "="}],
    "timestamp_authorities": [{"certificate": PEM}],
}


def test_toml_and_json_say_the_same() -> None:
    policy = TrustPolicy.parse(TOML.encode())
    assert policy == TrustPolicy.parse(policy_of(**JSON))
    assert policy.logs == (LOG.key,)
    assert policy.signers[0].name == "Hospital A"
    assert policy.signers[1].name == ""
    assert policy.blocks[0].block_hash == bytes.fromhex("bb" * 32)
    assert policy.checkpoints[0].size == 12


def test_minimal_policy_names_nothing() -> None:
    assert TrustPolicy.parse(b'format = "diptych-policy/1"') == TrustPolicy()


@pytest.mark.parametrize(
    "category",
    [
        {"log": []},
        {"logs": []},
        {"logs": str(LOG.key)},
        {"logs": [str(LOG.key), str(LOG.key)]},
        {"logs": [str(WITNESS.key)]},
        {"logs": ["x"]},
        {"require": ["everything"]},
        {"require": ["who", "who"]},
        {"require": [1]},
        {"signers": []},
        {"signers": [ALICE.keyid]},
        {"signers": [{"name": "A"}]},
        {"signers": [{"keyid": "ed25519:00"}]},
        {"signers": [{"keyid": ALICE.keyid, "nme": "A"}]},
        {"signers": [{"keyid": ALICE.keyid}, {"keyid": ALICE.keyid}]},
        {"anchors": [{**JSON["anchors"][0], "chain_id": "1"}]},
        {"anchors": [{**JSON["anchors"][0], "chain_id": True}]},
        {"anchors": [{**JSON["anchors"][0], "contract": "c0" * 20}]},
        {"anchors": [{**JSON["anchors"][0], "contract": "0x" + "C0" * 20}]},
        {"blocks": [{"chain_id": 1}]},
        {"blocks": [{"chain_id": 1, "hash": "0x00"}]},
        {"witnesses": [{"key": str(LOG.key)}]},
        {"checkpoints": [{"origin": "x", "size": -1, "root": "A" * 43 + "="}]},
        {"checkpoints": [{"origin": "x", "size": 1, "root": "AAAA"}]},
        {"timestamp_authorities": [{"certificate": "not PEM"}]},
        {"timestamp_authorities": [{"certificate": PEM + PEM}]},
    ],
)
def test_mistakes_are_refused(category: dict[str, object]) -> None:
    with pytest.raises(MalformedError):
        TrustPolicy.parse(policy_of(**category))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b'{"format":"diptych-policy/2"}',
        b'format = "diptych-policy/1"\nformat = "diptych-policy/1"',
        b'format = "diptych-policy/1"\nlogs = 2026-11-23',
        b'format = "diptych-policy/1"\n[[signers]]\nkeyid = inf',
        b"\xff\xfe",
        b"a = " + b"[" * 5000,
        b"a = " + b"9" * 5000,
        b"#" * 300_000,
        b"a." * 100_000 + b"b = 1",
        b"[" + b"a . " * 60_000 + b"a]",
        b"format = 0x" + b"f" * 5000,
        b'format = "diptych-policy/1"\nlogs = [0x' + b"f" * 5000 + b"]",
        b"{" + b" " * 300_000,
    ],
)
def test_what_is_no_policy(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        TrustPolicy.parse(raw)


@given(st.binary(max_size=100) | st.text(max_size=100).map(str.encode))
def test_arbitrary_bytes_never_raise_anything_else(raw: bytes) -> None:
    for prefix in (b"", b'format = "diptych-policy/1"\n', b"{"):
        with contextlib.suppress(MalformedError):
            TrustPolicy.parse(prefix + raw)
