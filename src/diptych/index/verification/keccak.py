"""Keccak-256 without the cost of a Python object per message."""

from collections.abc import Callable
from threading import Lock

Keccak = Callable[[bytes], bytes]
_CAPACITY_BYTES = 64
_ROUNDS = 24
_PADDING = 1


def new_keccak() -> Keccak:
    """Return a hash function; threads that share it take turns.

    It drives the C code of pycryptodome directly, which takes a third of the time for the short
    messages that tries and blooms are made of. Where that code has another form, `eth_hash` serves.
    """
    from eth_hash.auto import keccak

    try:
        fast = _bound()
    except (ImportError, AttributeError, KeyError, TypeError, ValueError):
        return keccak
    probe = b"diptych" * 30
    return fast if fast(b"") == keccak(b"") and fast(probe) == keccak(probe) else keccak


def _bound() -> Keccak:
    from Crypto.Hash import keccak as module
    from Crypto.Util import _raw_api

    # There is no public name for it.
    library, ffi = vars(module)["_raw_keccak_lib"], _raw_api.ffi
    reset, absorb, digest = library.keccak_reset, library.keccak_absorb, library.keccak_digest
    pointer = _raw_api.VoidPointer()
    library.keccak_init(pointer.address_of(), _CAPACITY_BYTES, _ROUNDS)
    # The smart pointer frees the state with the closure.
    owner = _raw_api.SmartPointer(pointer.get(), library.keccak_destroy)
    state, output = owner.get(), ffi.new("uint8_t[]", 32)
    view, lock = ffi.buffer(output), Lock()

    def hashed(message: bytes, owner: object = owner) -> bytes:
        # Foreign calls let other threads run, and there is but one state.
        with lock:
            if reset(state) or absorb(state, message, len(message)):
                raise ValueError("got no state of Keccak")
            digest(state, output, 32, _PADDING)
            return bytes(view)

    return hashed
