"""DID documents of did:web, as somebody fetched them: which keys speak for the DID.

Sources: https://www.w3.org/TR/did-core/, https://w3c-ccg.github.io/did-method-web/. Nothing is
fetched here; that a document is really the domain's is the trust policy's word.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from diptych_verify.errors import JsonValue, MalformedError
from diptych_verify.identity.public_key import PublicKey, read_jwk, read_multikey
from diptych_verify.jsonio import ObjectReader, shown, strict_json

MAX_DOCUMENT_BYTES: Final = 16 << 10
_MAX_METHODS = 32
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_WEB = re.compile(
    rf"did:web:(?P<host>{_LABEL}(?:\.{_LABEL})*)(?:%3A(?P<port>[1-9][0-9]{{0,4}}))?"
    r"(?P<path>(?::[A-Za-z0-9._-]{1,64}){0,8})"
)


@dataclass(frozen=True)
class DidDocument:
    """A parsed document: the DID and the keys that may make statements for it, by method id."""

    did: str
    keys: tuple[tuple[str, PublicKey], ...]

    def holds(self, key: PublicKey) -> bool:
        """Tell whether a key may make statements for the DID."""
        return any(one == key for _, one in self.keys)


def is_did_web(text: str) -> bool:
    """Tell whether a text is a did:web in lower case, with at most eight path segments."""
    match = _WEB.fullmatch(text) if len(text) <= 512 else None
    return match is not None and not {".", ".."}.intersection(match["path"].split(":"))


def did_web_url(did: str) -> str:
    """Return where the document of a did:web stands.

    Raises:
        MalformedError: not a did:web.

    >>> did_web_url("did:web:example.org%3A8443:labs")
    'https://example.org:8443/labs/did.json'
    """
    if not is_did_web(did):
        raise MalformedError(f"got {shown(did)}, expected did:web:DOMAIN")
    domain, _, path = did.removeprefix("did:web:").partition(":")
    below = path.replace(":", "/") if path else ".well-known"
    return f"https://{unquote(domain)}/{below}/did.json"


def parse_did_document(raw: bytes, did: str) -> DidDocument:
    """Parse the DID document of `did`.

    A key counts if `assertionMethod` holds or names it and its controller is the DID itself.

    Raises:
        MalformedError: not JSON, another DID's document, or malformed keys.
    """
    value = strict_json(raw, max_bytes=MAX_DOCUMENT_BYTES, max_depth=12, max_values=4096)
    reader = ObjectReader(value, "document")
    if reader.text("id", max_characters=512) != did:
        raise reader.wrong("id", did)
    methods = [_method(one, did) for one in _listed(reader, "verificationMethod")]
    allowed: list[tuple[str, PublicKey] | None] = []
    for item in _items(reader, "assertionMethod"):
        if isinstance(item, str):
            name = _absolute(item, did)
            allowed += [one for one in methods if one is not None and one[0] == name]
        else:
            allowed.append(_method(ObjectReader(item, "document.assertionMethod"), did))
    keys = tuple(dict.fromkeys(one for one in allowed if one is not None))
    return DidDocument(did, keys)


def _items(reader: ObjectReader, key: str) -> list[JsonValue]:
    return reader.items(key, maximum=_MAX_METHODS) if reader.has(key) else []


def _listed(reader: ObjectReader, key: str) -> Iterable[ObjectReader]:
    for position, item in enumerate(_items(reader, key)):
        yield ObjectReader(item, f"document.{key}[{position}]")


def _method(reader: ObjectReader, did: str) -> tuple[str, PublicKey] | None:
    """Return id and key of a verification method; None if it is not the DID's or not ours."""
    name = _absolute(reader.text("id"), did)
    controller = reader.text("controller", max_characters=512)
    if reader.has("publicKeyMultibase") and reader.has("publicKeyJwk"):
        raise MalformedError(f"{reader.where}: got two keys in one method")
    key: PublicKey | None = None
    if reader.has("publicKeyJwk"):
        key = read_jwk(reader.object("publicKeyJwk"))
    elif reader.has("publicKeyMultibase"):
        text = reader.text("publicKeyMultibase")
        try:
            key = read_multikey(text)
        except MalformedError:
            # Keys of other kinds (X25519, P-384, BBS) stand beside ours in many documents.
            key = None
    if key is None or controller != did or name.partition("#")[0] != did:
        return None
    return name, key


def _absolute(name: str, did: str) -> str:
    return did + name if name.startswith("#") else name
