"""Derive one dataset from another and prove the whole lineage to a stranger, offline."""

import tempfile
from pathlib import Path

import diptych
from diptych.app.verbs.policy import policy_toml
from diptych.core.secret import Secret
from diptych_verify.policy import TrustPolicy
from diptych_verify.verify import verify_bundle

with tempfile.TemporaryDirectory() as scratch:
    folder = Path(scratch)
    (folder / "raw.csv").write_text("id,name,age\n1,Ada,47\n2,Max,51\n")
    (folder / "clean.csv").write_text("age\n47\n51\n")

    book = diptych.create(folder, prompt=lambda reason: Secret("only for this example"))
    book.seal("raw.csv")
    book.seal("clean.csv", derived_from=["raw.csv"])
    bundle = book.bundle("clean.csv", lineage=True)
    policy = TrustPolicy.parse(policy_toml(book, pin=False))

    # From here on: no workspace, no network, only two files from the other side.
    evidence = verify_bundle(bundle, policy=policy, path=folder / "clean.csv", lineage=True)
    print(evidence.answer("derived_from").text)
    for node in evidence.lineage:
        print(f"  index {node['index']}: {node['kind']} {node['name']}")
