"""Key files: `diptych-key/1`, one encrypted key per file, readable by its owner only.

Canonical JSON: the header (format, purpose, keyid, scrypt cost and salt, nonce) is the additional
data of AES-256-GCM, so no header field can be changed without the file refusing to open. The key of
the cipher is scrypt(passphrase) (RFC 7914, n = 2^17, r = 8, p = 1).
"""

import base64
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag

from diptych.core.canonical import canonical_json
from diptych.core.errors import JsonValue, MalformedError, UsageError
from diptych.core.files import make_folder, write_durably, write_error
from diptych.core.secret import Secret
from diptych.provenance.keys.errors import (
    BadKeyFile,
    BadSeed,
    ExposedKeyFile,
    KeyExists,
    KeyNotFound,
    WrongPassphrase,
)
from diptych.provenance.keys.key import Purpose, UnlockedKey
from diptych_verify.jsonio import ObjectReader, strict_json

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT = "diptych-key/1"
SUFFIX = ".key.json"
DEFAULT_LOG2_N = 17
MIN_LOG2_N, MAX_LOG2_N = 14, 20
_MAX_FILE_BYTES = 16_384
_SALT_BYTES, _NONCE_BYTES, _SEALED_BYTES = 16, 12, 48


class EmptyPassphrase(UsageError):
    """A key file cannot be locked with an empty passphrase."""

    code = "Key.EmptyPassphrase"


@dataclass(frozen=True)
class KeyFile:
    """A parsed key file, still locked."""

    path: Path
    purpose: Purpose
    keyid: str
    log2_n: int
    salt: bytes
    nonce: bytes
    ciphertext: bytes

    def header(self) -> bytes:
        """Return the canonical header that the cipher authenticates."""
        return canonical_json(_header(self))

    def unlock(self, passphrase: Secret) -> UnlockedKey:
        """Decrypt the key.

        Raises:
            WrongPassphrase: wrong passphrase, or the file was altered.
        """
        cipher = _cipher(passphrase, self.salt, self.log2_n)
        try:
            seed = cipher.decrypt(self.nonce, self.ciphertext, self.header())
            return UnlockedKey(self.purpose, self.keyid, seed)
        except (InvalidTag, BadSeed):
            raise WrongPassphrase(
                f"{self.path.name} does not open: wrong passphrase or altered file",
                hint="try again; a forgotten passphrase cannot be recovered",
            ) from None


def write_key_file(
    folder: Path, key: UnlockedKey, passphrase: Secret, *, log2_n: int = DEFAULT_LOG2_N
) -> Path:
    """Encrypt a key into a new file of mode 0600 in `folder`, which becomes mode 0700.

    Args:
        folder: created when missing.
        key: the key to store.
        passphrase: not empty; normalised to Unicode NFC.
        log2_n: scrypt cost, 14 to 20.

    Raises:
        KeyExists: the key is already stored there.
        EmptyPassphrase: the passphrase is empty.
        ExposedKeyFile: the folder belongs to, or is open to, other users.
        CannotWrite: the file cannot be written.
    """
    _require_passphrase(passphrase)
    _private_folder(folder)
    path = folder / key_file_name(key)
    if path.exists():
        raise KeyExists(f"key '{key.keyid}' is already stored in {path}")
    write_durably(path, _seal(path, key, passphrase, log2_n), mode=0o600)
    return path


def change_passphrase(path: Path, old: Secret, new: Secret) -> None:
    """Encrypt a key file again under a new passphrase, atomically.

    Raises:
        WrongPassphrase: `old` does not open it.
        EmptyPassphrase: `new` is empty.
    """
    _require_passphrase(new)
    locked = read_key_file(path)
    key = locked.unlock(old)
    write_durably(path, _seal(path, key, new, locked.log2_n), mode=0o600)


def read_key_file(path: Path) -> KeyFile:
    """Read and check one key file without unlocking it.

    Raises:
        KeyNotFound: no such file.
        ExposedKeyFile: others can read or replace it.
        BadKeyFile: not a `diptych-key/1` document.
    """
    payload = _read_private(path)
    try:
        return _parse(path, payload)
    except MalformedError as error:
        raise BadKeyFile(f"{path} is not a {FORMAT} file: {error.message}") from None


def list_key_files(folder: Path) -> list[KeyFile]:
    """Return every key file of `folder`, sorted by name; empty when the folder is missing."""
    if not folder.is_dir():
        return []
    return [read_key_file(path) for path in sorted(folder.glob(f"*{SUFFIX}"))]


