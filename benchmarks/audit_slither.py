"""Slither over files, in its own environment: findings in our form, and seconds by file.

Usage: audit_slither.py PLAN, a file of JSON lines {file, version, combined}: what to look at, by
which compiler it was compiled, and the `--combined-json` that came out of it.
"""

import inspect
import json
import logging
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from slither import Slither
from slither.detectors import all_detectors
from slither.detectors.abstract_detector import AbstractDetector

SEVERITIES = {"High": "high", "Medium": "medium", "Low": "low"}
CATEGORIES = {
    "reentrancy": "reentrancy-eth reentrancy-no-eth reentrancy-benign reentrancy-events"
    " reentrancy-unlimited-gas reentrancy-balance token-reentrancy",
    "access_control": "suicidal unprotected-upgrade arbitrary-send-eth arbitrary-send-erc20"
    " arbitrary-send-erc20-permit controlled-delegatecall delegatecall-loop tx-origin"
    " missing-zero-check protected-vars controlled-array-length events-access uninitialized-storage"
    " uninitialized-state backdoor incorrect-modifier",
    "arithmetic": "divide-before-multiply tautology incorrect-shift incorrect-exp storage-array"
    " events-maths void-cst",
    "unchecked_low_level_calls": "unchecked-lowlevel unchecked-send unchecked-transfer"
    " low-level-calls",
    "denial_of_service": "calls-loop msg-value-loop costly-loop locked-ether incorrect-equality"
    " return-bomb",
    "bad_randomness": "weak-prng",
    "time_manipulation": "timestamp",
}
CATEGORY = {check: name for name, checks in CATEGORIES.items() for check in checks.split()}
REPLAY = """#!/bin/sh
for word in "$@"; do
  [ "$word" = --version ] && { echo "Version: $SOLC_VERSION+commit.00000000.Linux.g++"; exit 0; }
done
cat "$SOLC_COMBINED"
"""


def place(element: dict[str, Any]) -> dict[str, Any]:
    """Return an element as a location of ours."""
    lines = element["source_mapping"]["lines"]
    parent = element.get("type_specific_fields", {}).get("parent", {})
    function = parent.get("name", "") if element["type"] == "node" else element["name"]
    path = element["source_mapping"]["filename_absolute"]
    return {"path": path, "line": lines[0], "end_line": lines[-1], "function": function}


def look(plan: dict[str, Any], solc: Path) -> list[dict[str, Any]]:
    """Run all detectors on one file."""
    os.environ.update(SOLC_VERSION=plan["version"], SOLC_COMBINED=plan["combined"])
    slither = Slither(
        plan["file"], solc=str(solc), compile_force_framework="solc", disable_color=True
    )
    for kind in vars(all_detectors).values():
        if inspect.isclass(kind) and issubclass(kind, AbstractDetector):
            slither.register_detector(kind)
    found = []
    for result in (each for results in slither.run_detectors() for each in results):
        places = [e for e in result["elements"] if e["source_mapping"]["lines"]]
        nodes = [e for e in places if e["type"] == "node"] or places
        if nodes:
            first, *others = [place(each) for each in (*nodes, *places)]
            found.append(
                {
                    "rule": result["check"],
                    "category": CATEGORY.get(result["check"], "other"),
                    "severity": SEVERITIES.get(result["impact"], "info"),
                    "location": first,
                    "related": others,
                }
            )
    return found


def main() -> None:
    """Print {findings, files} as JSON."""
    logging.disable(logging.CRITICAL)
    findings, files = [], []
    with tempfile.TemporaryDirectory() as folder:
        solc = Path(folder) / "solc"
        solc.write_text(REPLAY)
        solc.chmod(0o700)
        for line in Path(sys.argv[1]).read_text().splitlines():
            plan = json.loads(line)
            start_s, why = time.process_time(), ""
            try:
                findings += look(plan, solc)
            except BaseException as error:  # it asserts, and exits, on some files
                why = repr(error)[:200]
            spent_s = time.process_time() - start_s
            files.append({"path": plan["file"], "cpu_s": spent_s, "problem": why})
    print(json.dumps({"findings": findings, "files": files}))


if __name__ == "__main__":
    main()
