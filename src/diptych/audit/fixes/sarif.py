"""A fix in SARIF 2.1.0 (section 3.55), for the `fixes` of a result."""

from diptych.audit.fixes.engine import Fix
from diptych.audit.source.text import SourceText
from diptych_verify.errors import JsonValue

__all__ = ["sarif_fix"]


def sarif_fix(fix: Fix) -> dict[str, JsonValue]:
    """Return a fix as replacements of regions in its file."""
    text = SourceText(fix.path, fix.before)
    replacements: list[JsonValue] = []
    for edit in fix.edits:
        line, column = text.position(edit.start)
        end_line, end_column = text.position(edit.end)
        replacements.append(
            {
                "deletedRegion": {
                    "startLine": line,
                    "startColumn": column,
                    "endLine": end_line,
                    "endColumn": end_column,
                },
                "insertedContent": {"text": edit.text},
            }
        )
    return {
        "description": {"text": fix.name},
        "artifactChanges": [{"artifactLocation": {"uri": fix.path}, "replacements": replacements}],
    }
