"""Fixes: unified diffs from templates, each proven to change nothing but the fault."""

from diptych.audit.fixes.apply import write_fixed
from diptych.audit.fixes.engine import Fix, Fixer, FixResult, has_template
from diptych.audit.fixes.proof import Proof
from diptych.audit.fixes.series import fix_file

__all__ = [
    "Fix",
    "FixResult",
    "Fixer",
    "Proof",
    "fix_file",
    "has_template",
    "write_fixed",
]
