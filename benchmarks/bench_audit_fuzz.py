"""Audits of hostile input: mutated Solidity, Vyper, bytecode and compiler input, all rules.

Usage: bench_audit_fuzz.py [--quick] [--json FILE]

Readers, mutations and judgement are those of bench_fuzz.py; the bounds are an auditor's: 5 s and
1 GB for one input.
"""

import sys

from bench_fuzz import rows_of, run
from harness import arguments, report

INPUTS = 100_000
QUICK_INPUTS = 2_000
BOUND_MS, BOUND_MIB = 5_000, 1_000
SEED = 20_261_123


def main() -> int:
    """Scan all inputs."""
    asked = arguments(__doc__)
    inputs = QUICK_INPUTS if asked.quick else INPUTS
    results, crashes = run(f"--seed={SEED}", f"--inputs={inputs}", "--only=audit_")
    bounds = {"bound_ms": BOUND_MS, "bound_mib": BOUND_MIB}
    rows = rows_of("mutated inputs", results, crashes, at_least=inputs, **bounds)
    return report("audit_fuzz", rows, asked)


if __name__ == "__main__":
    sys.exit(main())
