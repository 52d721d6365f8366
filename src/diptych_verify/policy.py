"""The trust policy: what the verifier decides to believe (docs/formats.md).

A category that the policy names is enforced; one that it does not name leaves answers
self-asserted. Strict TOML or JSON: unknown fields, empty categories and duplicates are refused.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self, TypeVar

from diptych_verify.dsse import parse_keyid
from diptych_verify.errors import JsonValue, MalformedError
from diptych_verify.jsonio import ObjectReader, strict_json
from diptych_verify.note import COSIGNATURE, ED25519, Checkpoint, VerifierKey
from diptych_verify.strict_toml import strict_toml

if TYPE_CHECKING:
    from diptych_verify.identity.public_key import PublicKey

FORMAT: Final = "diptych-policy/1"
QUESTIONS: Final = ("untampered", "who", "derived_from", "when", "use")
MAX_POLICY_BYTES: Final = 256 << 10
_MAX_ENTRIES = 1024
_PEM = re.compile(r"\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*")

Record = TypeVar("Record")


@dataclass(frozen=True)
class TrustedSigner:
    """A statement key and the name to show for it, empty if none was given."""

    keyid: str
    name: str


@dataclass(frozen=True)
class TrustedAnchor:
    """An anchor contract (20 bytes) and log id (32 bytes) on one chain."""

    chain_id: int
    contract: bytes
    log_id: bytes


@dataclass(frozen=True)
class TrustedBlock:
    """A block hash (32 bytes) that the verifier knows to be final on one chain."""

    chain_id: int
    block_hash: bytes


@dataclass(frozen=True)
class TrustedIdentity:
    """A DID whose word about keys counts, and how it is known.

    Attributes:
        did: `did:web:…`, or `did:key:…`, which is its own key.
        document_sha256: digest of its DID document, 32 bytes.
        key: its key as Multikey text; of a did:web either this or the digest.
        name: shown for it, empty if none was given.
    """

    did: str
    document_sha256: bytes | None = None
    key: str = ""
    name: str = ""

    @property
    def public_key(self) -> "PublicKey | None":
        """The pinned key; None if a document is pinned instead."""
        from diptych_verify.identity.public_key import DID_KEY, read_multikey

        text = self.key or (self.did.removeprefix(DID_KEY) if self.did.startswith(DID_KEY) else "")
        return read_multikey(text) if text else None


@dataclass(frozen=True)
class TrustPolicy:
    """Everything that the verifier believes; an empty tuple means the category is not named.

    Attributes:
        logs: verifier keys of logs.
        require: questions that must be answered `proven`.
        signers: statement keys.
        anchors: anchor contracts.
        blocks: known block hashes; without one, chain time is self-asserted.
        witnesses: cosignature verifier keys.
        checkpoints: what was seen before.
        timestamp_authorities: PEM certificates of RFC 3161 authorities.
        identities: DIDs that say whom keys belong to.
        identity_roots: PEM certificates under which X.509 identities count.
        identity_crls: DER revocation lists that they are checked against.
        identity_status_lists: status list credentials that credentials are checked against.
    """

    logs: tuple[VerifierKey, ...] = ()
    require: tuple[str, ...] = ()
    signers: tuple[TrustedSigner, ...] = ()
    anchors: tuple[TrustedAnchor, ...] = ()
    blocks: tuple[TrustedBlock, ...] = ()
    witnesses: tuple[VerifierKey, ...] = ()
    checkpoints: tuple[Checkpoint, ...] = ()
    timestamp_authorities: tuple[str, ...] = ()
    identities: tuple[TrustedIdentity, ...] = ()
    identity_roots: tuple[str, ...] = ()
    identity_crls: tuple[bytes, ...] = ()
    identity_status_lists: tuple[bytes, ...] = ()

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """Parse a policy; JSON if the first character is `{`, else TOML.

        Raises:
            MalformedError: wrong syntax, fields, types or values.
        """
        reader = ObjectReader(_load(raw), "policy")
        if reader.text("format") != FORMAT:
            raise reader.wrong("format", FORMAT)
        policy = cls(
            logs=_texts(reader, "logs", lambda text: _key(text, ED25519)),
            require=_texts(reader, "require", _question),
            signers=_tables(reader, "signers", _signer),
            anchors=_tables(reader, "anchors", _anchor),
            blocks=_tables(reader, "blocks", _block),
            witnesses=_tables(reader, "witnesses", _witness),
            checkpoints=_tables(reader, "checkpoints", _checkpoint),
            timestamp_authorities=_tables(reader, "timestamp_authorities", _certificate),
            identities=_tables(reader, "identities", _identity),
            identity_roots=_tables(reader, "identity_roots", _certificate),
            identity_crls=_tables(reader, "identity_crls", _crl),
            identity_status_lists=_tables(reader, "identity_status_lists", _status_list),
        )
        reader.done()
        return policy


def _load(raw: bytes) -> JsonValue:
    if raw.lstrip()[:1] == b"{":
        return strict_json(raw, max_bytes=MAX_POLICY_BYTES, max_depth=8)
    return strict_toml(raw, max_bytes=MAX_POLICY_BYTES)


def _texts(reader: ObjectReader, key: str, read: Callable[[str], Record]) -> tuple[Record, ...]:
    if not reader.has(key):
        return ()
    texts = reader.texts(key, maximum=_MAX_ENTRIES)
    return _distinct(f"policy.{key}", tuple(read(text) for text in texts))


def _tables(
    reader: ObjectReader, key: str, read: Callable[[ObjectReader], Record]
) -> tuple[Record, ...]:
    if not reader.has(key):
        return ()
    found = []
    for table in reader.objects(key, maximum=_MAX_ENTRIES):
        found.append(read(table))
        table.done()
    return _distinct(f"policy.{key}", tuple(found))


def _distinct(where: str, found: tuple[Record, ...]) -> tuple[Record, ...]:
    if not found:
        raise MalformedError(f"{where} is empty: leave it out, or name what you trust")
    if len(set(found)) != len(found):
        raise MalformedError(f"{where} names something twice")
    return found


def _key(text: str, kind: int) -> VerifierKey:
    key = VerifierKey.parse(text)
    if key.kind != kind:
        raise MalformedError(f"got a verifier key of type {key.kind} for {key.name}, want {kind}")
    return key


def _question(text: str) -> str:
    if text not in QUESTIONS:
        raise MalformedError(f"policy.require: got {text!a}, expected one of {QUESTIONS}")
    return text


def _signer(table: ObjectReader) -> TrustedSigner:
    keyid = table.text("keyid", max_characters=128)
    parse_keyid(keyid)
    return TrustedSigner(keyid, table.text("name") if table.has("name") else "")


def _anchor(table: ObjectReader) -> TrustedAnchor:
    return TrustedAnchor(
        table.integer("chain_id", minimum=1),
        table.hex_bytes("contract", size=20, prefix="0x"),
        table.hex_bytes("log_id", size=32, prefix="0x"),
    )


def _block(table: ObjectReader) -> TrustedBlock:
    return TrustedBlock(
        table.integer("chain_id", minimum=1), table.hex_bytes("hash", size=32, prefix="0x")
    )


def _witness(table: ObjectReader) -> VerifierKey:
    return _key(table.text("key"), COSIGNATURE)


def _checkpoint(table: ObjectReader) -> Checkpoint:
    return Checkpoint(
        table.text("origin", max_characters=256),
        table.integer("size"),
        table.b64_bytes("root", size=32),
    )


def _certificate(table: ObjectReader) -> str:
    text = table.text("certificate", max_characters=32_768)
    if _PEM.fullmatch(text) is None:
        raise table.wrong("certificate", "one PEM certificate")
    return text


def _crl(table: ObjectReader) -> bytes:
    from diptych_verify.identity.crl import to_der_crl

    return to_der_crl(table.utf8_bytes("crl", max_bytes=MAX_POLICY_BYTES))


def _status_list(table: ObjectReader) -> bytes:
    from diptych_verify.identity.status_list import MAX_STATUS_LIST_BYTES, parse_status_list

    raw = table.utf8_bytes("credential", max_bytes=MAX_STATUS_LIST_BYTES)
    parse_status_list(raw)
    return raw


def _identity(table: ObjectReader) -> TrustedIdentity:
    from diptych_verify.identity.did import is_did_web

    did = table.text("did", max_characters=512)
    digest = table.hex_bytes("document_sha256", size=32) if table.has("document_sha256") else None
    key = table.text("key", max_characters=128) if table.has("key") else ""
    known = TrustedIdentity(did, digest, key, table.text("name") if table.has("name") else "")
    if not is_did_web(did) and not did.startswith("did:key:"):
        raise table.wrong("did", "did:web:DOMAIN or did:key:z…")
    if is_did_web(did) == (digest is None and not key) or (digest is not None and key):
        raise MalformedError(
            f"{table.where}: expected document_sha256 or key of a did:web, neither of a did:key"
        )
    if digest is None and known.public_key is None:
        raise table.wrong("did", "a DID with a key")
    return known
