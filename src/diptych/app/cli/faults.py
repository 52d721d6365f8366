"""The last translation: what the operating system or SQLite refused, as an error with a code.

Code that knows more translates earlier; this is for every odd place a file can be wrong in.
"""

from pathlib import Path

from diptych.core.errors import DiptychError
from diptych.core.files import CannotUse, database_fault, system_error


def fault_of(error: Exception) -> DiptychError | None:
    """Return what to show for an error that nobody translated; None if it is our own mistake."""
    if isinstance(error, OSError):
        return system_error(error)
    if isinstance(error, RuntimeError) and str(error).startswith("Symlink loop"):
        return CannotUse(f"cannot use a link that leads back to itself: {error}")  # pathlib <= 3.12
    if isinstance(error, UnicodeDecodeError):
        return CannotUse(f"a file is not {error.encoding.upper()} text: {error.reason}")
    if type(error).__module__ == "sqlite3":
        damaged = CannotUse(f"a database cannot be used: {error}", hint="diptych restore BACKUP")
        return database_fault(Path("the workspace"), error) or damaged
    return None
