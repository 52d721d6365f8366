"""Share data with an age key and an Ethereum key under terms; log who opened it."""

import tempfile
from pathlib import Path

from coincurve import PrivateKey

import diptych
from diptych.app.verbs.data.identity import make_identity
from diptych.app.verbs.data.receive import Opening
from diptych.app.verbs.data.share import Sharing
from diptych.app.verbs.policy import policy_toml
from diptych.core.errors import DiptychError
from diptych.core.secret import Secret
from diptych_verify.policy import TrustPolicy

with tempfile.TemporaryDirectory() as scratch:
    owner_folder, reader_folder = Path(scratch) / "owner", Path(scratch) / "reader"
    for folder in (owner_folder, reader_folder):
        folder.mkdir()
    owner = diptych.create(owner_folder, prompt=lambda reason: Secret("owner's passphrase"))
    reader = diptych.create(reader_folder, prompt=lambda reason: Secret("reader's passphrase"))

    study = owner_folder / "study"
    study.mkdir()
    (study / "weights.csv").write_text("visit,weight\n1,70.5\n2,70.1\n")
    owner.data.add(study, name="study", store=True)
    age_key = make_identity(reader_folder / "age.key")
    private = PrivateKey()
    (reader_folder / "eth.key").write_text(private.to_hex())
    ethereum_key = f"secp256k1:{private.public_key.format().hex()}"

    how = Sharing(to=[age_key, ethereum_key], licence="CC-BY-4.0", until="2999-12-31")
    share = reader_folder / "study.share"
    done = owner.data.share("study", share, how)
    print("shared with", len(done.recipients), "recipients until", done.until)
    assert b"weight" not in share.read_bytes()

    policy = TrustPolicy.parse(policy_toml(owner, pin=False))
    for name in ("age", "eth"):
        how_to_open = Opening(reader_folder / f"{name}.key", policy)
        got = reader.data.receive(share, reader_folder / name, how_to_open)
        print(f"{name}:", got.evidence.answer("untampered").text)
        access = owner.data.add_receipt(reader_folder / got.receipt)
        print("logged access of", access.recipient[:12] + "…", "as record", access.index)

    share.write_bytes(share.read_bytes()[:-1])
    try:
        reader.data.receive(share, reader_folder / "cut", how_to_open)
    except DiptychError as error:
        print("refused:", error.code)
    made = owner.data.catalogue(owner_folder / "site")
    print("catalogue:", made.entries, "entries")
