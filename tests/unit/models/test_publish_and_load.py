"""Publish, load, run: the whole way in Python, with its refusals."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.model_attacks.files import folder_model, small_onnx, small_safetensors, weights

from diptych.app.verbs.model.prepare import Publishing, prepare_model
from diptych.app.verbs.model.publish import draft_version
from diptych.app.verbs.names import BadAssetName
from diptych.app.verbs.seal import NothingToSeal
from diptych.app.verbs.signing import current_signer
from diptych.app.workspace import Workspace
from diptych.models.card.agreement import sealed_card
from diptych.models.card.schema import dump_card, parse_card
from diptych.models.errors import (
    BadCard,
    BadContributors,
    CardMismatch,
    NoSuchModel,
    NotOurs,
    NotRunnable,
    UnsafeFormat,
)
from diptych.provenance.licence.inherit import LicenceConflict
from diptych.provenance.statement import sign_statements
from diptych_verify.errors import DigestMismatch
from diptych_verify.merkle import leaf_hash


@pytest.fixture
def folder(book: Workspace) -> Path:
    project = book.place.project
    folder_model(project / "model", seed=1)
    (project / "train.csv").write_text("a\n1\n")
    return project


def test_the_main_job(book: Workspace, folder: Path) -> None:
    book.seal("train.csv")
    done = book.models.publish(
        "model",
        "m",
        card={"limits": ["none known"], "inputs": {"X": "four numbers"}},
        trained_on=["train.csv"],
        contributors=[{"name": "Ada", "role": "trainer", "share": "0.7"}],
        licence="Apache-2.0",
    )
    assert (done.version, done.format, done.tensors, done.parameters) == (1, "onnx", 2, 15)
    model = book.models.load("m")
    rows = np.ones((3, 4), dtype=np.float32)
    expected = rows @ weights(1)["W"] + weights(1)["b"]
    assert np.allclose(model.predict(rows)["Y"], expected)
    assert model.card.inputs[0].description == "four numbers"
    assert model.card.licence == "Apache-2.0"
    assert model.card.contributors[0].share == "0.7"
    assert model.evidence.verified.answer("untampered").status == "proven"
    assert np.array_equal(model.tensors()["W"], weights(1)["W"])
    assert [one.version for one in book.models.versions("m")] == [1]
    assert book.models.versions("other") == []
    assert book.models.show("m").card == model.card
    for what in ("m@1", "model/m", f"{done.index}", done.record):
        assert book.models.load(what).record == done.record


def test_the_same_again_is_no_new_version_and_a_change_is(book: Workspace, folder: Path) -> None:
    card = {"summary": "one"}
    assert book.models.publish("model", "m", card=card).new
    again = book.models.publish("model", "m", card=card)
    assert (again.new, again.version) == (False, 1)
    assert book.models.publish("model", "m", card={"summary": "two"}).version == 2
    (folder / "model/labels.txt").write_text("other\n")
    assert book.models.publish("model", "m", card={"summary": "two"}).version == 3
    with book.read_log() as log:
        newest = book.models.registry
        newest.catch_up(log)
        records = newest.versions("m")
    assert records[3].targets("supersedes") == [records[2].record]


def test_what_is_loaded_is_what_was_compared(
    book: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exchange a file between its check and its use: the checked bytes run."""
    book.models.publish("model", "m")
    from diptych.models.runtime.reading import make_runner as real

    def late(*arguments: object, **options: object) -> object:
        (folder / "model/data/weights.bin").write_bytes(bytes(48))
        return real(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("diptych.app.verbs.model.load.make_runner", late)
    model = book.models.load("m", path=Path("model"))
    rows = np.ones((1, 4), dtype=np.float32)
    assert np.allclose(model.predict(rows)["Y"], rows @ weights(1)["W"] + weights(1)["b"])
    with pytest.raises(DigestMismatch):
        book.models.load("m", path=Path("model"))


def test_weights_alone_give_tensors_and_no_predictions(book: Workspace, folder: Path) -> None:
    (folder / "w.safetensors").write_bytes(small_safetensors(3))
    book.models.publish("w.safetensors", "w")
    model = book.models.load("w")
    assert np.array_equal(model.tensors()["W"], weights(3)["W"])
    with pytest.raises(NotRunnable):
        model.predict(np.ones((1, 4)))


def test_content_may_stay_where_it_is(book: Workspace, folder: Path) -> None:
    from diptych.provenance.objects import ObjectMissing

    book.models.publish("model", "m", store=False)
    assert book.models.load("m", path=Path("model")).version == 1
    with pytest.raises(ObjectMissing):
        book.models.load("m")


def test_what_cannot_be_published(book: Workspace, folder: Path) -> None:
    (folder / "evil.pkl").write_bytes(b"\x80\x04N.")
    for path, name, error, more in (
        ("nosuch", "m", NothingToSeal, {}),
        ("model", "model/x", BadAssetName, {}),
        ("model", "7", BadAssetName, {}),
        ("evil.pkl", "m", UnsafeFormat, {}),
        ("model", "m", BadCard, {"card": {"accuracy": 1}}),
        ("model", "m", BadCard, {"card": {"manifest": "0" * 64}}),
        ("model", "m", BadCard, {"card": {"inputs": {"Z": "?"}}}),
        (
            "model",
            "m",
            BadContributors,
            {"contributors": [{"name": "A", "role": "x", "share": "2"}]},
        ),
    ):
        with pytest.raises(error):
            book.models.publish(path, name, **more)
    with pytest.raises(NoSuchModel):
        book.models.load("m")


def test_a_licence_of_the_data_can_forbid_the_model(book: Workspace, folder: Path) -> None:
    from diptych.app.verbs.model.license import load_licence, set_licence

    book.seal("train.csv")
    set_licence(book, "train.csv", load_licence("CC-BY-NC-4.0"))
    with pytest.raises(LicenceConflict):
        book.models.publish("model", "m", trained_on=["train.csv"], licence="MIT")


def test_references_must_be_of_the_right_kind(book: Workspace, folder: Path) -> None:
    book.seal("train.csv")
    with pytest.raises(NotOurs):
        book.models.publish("model", "m", licence="train.csv")
    with pytest.raises(NotOurs):
        book.models.publish("model", "m", run="train.csv")
    with pytest.raises(NotOurs):
        book.models.load("data/train")


def test_run_and_model_in_one_append(book: Workspace, folder: Path) -> None:
    """A run signs itself first, so that the model can name it."""
    from diptych.provenance.statement import Draft, Subject

    prepared = prepare_model(book, Path("model"), Publishing("m"))
    with book.write_log() as log, log.writer(book.lease_terms()) as writer:
        signer = current_signer(book, log)
        run = Draft("run", (Subject("train", {"sha256": "ab" * 32}),), book.clock())
        (first,) = sign_statements([run], signer)
        made = draft_version(book, log, prepared, run=leaf_hash(first).hex())
        (second,) = sign_statements([made.draft], signer)
        indexes = writer.append([first, second], labels=dict.fromkeys(made.labels, 1))
    model = book.models.load("m")
    assert model.evidence.verified.index == indexes[1]


def test_a_card_that_contradicts_its_record_is_refused(book: Workspace, folder: Path) -> None:
    """Whoever holds the keys can seal a false card; it is refused all the same."""
    done = book.models.publish("model", "m")
    with book.read_log() as log:
        book.models.registry.catch_up(log)
        logged = book.models.registry.record(done.record)
    assert logged is not None
    claim = logged.statement.model
    assert claim is not None
    good = dump_card(book.models.load("m").card)
    assert sealed_card(good, logged.statement, claim).name == "m"
    for change in (
        {"name": "n"},
        {"version": 2},
        {"format": "skops"},
        {"manifest": "0" * 64},
        {"tensors": "0" * 64},
        {"licence_record": "0" * 64},
        {"data": [{"name": "d", "role": "train", "record": "0" * 64}]},
        {"contributors": [{"name": "M", "role": "owner", "share": "1"}]},
    ):
        raw = dump_card(parse_card(json.dumps({**json.loads(good), **change}).encode()))
        from dataclasses import replace
        from hashlib import sha256

        sealed = replace(claim, card=sha256(raw).digest())
        with pytest.raises(CardMismatch):
            sealed_card(raw, logged.statement, sealed)


def test_one_tensor_is_proven_offline(book: Workspace, folder: Path, tmp_path: Path) -> None:
    from diptych.app.verbs.policy import policy_toml
    from diptych_verify.policy import TrustPolicy
    from diptych_verify.verify import verify_bundle

    book.models.publish("model", "m")
    place = book.models.export("m", tmp_path / "layer", tensor="W")
    policy = TrustPolicy.parse(policy_toml(book, pin=False))
    raw = (place / "bundle.diptych.json").read_bytes()
    evidence = verify_bundle(raw, policy=policy, path=place / "values.bin")
    assert evidence.answer("untampered").status == "proven"
    assert verify_bundle(raw, policy=policy).answer("untampered").status == "not shown"
    values = bytearray((place / "values.bin").read_bytes())
    values[0] ^= 1
    (place / "values.bin").write_bytes(values)
    with pytest.raises(DigestMismatch):
        verify_bundle(raw, policy=policy, path=place / "values.bin")
    with pytest.raises(DigestMismatch):
        verify_bundle(raw, policy=policy, path=place)


def test_a_new_model_is_traced_to_the_one_it_copies(book: Workspace, folder: Path) -> None:
    book.models.publish("model", "m")
    (folder / "copy.onnx").write_bytes(small_onnx(1))
    (folder / "new.onnx").write_bytes(small_onnx(2))
    (found,) = book.models.compare("copy.onnx")
    assert (found.name, found.comparison.verdict) == ("m", "copy")
    assert book.models.compare("new.onnx") == []
    (beside,) = book.models.compare("new.onnx", "m")
    assert beside.comparison.verdict == "same architecture"
    with pytest.raises(NoSuchModel):
        book.models.compare("nosuch")


def test_without_a_licence_no_ancestors_terms_are_lost(book: Workspace, folder: Path) -> None:
    """Refused with the clause, the ancestor and what to do; with the right licence it passes."""
    book.seal("train.csv")
    book.models.license("train.csv", "CC-BY-ND-4.0")
    with pytest.raises(LicenceConflict, match=r"derivativesAllowed of 'train\.csv'") as caught:
        book.models.publish("model", "m", trained_on=["train.csv"])
    assert "ask its owner" in caught.value.hint
    book.models.license("train.csv", "CC-BY-SA-4.0")
    with pytest.raises(LicenceConflict, match=r"derivativesReciprocal of 'train\.csv'") as caught:
        book.models.publish("model", "m", trained_on=["train.csv"])
    assert caught.value.hint.startswith("--licence CC-BY-SA-4.0 ")
    licence = "CC-BY-SA-4.0"
    done = book.models.publish("model", "m", trained_on=["train.csv"], licence=licence)
    assert done.new
    with pytest.raises(LicenceConflict, match=r"'m'|'train\.csv'"):
        book.models.publish("model", "tuned", fine_tuned_from=["m"])
    book.models.publish("model", "tested", tested_on=["train.csv"])
    book.models.license("train.csv", "CC-BY-ND-4.0", own=True)
    book.models.publish("model", "own", trained_on=["train.csv"])
