"""`data identity`: an age key of one's own, for those who have none."""

from pathlib import Path

from diptych.core.errors import UsageError
from diptych.core.files import write_durably
from diptych.provenance.sharing.recipients import new_identity


class IdentityExists(UsageError):
    """A private key was to be written over a file."""

    code = "Share.IdentityExists"


def make_identity(target: Path) -> str:
    """Write a new age identity (0600) and return its recipient.

    Raises:
        IdentityExists: the file exists.
        NeedsShareExtra: pyrage is not installed.
    """
    if target.exists():
        raise IdentityExists(f"{target.name} exists already", hint="name a new file with -o")
    recipient, secret = new_identity()
    text = f"# public key: {recipient}\n{secret.reveal()}\n"
    write_durably(target, text.encode(), mode=0o600)
    return recipient
