"""Every reader takes hostile input: success, or an error of ours with a code; soon, and small."""

import time
from random import Random

import pytest
from tests.property.fuzz.engine import Target, input_of, judge, outcome, run
from tests.property.fuzz.mutate import mutated
from tests.property.fuzz.oversize import oversize_inputs
from tests.property.fuzz.targets import all_targets
from tests.property.fuzz.worker import planned

from diptych_verify.errors import MalformedError

SEED = 7
INPUTS = 25_000
NAMES = [
    *("read_manifest", "strict_json", "parse_envelope", "verify_envelope", "parse_statement"),
    *("parse_note", "verifier_key", "rlp_decode", "parse_header", "parse_receipt"),
    *("verify_trie_proof", "parse_der", "parse_token", "verify_timestamp", "policy_toml"),
    *("policy_json", "parse_bundle", "verify_bundle", "verify_resealed", "disclosed"),
    *("key_file", "agent_frame", "private_object", "log_export", "pins", "timestamp_response"),
    *("rpc_answer", "rpc_batch", "door_request", "keystore", "chain_profiles", "revert_data"),
    *("settings", "restore"),
    *("licence", "parse_licence", "licensed_bundle", "usage_proof"),
    *("table_json", "table_ndjson", "table_csv", "table_parquet"),
    *("rules_toml", "rules_json", "requirements"),
    *("card", "safetensors", "onnx", "skops", "tensor_list", "unsafe_model"),
    *("sensor_frames", "sensor_batch", "shown_reading", "fleet_changes", "fleet_enrolment"),
    *("sensor_csv", "broker_address"),
    *("openlineage", "openlineage_lines", "run_document", "run_journal", "graph"),
    *("about_subject", "erasure", "claims", "share", "share_content", "key_backup"),
    *("dicom", "dicom_profile", "dicom_review", "sigstore_bundle", "signed_model"),
    *("did_document", "credential", "identity_evidence"),
    *("identified_bundle", "credential_token", "certificate"),
    *("revocation_list", "status_list", "status_bits"),
    *("signing_chain", "croissant"),
    *("audit_solidity", "audit_vyper", "audit_bundle", "audit_bytecode"),
    *("abi", "abi_lines", "hex_columns", "logs"),
    *("era1", "stored_header", "stored_body", "stored_receipts", "recording", "traces"),
    *("endpoint_logs", "endpoint_blocks", "cache_segment"),
]


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Target]:
    return {one.name: one for one in all_targets(tmp_path_factory.mktemp("fuzz"))}


def test_all_targets_are_run(targets: dict[str, Target]) -> None:
    assert list(targets) == NAMES


@pytest.mark.parametrize("name", [name for name in NAMES if name != "revert_data"])
def test_seeds_are_valid(targets: dict[str, Target], name: str) -> None:
    target = targets[name]
    assert [outcome(target, seed) for seed in target.seeds] == ["accepted"] * len(target.seeds)


@pytest.mark.parametrize("name", NAMES)
def test_mutated_inputs(targets: dict[str, Target], name: str) -> None:
    target = targets[name]
    tally = run(target, range(planned(targets.values(), INPUTS)[name]), seed=SEED)
    assert [str(defect) for defect in tally.defects] == []
    assert len(tally.codes) > 1, "mutations reach nothing, or nothing is ever refused"


# The largest ones, up to 32 MiB, are left to benchmarks/bench_fuzz.py.
@pytest.mark.parametrize(
    "name", [name for name in NAMES if not name.startswith(("rpc", "parse_b", "verify_b"))]
)
def test_large_inputs(targets: dict[str, Target], name: str) -> None:
    target = targets[name]
    defects = []
    for number, (what, raw) in enumerate(oversize_inputs(target)):
        tally = judge(target, raw, number=number)
        defects += [f"{what}: {defect}" for defect in tally.defects]
    assert defects == []


def test_inputs_are_the_same_on_every_run(targets: dict[str, Target]) -> None:
    for target in targets.values():
        numbers = range(len(target.seeds), len(target.seeds) + 5)
        first = [input_of(target, SEED, number) for number in numbers]
        assert [input_of(target, SEED, number) for number in numbers] == first
        assert [input_of(target, SEED + 1, number) for number in numbers] != first


def _accepts(raw: bytes) -> object:
    return len(raw)


def _fails(raw: bytes) -> object:
    raise KeyError(raw[:1])


def _warns(raw: bytes) -> object:
    import warnings

    warnings.warn("odd", stacklevel=1)
    return raw


def _spends_memory(raw: bytes) -> object:
    return bytearray(300 << 20)


def _spends_time(raw: bytes) -> object:
    start_s = time.process_time()
    while time.process_time() - start_s < 1.1:
        pass
    return raw


def _names_nothing(raw: bytes) -> object:
    raise MalformedError("")


@pytest.mark.parametrize(
    ("read", "kinds"),
    [
        (_accepts, []),
        (_fails, ["exception"]),
        (_warns, ["exception"]),
        (_names_nothing, ["exception"]),
        (_spends_memory, ["memory"]),
        (_spends_time, ["slow"]),
    ],
)
def test_the_judge_sees_each_kind_of_defect(read: object, kinds: list[str]) -> None:
    assert callable(read)
    target = Target("planted", read, [b"seed"], "binary")
    assert [defect.kind for defect in judge(target, b"x").defects] == kinds
    assert [defect.kind for defect in run(target, range(1), seed=SEED).defects] == kinds


_SHAPES = ("json", "text", "rlp", "der", "frame", "files", "tar", "header", "zip", "protobuf")


@pytest.mark.parametrize("shape", [*_SHAPES, "binary"])
def test_every_shape_is_changed_and_stays_bounded(shape: str) -> None:
    seeds = [b'{"a": [1, "eyJhIjoxfQ=="]}', b"\xc5\x83dog\x01", b"\x30\x03\x02\x01\x05", b""]
    made = {mutated(Random(number), seeds, shape) for number in range(300)}
    assert len(made) > 50
    assert max(map(len, made)) <= 256 << 10
