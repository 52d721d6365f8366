"""Encrypted shares: one file for a few recipients, with proof, terms and content."""

from diptych.provenance.sharing.container import OpenedShare, open_share, write_share
from diptych.provenance.sharing.recipients import (
    Identity,
    Recipient,
    parse_recipient,
    read_identity,
)

__all__ = [
    "Identity",
    "OpenedShare",
    "Recipient",
    "open_share",
    "parse_recipient",
    "read_identity",
    "write_share",
]
