"""A bill of materials and an auditor's pack of a model, checked as an auditor would."""

import os
import tempfile
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

import diptych
from diptych_verify.__main__ import main as diptych_verify

with tempfile.TemporaryDirectory() as scratch:
    os.environ["DIPTYCH_KEYS__PASSPHRASE"] = "only for this example"
    folder = Path(scratch)
    os.chdir(folder)
    book = diptych.create(folder)

    Path("visits.csv").write_text("visit,weight_kg\n1,70.5\n2,70.1\n")
    book.data.add("visits.csv", name="visits", attributed=["Hospital A:collector"])
    save_file({"W": np.ones((4, 2), np.float32)}, folder / "model.safetensors")
    card = {"task": "regression", "limits": ["two visits only"]}
    people = [{"name": "Ada", "role": "trainer", "share": "1"}]
    book.models.publish(
        "model.safetensors", "tiny", card=card, trained_on=["visits"], contributors=people
    )
    book.models.alias("tiny", "production")
    book.models.approve("tiny", role="medical")

    book.models.export_cyclonedx("tiny", "tiny.cdx.json")
    pack = book.models.audit_pack("tiny", "pack", reviewer="Grace Hopper", retain_years=10)
    print(f"packed {pack.events} events of {pack.model}, to keep until {pack.retain_until}")
    print(sorted(path.name for path in Path("pack/files").iterdir()))

    policy = "pack/files/policy.toml"  # an auditor gets it from the provider by another way too
    code = diptych_verify(["pack/audit.diptych.json", "pack/files", "--policy", policy])
    print("pack verified" if code == 0 else "pack refused")
