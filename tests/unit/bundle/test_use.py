"""The fifth question: which use is allowed, from licence documents in the bundle."""

import base64
import hashlib
import json
from typing import Any, cast

import pytest
from tests.golden.world import World

from diptych.core.canonical import canonical_json
from diptych.core.errors import JsonValue, MalformedError
from diptych.provenance.bundle import BundleRequest, build_bundle
from diptych.provenance.licence import dump_licence, preset
from diptych.provenance.statement import Draft, Edge, Subject
from diptych.provenance.trust import workspace_policy
from diptych_verify.errors import DigestMismatch, VerificationError
from diptych_verify.evidence import NOT_SHOWN, PROVEN, SELF_ASSERTED, Answer
from diptych_verify.merkle import leaf_hash
from diptych_verify.verify import verify_bundle

MIT = dump_licence(preset("MIT"))
RESEARCH = dump_licence(preset("research"))


def licence(world: World, document: bytes, *edges: Edge, spdx: str = "") -> tuple[int, str]:
    """Log a licence record; return its index and record id."""
    claim: dict[str, JsonValue] = {
        "digest": hashlib.sha256(document).hexdigest(),
        "spdx": spdx or json.loads(document)["spdx"],
    }
    subject = Subject("terms", {"sha256": str(claim["digest"])})
    draft = Draft("licence", (subject,), world.now_s(), edges, {"licence": claim})
    (index,) = world.append([draft], world.alice)
    return index, leaf_hash(world.log.entry(index)).hex()


def sealed(world: World, *edges: Edge) -> tuple[int, str]:
    """Log a record under a licence."""
    draft = Draft("note", (Subject("a note", {"sha256": "00" * 32}),), world.now_s(), edges)
    (index,) = world.append([draft], world.alice)
    return index, leaf_hash(world.log.entry(index)).hex()


def use(world: World, index: int, *licences: tuple[int, bytes], trusted: bool = True) -> Answer:
    """Bundle a record and return the verifier's answer."""
    raw = build_bundle(world.log, index, BundleRequest(licences=licences))
    policy = workspace_policy(world.log) if trusted else None
    return verify_bundle(raw, policy=policy).answer("use")


def test_without_a_licence_nothing_is_shown(world: World) -> None:
    index, _ = sealed(world)
    assert use(world, index) == Answer("use", NOT_SHOWN, "no licence is shown")


def test_a_licence_that_the_record_names_is_answered(world: World) -> None:
    terms, record = licence(world, RESEARCH)
    index, _ = sealed(world, Edge("licensedUnder", record))
    answer = use(world, index, (terms, RESEARCH))
    assert answer.status == PROVEN
    assert "licensees with a grant may derive" in answer.text
    assert "must not distribute" in answer.text
    (shown,) = cast(list[dict[str, Any]], answer.evidence["licences"])
    assert shown["digest"] == hashlib.sha256(RESEARCH).hexdigest()
    assert shown["permitted"] == ["derive", "execute", "reproduce", "test", "train"]
    assert shown["duties"] == ["attribute", "inform"]
    assert use(world, index, (terms, RESEARCH), trusted=False).status == SELF_ASSERTED


def test_a_licence_given_later_replaces_the_named_one(world: World) -> None:
    first, record = licence(world, RESEARCH)
    index, asset = sealed(world, Edge("licensedUnder", record))
    later, _ = licence(world, MIT, Edge("used", asset), Edge("supersedes", record))
    answer = use(world, index, (first, RESEARCH), (later, MIT))
    assert answer.text.startswith("MIT: anybody may")
    assert "as of log size" in answer.text


def test_a_licence_without_its_document_is_named_only(world: World) -> None:
    terms, record = licence(world, MIT)
    index, asset = sealed(world, Edge("licensedUnder", record))
    later, _ = licence(world, RESEARCH, Edge("used", asset))
    answer = use(world, index, (terms, MIT))
    assert answer.status == PROVEN  # the later one is not in this bundle; the text says as of when
    raw = json.loads(build_bundle(world.log, index, BundleRequest(licences=((later, RESEARCH),))))
    del raw["licences"]
    answer = verify_bundle(canonical_json(raw)).answer("use")
    assert answer.status == NOT_SHOWN
    assert "terms are not shown" in answer.text


def test_a_grant_tells_whose_it_is(world: World) -> None:
    terms, record = licence(world, RESEARCH)
    _, asset = sealed(world, Edge("licensedUnder", record))
    claim: JsonValue = {"licensee": "hmac:" + "a" * 40, "until": "2027-01-01T00:00:00Z"}
    draft = Draft(
        "grant",
        (Subject("a note", {"sha256": "00" * 32}),),
        world.now_s(),
        (Edge("used", asset), Edge("licensedUnder", record)),
        {"grant": claim},
    )
    (index,) = world.append([draft], world.alice)
    answer = use(world, index, (terms, RESEARCH))
    assert answer.text.startswith(f"granted to hmac:{'a' * 40} until 2027-01-01T00:00:00Z under")


def test_a_licence_of_something_else_is_refused(world: World) -> None:
    index, _ = sealed(world)
    _, other = sealed(world)
    terms, _ = licence(world, MIT, Edge("used", other))
    with pytest.raises(MalformedError, match="not related"):
        use(world, index, (terms, MIT))


def test_a_lineage_does_not_ask_for_what_a_licence_was_given_to(world: World) -> None:
    _, other = sealed(world)
    terms, record = licence(world, MIT, Edge("used", other))
    index, _ = sealed(world, Edge("licensedUnder", record))
    raw = build_bundle(world.log, index, BundleRequest(licences=((terms, MIT),), lineage=True))
    assert verify_bundle(raw, lineage=True).answer("use").status == SELF_ASSERTED


@pytest.mark.parametrize(
    ("documents", "error"),
    [
        ([RESEARCH], DigestMismatch),
        ([MIT, MIT], MalformedError),
        ([MIT, RESEARCH], DigestMismatch),
        ([MIT + b" "], DigestMismatch),
        ([], MalformedError),
        (["no base64!"], MalformedError),
        ([MIT] * 65, MalformedError),
    ],
)
def test_documents_must_be_those_of_the_records(
    world: World, documents: list[bytes | str], error: type[VerificationError]
) -> None:
    terms, record = licence(world, MIT)
    index, _ = sealed(world, Edge("licensedUnder", record))
    raw = json.loads(build_bundle(world.log, index, BundleRequest(licences=((terms, MIT),))))
    raw["licences"] = [
        one if isinstance(one, str) else base64.b64encode(one).decode() for one in documents
    ]
    with pytest.raises(error):
        verify_bundle(canonical_json(raw))


def test_record_and_document_must_name_one_licence(world: World) -> None:
    terms, record = licence(world, MIT, spdx="Apache-2.0")
    index, _ = sealed(world, Edge("licensedUnder", record))
    with pytest.raises(MalformedError, match="Apache"):
        use(world, index, (terms, MIT))


def test_a_document_that_is_no_licence_is_refused(world: World) -> None:
    terms, record = licence(world, b"{}", spdx="MIT")
    index, _ = sealed(world, Edge("licensedUnder", record))
    with pytest.raises(MalformedError):
        use(world, index, (terms, b"{}"))
