"""What a `share` record says."""

from dataclasses import dataclass

from diptych.core.errors import VerificationError
from diptych_verify.bundle import Bundle
from diptych_verify.dsse import parse_envelope
from diptych_verify.jsonio import ObjectReader
from diptych_verify.statement import Statement, statement_of


class WrongShare(VerificationError):
    """The parts of a share do not belong together, or it was not made for this recipient."""

    code = "Share.Mismatch"


@dataclass(frozen=True)
class ShareClaim:
    """What a `share` record says; `until` is empty for no end."""

    terms: str
    until: str
    recipients: tuple[str, ...]


def share_claim(statement: Statement) -> ShareClaim:
    """Read the predicate of a `share` record.

    Raises:
        WrongShare: it is no such record.
        MalformedError: its predicate is malformed.
    """
    if statement.kind != "share":
        raise WrongShare(f"got a record of kind '{statement.kind}', expected a share")
    reader = ObjectReader(statement.predicate.get("share"), "share")
    return ShareClaim(
        reader.text("terms", max_characters=64),
        reader.text("until", max_characters=20) if reader.has("until") else "",
        reader.texts("recipients", maximum=64, max_characters=64),
    )


def statement_of_bundle(bundle: Bundle) -> Statement:
    """Return the statement that a bundle is about."""
    return statement_of(parse_envelope(bundle.records[0].envelope))
