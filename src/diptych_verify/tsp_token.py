"""RFC 3161 time-stamp tokens, decoded: a CMS SignedData (RFC 5652) around a TSTInfo."""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Final

from diptych_verify.der import (
    BOOLEAN,
    GENERALIZED_TIME,
    INTEGER,
    OBJECT_ID,
    OCTET_STRING,
    SEQUENCE,
    SET,
    DerReader,
    Element,
    der_integer,
    parse_der,
)
from diptych_verify.errors import MalformedError

OID_SIGNED_DATA: Final = bytes.fromhex("2a864886f70d010702")
OID_TST_INFO: Final = bytes.fromhex("2a864886f70d0109100104")
OID_CONTENT_TYPE: Final = bytes.fromhex("2a864886f70d010903")
OID_MESSAGE_DIGEST: Final = bytes.fromhex("2a864886f70d010904")
OID_SIGNING_CERTIFICATE: Final = bytes.fromhex("2a864886f70d010910020c")
OID_SIGNING_CERTIFICATE_V2: Final = bytes.fromhex("2a864886f70d010910022f")
DIGESTS: Final = {
    bytes.fromhex("608648016503040201"): "sha256",
    bytes.fromhex("608648016503040202"): "sha384",
    bytes.fromhex("608648016503040203"): "sha512",
}
_TIME = re.compile(rb"([0-9]{14})(?:\.([0-9]{0,8}[1-9]))?Z")
_MAX_CERTIFICATES = 8
_WHERE = "timestamp"


@dataclass(frozen=True)
class TimestampInfo:
    """What the authority states.

    Attributes:
        imprint_algorithm: digest name of the imprint.
        imprint: digest of the stamped bytes.
        latest_s: genTime plus accuracy, rounded up, Unix seconds.
        stated_s: genTime rounded down, Unix seconds; certificates must be valid then.
    """

    imprint_algorithm: str
    imprint: bytes
    latest_s: int
    stated_s: int


@dataclass(frozen=True)
class TimestampToken:
    """A decoded token; nothing is verified yet.

    Attributes:
        info: the statement.
        content: DER of the statement, which `message_digest` covers.
        certificates: DER certificates that travel with the token.
        signer_id: DER of the SignerIdentifier.
        digest_algorithm: digest name used by the signer.
        signed_attributes: DER to verify the signature over (as SET).
        attributes: single values of the signed attributes by OID, DER.
        signature_algorithm: OID.
        signature: signature bytes.
    """

    info: TimestampInfo
    content: bytes
    certificates: tuple[bytes, ...]
    signer_id: Element
    digest_algorithm: str
    signed_attributes: bytes
    attributes: dict[bytes, Element]
    signature_algorithm: bytes
    signature: bytes


def parse_token(raw: bytes) -> TimestampToken:
    """Decode a token: a DER ContentInfo with exactly one signer.

    Raises:
        MalformedError: not such a token, or an unknown digest.
    """
    outer = DerReader.of(parse_der(raw, _WHERE), _WHERE)
    _expect(outer.next(OBJECT_ID), OID_SIGNED_DATA, "SignedData")
    wrapper = outer.inside(0xA0)
    outer.done()
    data = wrapper.inside()
    wrapper.done()
    der_integer(data.next(INTEGER), _WHERE)
    data.next(SET)
    content = _encapsulated(data.inside())
    certificates = _certificates(data.optional(0xA0))
    data.optional(0xA1)
    signers = data.inside(SET)
    data.done()
    signer = signers.inside()
    signers.done()
    return _signer(signer, content, certificates)


def _expect(element: Element, content: bytes, name: str) -> None:
    if element.content != content:
        raise MalformedError(f"{_WHERE}: got OID {element.content[:32].hex()}, expected {name}")


def _encapsulated(reader: DerReader) -> bytes:
    _expect(reader.next(OBJECT_ID), OID_TST_INFO, "TSTInfo")
    wrapper = reader.inside(0xA0)
    reader.done()
    content = wrapper.next(OCTET_STRING).content
    wrapper.done()
    return content