def key_file_name(key: UnlockedKey) -> str:
    """Return `<purpose>-<hex>.key.json`; the hex tells keys of one purpose apart."""
    named = key.purpose in {Purpose.LOG, Purpose.WITNESS}
    short = key.keyid.split("+")[1] if named else key.keyid.partition(":")[2][:16]
    return f"{key.purpose}-{short}{SUFFIX}"


def _seal(path: Path, key: UnlockedKey, passphrase: Secret, log2_n: int) -> bytes:
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    locked = KeyFile(path, key.purpose, key.keyid, log2_n, salt, nonce, b"")
    cipher = _cipher(passphrase, salt, log2_n)
    sealed = cipher.encrypt(nonce, key.seed, locked.header())
    return canonical_json({**_header(locked), "ciphertext": _b64(sealed)}) + b"\n"


def _header(locked: KeyFile) -> dict[str, JsonValue]:
    return {
        "format": FORMAT,
        "purpose": str(locked.purpose),
        "keyid": locked.keyid,
        "kdf": {
            "name": "scrypt",
            "log2_n": locked.log2_n,
            "r": 8,
            "p": 1,
            "salt": _b64(locked.salt),
        },
        "nonce": _b64(locked.nonce),
    }


def _parse(path: Path, payload: bytes) -> KeyFile:
    value = strict_json(payload, max_bytes=_MAX_FILE_BYTES, max_depth=2)
    reader = ObjectReader(value, path.name)
    kdf = reader.object("kdf")
    _require(reader, {"format": FORMAT})
    _require(kdf, {"name": "scrypt", "r": 8, "p": 1})
    purpose = reader.text("purpose")
    if purpose not in set(Purpose):
        raise reader.wrong("purpose", f"one of {', '.join(Purpose)}")
    locked = KeyFile(
        path,
        Purpose(purpose),
        reader.text("keyid", max_characters=400),
        kdf.integer("log2_n", minimum=MIN_LOG2_N, maximum=MAX_LOG2_N),
        kdf.b64_bytes("salt", size=_SALT_BYTES),
        reader.b64_bytes("nonce", size=_NONCE_BYTES),
        reader.b64_bytes("ciphertext", size=_SEALED_BYTES),
    )
    reader.done()
    kdf.done()
    return locked


def _require(reader: ObjectReader, expected: dict[str, JsonValue]) -> None:
    for name, value in expected.items():
        if reader.raw(name) != value:
            raise reader.wrong(name, str(value))


def _read_private(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        raise KeyNotFound(f"no key file {path}", hint="diptych key list") from None
    except OSError as error:
        raise ExposedKeyFile(f"cannot open {path} as a private file: {error.strerror}") from error
    with os.fdopen(descriptor, "rb") as stream:
        _require_private(path, os.fstat(descriptor), hint=f"chmod 600 {path}")
        _require_private(path.parent, path.parent.stat(), hint=f"chmod 700 {path.parent}")
        return stream.read(_MAX_FILE_BYTES + 1)


def _private_folder(folder: Path) -> None:
    try:
        make_folder(folder, mode=0o700)
        _require_private(folder, folder.stat(), hint=f"chmod 700 {folder}")
    except OSError as error:
        raise write_error(folder, error) from error


def _require_private(path: Path, status: os.stat_result, *, hint: str) -> None:
    mode = stat.S_IMODE(status.st_mode)
    if status.st_uid != os.geteuid():
        raise ExposedKeyFile(f"{path} belongs to user {status.st_uid}, expected {os.geteuid()}")
    if mode & 0o077:
        raise ExposedKeyFile(f"{path} is open to other users: mode {mode:04o}", hint=hint)


def _require_passphrase(passphrase: Secret) -> None:
    if not passphrase.reveal():
        raise EmptyPassphrase("the passphrase is empty", hint="give one of at least 12 characters")


def _cipher(passphrase: Secret, salt: bytes, log2_n: int) -> "AESGCM":
    # Not needed while an agent holds the keys, and slow to import.
    import unicodedata

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    secret = unicodedata.normalize("NFC", passphrase.reveal()).encode("utf-8", "replace")
    return AESGCM(Scrypt(salt=salt, length=32, n=1 << log2_n, r=8, p=1).derive(secret))


def _b64(payload: bytes) -> str:
    return base64.b64encode(payload).decode()
