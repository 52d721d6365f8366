"""Scans folders as `audit scan` does, model on, in a process of its own; prints what came out."""

import json
import sys
import time
from pathlib import Path

from diptych.audit.catalogue import installed_rules
from diptych.audit.learned.rank import shipped_ranker
from diptych.audit.scan import scan_files
from diptych.audit.source.files import find_sources


def main() -> None:
    """Scan the folders that are named; print one JSON object."""
    rules = installed_rules()
    ranker = shipped_ranker()
    paths = find_sources([Path(each) for each in sys.argv[1:]])
    start_s = time.process_time()
    report = scan_files(paths, rules, ranker=ranker)
    taken_s = time.process_time() - start_s
    print(json.dumps({"cpu_s": taken_s, **report.to_json()}))


if __name__ == "__main__":
    main()
