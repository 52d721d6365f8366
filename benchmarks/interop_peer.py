"""The verdicts of a peer, run in its own environment: `interop_peer.py PEER CASES.json`."""

import json
import sys
from pathlib import Path
from typing import Any


def model_signing(case: dict[str, Any]) -> None:
    """Verify one model or raise."""
    from model_signing import hashing, verifying

    config = verifying.Config()
    if case["key"]:
        config.use_elliptic_key_verifier(public_key=case["key"])
    else:
        config.use_certificate_verifier(certificate_chain=[Path(case["roots"])])
    config.set_hashing_config(hashing.Config())
    config.verify(Path(case["place"]), Path(case["signature"]))


def mlcroissant(case: dict[str, Any]) -> None:
    """Load one description and the first record of each table whose files are here, or raise."""
    import mlcroissant as mlc

    data = mlc.Dataset(case["place"])
    remote = any("://" in str(one.content_url) for one in data.metadata.file_objects)
    for table in [] if remote else data.metadata.record_sets:
        kinds = [str(kind) for one in table.fields for kind in one.data_types]
        if not any(kind.endswith(("AudioObject", "ImageObject")) for kind in kinds):
            next(iter(data.records(table.uuid)))  # media need decoders that are not compared here


def main() -> None:
    """Print one verdict for each case: an empty text, or why it was refused."""
    check = {"model-signing": model_signing, "mlcroissant": mlcroissant}[sys.argv[1]]
    verdicts = {}
    for case in json.loads(Path(sys.argv[2]).read_bytes()):
        try:
            check(case)
            verdicts[case["name"]] = ""
        except Exception as error:
            verdicts[case["name"]] = f"{type(error).__name__}: {error}"[:300] or "refused"
    Path(sys.argv[3]).write_text(json.dumps(verdicts))


if __name__ == "__main__":
    main()
