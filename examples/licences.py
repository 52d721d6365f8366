"""License data, ask who may do what, catch a conflict, log usage and prove one total."""

import tempfile
from pathlib import Path

import diptych
from diptych.app.verbs.inheritance import find_conflicts
from diptych.app.verbs.model.usage import log_usage, record_uses, usage_total
from diptych.core.secret import Secret
from diptych.provenance.licence import preset
from diptych.provenance.statement import Edge
from diptych_verify.usage import verify_usage_total
from diptych_verify.usage_proof import parse_usage_proof, usage_claim

with tempfile.TemporaryDirectory() as scratch:
    folder = Path(scratch)
    (folder / "patients.csv").write_text("age,lab\n61,4.2\n")
    book = diptych.create(folder, prompt=lambda reason: Secret("only for this example"))
    sealed = book.seal("patients.csv")

    # Data counts as received under a licence: it binds us too.
    book.models.license("patients.csv", "CC-BY-NC-4.0")
    for purpose in ("research", "advertising"):
        answer = book.may(None, "train", "patients.csv", purpose=purpose)
        print(purpose, "->", "yes" if answer.allowed else "no", f"[{answer.clause}]")
        print("  must", ", ".join(answer.duties) or answer.reason)

    with book.read_log() as log:
        edges = [Edge("trainedOn", sealed.record)]
        for conflict in find_conflicts(book, log, preset("MIT"), edges):
            print(f"a model under MIT breaks {conflict.clause} of {conflict.ancestor}")

    # Whoever gets the bundle reads the terms offline.
    from diptych_verify.verify import verify_bundle

    print(verify_bundle(book.bundle("patients.csv")).answer("use").text[:60], "...")

    for units in (3, 4):
        record_uses(book, "patients.csv", "Hospital B", units=units)
    record_uses(book, "patients.csv", "Hospital C")
    logged = log_usage(book)
    total = usage_total(book, "Hospital B")
    with book.read_log() as log:
        from diptych.app.verbs.records import record_at

        claim = usage_claim(record_at(log, logged.index).statement.predicate)
    proof = parse_usage_proof(total.proof)
    proven = verify_usage_total(proof, root=claim.root, count=claim.count, units=claim.units)
    print(f"{proven.count} uses, {proven.units} units of {claim.count} uses in all; no name logged")
