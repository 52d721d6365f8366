"""Seal a trial's table row by row, show one field with proof, then erase one subject for good."""

import tempfile
from pathlib import Path

import diptych
from diptych.core.errors import DiptychError
from diptych.core.secret import Secret
from diptych_verify.bundle import parse_bundle
from diptych_verify.verify import verify_bundle

TABLE = """subject,visit,weight,note
S-001,1,70.5,first remark on the first person
S-001,2,70.1,second remark on the first person
S-002,1,81.0,first remark on the second person
S-003,1,64.2,first remark on the third person
"""

with tempfile.TemporaryDirectory() as scratch:
    folder = Path(scratch) / "trial"
    folder.mkdir()
    table = Path(scratch) / "weights.csv"
    table.write_text(TABLE)

    book = diptych.create(folder, prompt=lambda reason: Secret("only for this example"))
    book.data.add_table(table, name="weights", subject="subject")
    print("subjects:", [one.subject for one in book.data.subjects("weights")])

    shown = book.data.disclose("weights", "S-001", columns=["weight"])
    print("disclosed:", [(one.name, one.value) for one in parse_bundle(shown.bundle).disclosed])
    print("verified:", verify_bundle(shown.bundle).answer("untampered").text.partition(";")[0])
    assert b"remark" not in shown.bundle

    done = book.data.erase("weights", subjects=["S-001"])
    print("erased leaves:", sum(count for one in done.erased for _, count in one.runs or ()))
    print("still there:", [f"{one.kind} {Path(one.path).name}" for one in done.traces])
    try:
        book.data.disclose("weights", "S-001")
    except DiptychError as error:
        print("refused:", error.code)
    other = book.data.disclose("weights", "S-002")
    print("others:", verify_bundle(other.bundle).answer("untampered").text.partition(";")[0])
    kept = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"first person" not in kept
