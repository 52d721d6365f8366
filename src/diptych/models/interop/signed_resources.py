"""What a model signature covers: files or parts of files with their digests.

Source: https://github.com/sigstore/model-transparency, predicates `signature/v1.0` and, of the
versions before 1.0, `Digests/v0.1`.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from diptych.core.errors import MalformedError
from diptych.models.interop.errors import UnsupportedSigning
from diptych_verify.jsonio import ObjectReader, decode_hex, shown, strict_json
from diptych_verify.manifest import is_safe_path
from diptych_verify.statement import STATEMENT_TYPE

PREDICATE: Final = "https://model_signing/signature/v1.0"
OLD_PREDICATE: Final = "https://model_signing/Digests/v0.1"
WHOLE = "."
MAX_PAYLOAD_BYTES = 48 << 20
MAX_RESOURCES = 200_000
MAX_SHARD_BYTES = 1 << 50
_DIGEST_BYTES = {"sha256": 32, "blake2b": 64, "blake3": 32}
_MAX_DEPTH = 8
_MAX_PATH = 4096


@dataclass(frozen=True)
class Resource:
    """A file, or one part of it, with its digest.

    Attributes:
        path: relative to the model; `.` for a model that is a single file.
        digest: of these bytes.
        algorithm: `sha256`, `blake2b` or `blake3`.
        start: first byte.
        end: behind the last byte; None for the whole file.
    """

    path: str
    digest: bytes
    algorithm: str = "sha256"
    start: int = 0
    end: int | None = None


@dataclass(frozen=True)
class SignedModel:
    """What a signature says.

    Attributes:
        name: of the model, for information.
        resources: all of it, in the order that was signed.
        ignored: paths that the signer left out, with all below them.
    """

    name: str
    resources: tuple[Resource, ...]
    ignored: tuple[str, ...] = ()


def parse_signed_model(payload: bytes) -> SignedModel:
    """Read the statement in a signature, whose signature the caller has checked.

    Raises:
        MalformedError: it is no statement about a model, or contradicts itself.
        UnsupportedSigning: it covers the model in a way that is not known here.
    """
    value = strict_json(
        payload, max_bytes=MAX_PAYLOAD_BYTES, max_depth=_MAX_DEPTH, max_values=1_000_000
    )
    reader = ObjectReader(value, "statement")
    if reader.text("_type", max_characters=200) != STATEMENT_TYPE:
        raise reader.wrong("_type", STATEMENT_TYPE)
    predicate = reader.text("predicateType", max_characters=200)
    if predicate == PREDICATE:
        signed = _current(reader)
    elif predicate == OLD_PREDICATE:
        signed = _old(reader)
    else:
        raise UnsupportedSigning(f"got a statement of type {shown(predicate)}, expected a model's")
    _require_whole(signed)
    return signed


def _current(reader: ObjectReader) -> SignedModel:
    (subject,) = reader.objects("subject", minimum=1, maximum=1)
    predicate = reader.object("predicate")
    serialization = predicate.object("serialization")
    method = serialization.text("method", max_characters=32)
    if method not in ("files", "shards"):
        raise UnsupportedSigning(f"got the method {shown(method)}, expected files or shards")
    listed = predicate.objects("resources", minimum=1, maximum=MAX_RESOURCES)
    resources = tuple(_resource(one, sharded=method == "shards") for one in listed)
    root = subject.object("digest").hex_bytes("sha256", size=32)
    joined = hashlib.sha256(b"".join(one.digest for one in resources)).digest()
    if not hmac.compare_digest(root, joined):
        raise MalformedError(
            f"statement.subject: got the digest {root.hex()}, but the resources give {joined.hex()}"
        )
    ignored = (
        serialization.texts("ignore_paths", maximum=10_000, max_characters=_MAX_PATH)
        if serialization.has("ignore_paths")
        else ()
    )
    return SignedModel(subject.text("name", max_characters=_MAX_PATH), resources, ignored)


def _resource(reader: ObjectReader, *, sharded: bool) -> Resource:
    name = reader.text("name", max_characters=_MAX_PATH)
    algorithm = reader.text("algorithm", max_characters=64).partition("-sharded-")[0]
    if algorithm not in _DIGEST_BYTES:
        raise UnsupportedSigning(f"got the digest {shown(algorithm)} for {shown(name)}")
    digest = reader.hex_bytes("digest", size=_DIGEST_BYTES[algorithm])
    if not sharded:
        return Resource(_path(name), digest, algorithm)
    path, start, end = _shard(name)
    return Resource(_path(path), digest, algorithm, start, end)


def _shard(name: str) -> tuple[str, int, int]:
    path, _, last = name.rpartition(":")
    path, _, first = path.rpartition(":")
    plain = first.isascii() and last.isascii() and first.isdecimal() and last.isdecimal()
    if not plain or max(len(first), len(last)) > len(str(MAX_SHARD_BYTES)):
        raise MalformedError(f"got the resource {shown(name)}, expected PATH:START:END")
    return path, int(first), int(last)


def _old(reader: ObjectReader) -> SignedModel:
    """Read the layout before 1.0: each file is a subject of its own."""
    resources = []
    for one in reader.objects("subject", minimum=1, maximum=MAX_RESOURCES):
        name = one.text("name", max_characters=_MAX_PATH)
        if one.has("annotations"):
            said = one.object("annotations")
            kind = said.text("actual_hash_algorithm", max_characters=64)
            if kind != "file-sha256":
                raise UnsupportedSigning(f"got the digest {shown(kind)} for {shown(name)}")
        text = one.object("digest").text("sha256", max_characters=64)
        resources.append(Resource(_path(name), decode_hex(text, size=32, where=one.where)))
    return SignedModel("", tuple(resources))


def _path(name: str) -> str:
    if name != WHOLE and (not is_safe_path(name) or "\\" in name):
        raise MalformedError(f"got the path {shown(name)}, expected one below the model")
    return name


def _require_whole(signed: SignedModel) -> None:
    """Refuse a resource twice, a single file beside others, and parts that leave bytes out."""
    reached: dict[str, int | None] = {}
    for one in signed.resources:
        place = reached.get(one.path, 0)
        if one.start != place or (one.end is not None and one.end <= one.start):
            raise MalformedError(f"the statement covers {shown(one.path)} twice or with gaps")
        reached[one.path] = one.end
    if WHOLE in reached and len(reached) > 1:
        raise MalformedError("the statement covers a single file and files of a folder")