def _certificates(element: Element | None) -> tuple[bytes, ...]:
    if element is None:
        return ()
    found = DerReader(element.content, _WHERE).rest()
    if len(found) > _MAX_CERTIFICATES or any(item.tag != SEQUENCE for item in found):
        raise MalformedError(f"{_WHERE}: expected at most {_MAX_CERTIFICATES} X.509 certificates")
    return tuple(item.encoding for item in found)


def _signer(reader: DerReader, content: bytes, certificates: tuple[bytes, ...]) -> TimestampToken:
    der_integer(reader.next(INTEGER), _WHERE)
    signer_id = reader.next()
    digest_algorithm = _digest(reader.inside())
    attributes = reader.next(0xA0)
    algorithm = reader.inside().next(OBJECT_ID).content
    signature = reader.next(OCTET_STRING).content
    reader.optional(0xA1)
    reader.done()
    return TimestampToken(
        info=_parse_info(content),
        content=content,
        certificates=certificates,
        signer_id=signer_id,
        digest_algorithm=digest_algorithm,
        # RFC 5652 section 5.4: signed as an explicit SET OF, though sent with an implicit tag.
        signed_attributes=bytes([SET]) + attributes.encoding[1:],
        attributes=_attributes(attributes),
        signature_algorithm=algorithm,
        signature=signature,
    )


def _attributes(element: Element) -> dict[bytes, Element]:
    found: dict[bytes, Element] = {}
    for item in DerReader(element.content, _WHERE).rest():
        reader = DerReader.of(item, _WHERE)
        oid = reader.next(OBJECT_ID).content
        values = reader.inside(SET)
        reader.done()
        if oid in found:
            raise MalformedError(f"{_WHERE}: got the signed attribute {oid.hex()} twice")
        found[oid] = values.next()
        values.done()
    return found


def _digest(reader: DerReader) -> str:
    """Read an AlgorithmIdentifier of a digest: NULL or absent parameters."""
    oid = reader.next(OBJECT_ID).content
    reader.optional(0x05)
    reader.done()
    if oid not in DIGESTS:
        raise MalformedError(f"{_WHERE}: got digest OID {oid[:32].hex()}, expected SHA-2")
    return DIGESTS[oid]


def _parse_info(content: bytes) -> TimestampInfo:
    reader = DerReader.of(parse_der(content, _WHERE), _WHERE)
    if der_integer(reader.next(INTEGER), _WHERE) != 1:
        raise MalformedError(f"{_WHERE}: expected TSTInfo version 1")
    reader.next(OBJECT_ID)
    imprint = reader.inside()
    algorithm = _digest(imprint.inside())
    digest = imprint.next(OCTET_STRING).content
    imprint.done()
    der_integer(reader.next(INTEGER), _WHERE)
    stated = _generalized_time(reader.next(GENERALIZED_TIME).content)
    accuracy = _accuracy(reader.optional(SEQUENCE))
    for tag in (BOOLEAN, INTEGER, 0xA0, 0xA1):
        reader.optional(tag)
    reader.done()
    return TimestampInfo(algorithm, digest, math.ceil(stated + accuracy), math.floor(stated))


def _generalized_time(content: bytes) -> Fraction:
    match = _TIME.fullmatch(content)
    if match is None:
        raise MalformedError(f"{_WHERE}: got genTime {content[:40]!r}, expected YYYYMMDDHHMMSSZ")
    try:
        moment = datetime.strptime(match[1].decode(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise MalformedError(f"{_WHERE}: got the impossible genTime {content!r}") from None
    digits = (match[2] or b"0").decode()
    return int(moment.timestamp()) + Fraction(int(digits), 10 ** len(digits))


def _accuracy(element: Element | None) -> Fraction:
    """Return seconds + milliseconds + microseconds of an Accuracy, all optional."""
    if element is None:
        return Fraction(0)
    reader = DerReader(element.content, _WHERE)
    total = Fraction(0)
    for tag, unit in ((INTEGER, 1), (0x80, 1000), (0x81, 1_000_000)):
        part = reader.optional(tag)
        if part is not None:
            total += Fraction(der_integer(part, _WHERE), unit)
    reader.done()
    if total > 86_400:
        raise MalformedError(f"{_WHERE}: got an accuracy of more than a day")
    return total
