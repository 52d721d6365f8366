"""Conformance suite of the plugin group `diptych.blobs`, for our stores and anybody's."""

from collections.abc import Callable
from functools import partial

from diptych.core.errors import DiptychError
from diptych.provenance.objects.store import BlobStore, object_bytes

_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
_ABSENT = "00" * 32


class NotConforming(AssertionError):
    """A blob store breaks the contract of the group; the message names the rule."""


def check_blob_store(store: BlobStore) -> None:
    """Run every rule of the group against an empty store.

    Raises:
        NotConforming: naming the first rule that is broken.
    """
    for rule in (_keeps_bytes, _is_idempotent, _streams, _misses, _refuses_names, _removes):
        rule(store)


def _require(condition: bool, rule: str) -> None:
    if not condition:
        raise NotConforming(rule)


def _refused(action: Callable[[], object], code: str) -> bool:
    try:
        action()
    except DiptychError as error:
        return error.code == code
    return False


def _keeps_bytes(store: BlobStore) -> None:
    for payload in (b"abc", b"", bytes(range(256)) * 10):
        name = store.put([payload])
        _require(object_bytes(store, name) == payload, "an object can be read before flush")
        store.flush()
        _require(object_bytes(store, name) == payload, "an object is read as it was put")
        _require(store.has(name), "has is true for a stored object")
    _require(store.put([b"abc"]) == _ABC, "the name is the SHA-256 of the content")


def _is_idempotent(store: BlobStore) -> None:
    _require(store.put([b"ab", b"c"]) == store.put([b"abc"]), "chunking does not matter")
    store.flush()
    store.flush()
    _require(object_bytes(store, _ABC) == b"abc", "putting twice leaves one intact object")


def _streams(store: BlobStore) -> None:
    chunk = b"x" * 700_000
    name = store.put(chunk for _ in range(5))
    store.flush()
    _require(sum(map(len, store.read(name))) == 3_500_000, "a large object keeps its size")


def _misses(store: BlobStore) -> None:
    _require(not store.has(_ABSENT), "has is false for an absent object")
    _require(
        _refused(lambda: object_bytes(store, _ABSENT), "Object.Missing"),
        "reading an absent object raises Object.Missing",
    )


def _refuses_names(store: BlobStore) -> None:
    for name in ("", "../secret", "A" * 64, "0" * 63, "0" * 65, "/etc/passwd"):
        for action in (store.has, store.remove, partial(object_bytes, store)):
            _require(
                _refused(partial(action, name), "Object.BadName"),
                f"the name '{name}' raises Object.BadName",
            )


def _removes(store: BlobStore) -> None:
    store.remove(_ABC)
    _require(not store.has(_ABC), "a removed object is gone")
    store.remove(_ABC)
