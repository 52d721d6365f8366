"""The peer's side of bench_imaging: dicom-anonymizer over a list of files, in its own environment.

Reads a JSON list of [source, target] from the file named, prints [seconds, error] for each.
"""

import importlib
import json
import sys
import time
import warnings
from pathlib import Path


def main() -> int:
    """Anonymize each file; print what it took and what went wrong."""
    warnings.simplefilter("ignore")
    anonymize = importlib.import_module("dicomanonymizer").anonymize_dicom_file

    results = []
    for source, target in json.loads(Path(sys.argv[1]).read_bytes()):
        start_s = time.perf_counter()
        error = ""
        try:
            anonymize(source, target)
        except Exception as fault:
            error = f"{type(fault).__name__}: {fault}"[:200]
        results.append([time.perf_counter() - start_s, error])
    print("RESULT " + json.dumps(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
