"""Readers of other people's formats: certificates of model signatures, Croissant descriptions."""

from cryptography.hazmat.primitives.serialization import Encoding
from tests.property.fuzz.engine import Target
from tests.unit.interop.authorities import NOW, Authority

from diptych.data.interop.croissant_read import MAX_CROISSANT_BYTES, read_croissant
from diptych.data.interop.croissant_write import Described, DescribedFile, dump_croissant
from diptych.models.interop.signing_certificates import signer_of


def interop_targets() -> list[Target]:
    """Return the targets of this module."""
    root = Authority("root")
    _, certificate = root.signer("Ada")

    def read_chain(raw: bytes) -> object:
        return signer_of([raw], [root.certificate], time_s=NOW)

    about = Described("d", 1, "ab" * 32, "diptych.log/x", "2026-11-23", "MIT", (("A", "b"),))
    table = DescribedFile("t.csv", 3, "cd" * 32, (("a", "integer"),))
    descriptions = [dump_croissant(about, [table])]
    chain = [certificate.public_bytes(Encoding.DER)]
    return [
        Target("signing_chain", read_chain, chain, "der", 15, 0),
        Target("croissant", read_croissant, descriptions, "json", 15, MAX_CROISSANT_BYTES),
    ]
