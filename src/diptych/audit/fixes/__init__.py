"""Fixes: unified diffs from templates, each proven to change nothing but the fault."""

from diptych.audit.fixes.engine import Fix, Fixer, FixResult, has_template
from diptych.audit.fixes.proof import Proof

__all__ = ["Fix", "FixResult", "Fixer", "Proof", "has_template"]
