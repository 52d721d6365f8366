"""`model export|import` and `data export|import` in other people's formats, as a person types."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from tests.model_attacks.files import folder_model
from tests.unit.app.program import Program


def write_keys(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(private)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "pub.pem").write_bytes(public)


@pytest.fixture
def models(book: Program) -> Program:
    folder_model(book.folder / "model", seed=1)
    book.ok("model", "publish", "model", "m", "--contributor", "Ada:author:0.5")
    write_keys(book.folder)
    return book


def test_a_signature_goes_out_and_comes_back_as_evidence(models: Program) -> None:
    sign = ("model", "export", "m", "--format", "model-signing", "-o", "m.sig")
    assert models.refused(*sign, code=2)["code"] == "Signing.NeedsPrivateKey"
    models.ok(*sign, "--key", "key.pem")
    assert models.refused(*sign, "--key", "key.pem", code=2)["code"] == "Model.TargetExists"
    take = ("model", "import", "model", "--signature", "m.sig", "--name", "theirs")
    assert models.refused(*take, code=2)["code"] == "Signing.NeedsSigner"
    done = models.ok(*take, "--key", "pub.pem")
    assert (done["name"], done["version"], done["files"]) == ("theirs", 1, 4)
    assert models.ok(*take, "--key", "pub.pem")["new"] is False
    assert models("model", "use", "theirs", "--help").code == 0
    models.ok("model", "verify", "theirs")
    (models.folder / "model/labels.txt").write_text("other")
    refused = models.refused(*take, "--key", "pub.pem", code=1)
    assert (refused["code"], refused["details"]["changed"]) == (
        "Verify.DigestMismatch",
        ["labels.txt"],
    )


def test_a_description_goes_out_and_comes_back(book: Program) -> None:
    (book.folder / "tab").mkdir()
    (book.folder / "tab/t.csv").write_text("a,b\n1,x\n2,y\n")
    book.ok("data", "add", "tab", "--name", "tab", "--attributed", "Ada:collector")
    done = book.ok("data", "export", "tab", "-o", "tab.json")
    assert (done["files"], done["tables"]) == (1, 1)
    written = json.loads((book.folder / "tab.json").read_text())
    assert written["distribution"][0]["contentUrl"] == "tab/t.csv"
    found = book.ok("data", "import", "tab.json", "--name", "back", "--store")
    assert (found["files"], found["remote"], found["version"]) == (1, [], 1)
    assert book.ok("data", "import", "tab.json", "--name", "back")["new"] is False
    (book.folder / "tab/t.csv").write_text("a,b\n1,z\n")
    refused = book.refused("data", "import", "tab.json", "--name", "back", code=1)
    assert refused["code"] == "Verify.DigestMismatch"


def test_responsible_ai_fields_say_what_people_and_records_know(book: Program) -> None:
    rows = "".join(f"{20 + n % 60},{'mf'[n % 2]},{n % 2}\n" for n in range(200))
    (book.folder / "v.csv").write_text("age,sex,y\n190,m,0\n" + rows)
    (book.folder / "rules.toml").write_text(
        'format = "diptych-rules/1"\nlabel = "y"\nduplicates = false\n'
        '[[columns]]\nname = "age"\ntype = "integer"\nmaximum = 120\n'
        '[subgroups]\ncolumns = ["sex"]\npositive = "1"\n'
    )
    (book.folder / "rai.toml").write_text(
        'format = "diptych-rai/1"\ndataCollection = "by hand"\ndataLimitations = "one ward"\n'
    )
    book.ok("data", "add", "v.csv", "--name", "v")
    book.ok("data", "license", "set", "v", "CC-BY-4.0")
    book("data", "check", "v", "--rules", "rules.toml")
    book.ok("data", "export", "v", "-o", "v.json", "--rai", "rai.toml")
    said = json.loads((book.folder / "v.json").read_text())
    assert said["rai:dataCollection"] == "by hand"
    assert said["rai:dataLimitations"][0] == "one ward"
    assert "range:age: 1; quality report" in said["rai:dataLimitations"][1]
    assert any("parity:sex" in one for one in said["rai:dataBiases"])
    assert said["rai:dataUseCases"][0].startswith("CC-BY-4.0 permits")
    book.ok("data", "import", "v.json", "--name", "again")
    book.ok("data", "export", "again", "-o", "again.json")
    again = json.loads((book.folder / "again.json").read_text())
    assert again["rai:dataCollection"] == "by hand"
    assert again["rai:dataBiases"] == said["rai:dataBiases"]
    (book.folder / "rai.toml").write_text('format = "diptych-rai/1"\ndataBias = "a"\n')
    words = ("data", "export", "v", "-o", "other.json", "--rai", "rai.toml")
    assert book.refused(*words, code=2)["code"] == "Croissant.BadResponsible"


def test_an_encrypted_report_says_nothing_in_a_description(book: Program) -> None:
    rows = "".join(f"{n},{n % 7}\n" for n in range(60))
    (book.folder / "v.csv").write_text("a,b\n" + rows)
    (book.folder / "rules.toml").write_text(
        'format = "diptych-rules/1"\n[[columns]]\nname = "b"\ntype = "integer"\nmaximum = 5\n'
    )
    assert book("data", "check", "v.csv", "--rules", "rules.toml").code == 1
    book.ok("data", "add", "v.csv", "--name", "v")
    book.ok("data", "export", "v", "-o", "v.json")
    assert "rai:dataLimitations" not in json.loads((book.folder / "v.json").read_text())


def test_private_data_are_not_described(book: Program) -> None:
    (book.folder / "p.csv").write_text("a\n1\n")
    book.ok("data", "add", "p.csv", "--private", "--name", "p")
    refused = book.refused("data", "export", "p", "-o", "p.json", code=2)
    assert refused["code"] == "Croissant.CannotDescribe"


def test_a_bill_of_materials_names_files_card_and_record(models: Program) -> None:
    models.ok("model", "export", "m", "--format", "cyclonedx", "-o", "m.cdx.json")
    bill = json.loads((models.folder / "m.cdx.json").read_text())
    component = bill["metadata"]["component"]
    assert (bill["specVersion"], component["type"]) == ("1.6", "machine-learning-model")
    assert [one["name"] for one in component["components"]] == sorted(
        ["README.md", "data/weights.bin", "labels.txt", "model.onnx"]
    )
    assert component["authors"] == [{"name": "Ada"}]
    assert len(component["components"][0]["hashes"][0]["content"]) == 64
    models.ok("model", "export", "m", "--format", "cyclonedx", "-o", "again.cdx.json")
    assert (models.folder / "again.cdx.json").read_text() == (
        models.folder / "m.cdx.json"
    ).read_text()


def test_an_audit_pack_verifies_as_a_whole_and_in_parts(models: Program) -> None:
    (models.folder / "d.csv").write_text("a\n1\n")
    models.ok("data", "add", "d.csv", "--name", "d")
    (models.folder / "model/labels.txt").write_text("other\n")
    models.ok("model", "publish", "model", "m", "--trained-on", "d")
    models.ok("model", "alias", "m", "production")
    models.ok("model", "approve", "m", "--role", "medical")
    models.ok("model", "revoke", "m@1", "--reason", "drift <b>")
    pack = ("model", "audit-pack", "m", "--to", "pack", "--reviewer", "Grace Hopper")
    done = models.ok(*pack)
    assert (done["model"], done["events"]) == ("m@2", 6)
    files = models.folder / "pack/files"
    kinds = [one["kind"] for one in json.loads((files / "events.json").read_text())["events"]]
    assert sorted(kinds) == ["alias", "approval", "dataset", "model", "model", "revocation"]
    page = (files / "index.html").read_text()
    assert "Grace Hopper" in page
    assert "drift &lt;b&gt;" in page
    assert "http" not in page.replace("http-equiv", "")
    assert "1. d.csv (train)" in (files / "summary.md").read_text()
    assert "not recorded" in page
    proof, policy = "pack/audit.diptych.json", "pack/files/policy.toml"
    models.ok("verify", proof, "pack/files", "--policy", policy)
    for bundle in sorted((files / "bundles").iterdir()):
        place = bundle.relative_to(models.folder).as_posix()
        models.ok("verify", place, "--policy", policy)
    assert "Grace" not in json.dumps(models.ok("log"))
    assert models.refused(*pack, code=2)["code"] == "Model.TargetExists"
    (files / "events.json").write_text("{}")
    refused = models.refused("verify", proof, "pack/files", "--policy", policy, code=1)
    assert refused["code"] == "Verify.DigestMismatch"
    wrong = ("model", "audit-pack", "m", "--to", "other", "--retain-years", "0")
    assert models.refused(*wrong, code=2)["code"] == "Audit.BadRetention"
