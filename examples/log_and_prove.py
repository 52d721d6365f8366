"""Sign statements, log them, and prove to a stranger that one is included: no workspace needed.

Run: python examples/log_and_prove.py
"""

import secrets
import tempfile
from pathlib import Path

from diptych.core.clock import system_clock
from diptych.provenance.keys.log_signer import LogSigner
from diptych.provenance.keys.signer import Ed25519Signer
from diptych.provenance.log import Log
from diptych.provenance.statement import Draft, Subject, sign_statements
from diptych_verify.errors import NotIncluded
from diptych_verify.merkle import leaf_hash, verify_consistency, verify_inclusion
from diptych_verify.note import verify_checkpoint


def main() -> None:
    """Log 1,000 measurements and check one of them as a stranger would."""
    log_key = LogSigner(f"diptych.log/{secrets.token_hex(16)}", secrets.token_bytes(32))
    author = Ed25519Signer(secrets.token_bytes(32))
    drafts = [
        Draft("measurement", (Subject(f"run-{n}", {"sha256": f"{n:064x}"}),), system_clock())
        for n in range(1_000)
    ]
    with tempfile.TemporaryDirectory() as folder:
        log = Log.create(Path(folder) / "log.sqlite", log_key)
        with log, log.writer() as writer:
            writer.append(sign_statements(drafts[:400], author))
            early = log.checkpoint()
            writer.append(sign_statements(drafts[400:], author))
            note, entry, proof = log.checkpoint(), log.entry(7), log.inclusion_proof(7)
            growth = log.consistency_proof(400)

    # From here on: only what a stranger would be sent, and the log's public key.
    old, new = (verify_checkpoint(text, log_key.key) for text in (early, note))
    leaf = leaf_hash(entry)
    verify_inclusion(leaf, index=7, size=new.size, proof=proof, root=new.root)
    print(f"entry 7 of {new.size} is included: {len(proof)} hashes prove it")
    verify_consistency(
        old_size=old.size, old_root=old.root, new_size=new.size, new_root=new.root, proof=growth
    )
    print(f"the first {old.size} entries did not change since")
    try:
        forged = leaf_hash(entry.replace(b"sig", b"gis"))
        verify_inclusion(forged, index=7, size=new.size, proof=proof, root=new.root)
    except NotIncluded as error:
        print(f"a changed entry is refused: {error.code}")


if __name__ == "__main__":
    main()
