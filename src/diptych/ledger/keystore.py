"""Key files of the Ethereum world: keystore version 3 (Web3 Secret Storage), scrypt and AES-CTR."""

import json
import os
import stat
import sys
from pathlib import Path
from types import ModuleType

from diptych.core.errors import EnvironmentFault, LedgerError
from diptych.core.files import write_durably
from diptych.ledger.account import LocalAccount
from diptych_verify.errors import MalformedError
from diptych_verify.jsonio import strict_json

_MAX_BYTES = 1 << 16
_MAX_SCRYPT_N = 1 << 20
_MAX_SCRYPT_WORK = 1 << 23
_DERIVED_BYTES = 32
_MAX_ITERATIONS = 10_000_000


class BadKeystore(LedgerError):
    """A key file is not a version 3 keystore, or asks for absurd work."""

    code = "Account.BadKeystore"


class WrongPassphrase(LedgerError):
    """The passphrase does not open the key file."""

    code = "Account.WrongPassphrase"


class UnsafePermissions(EnvironmentFault):
    """A secret file can be read by others."""

    code = "Account.UnsafePermissions"


class KeystoreExists(LedgerError):
    """A key file would be overwritten, and its account lost."""

    code = "Account.KeystoreExists"
    exit_code = 2


def create_keystore(
    path: Path, account: LocalAccount, passphrase: str, *, scrypt_log2_n: int = 18
) -> None:
    """Write an account's key file, readable by its owner only.

    Args:
        path: the file; must not exist yet.
        account: whose key.
        passphrase: locks it.
        scrypt_log2_n: cost of guessing, 14 to 20 (r = 8, p = 1).

    Raises:
        KeystoreExists: the file is there already.
        BadKeystore: the cost is out of range.
    """
    if not 10 <= scrypt_log2_n <= 20:
        raise BadKeystore(f"got scrypt_log2_n = {scrypt_log2_n}, expected 10 to 20")
    if path.exists():
        raise KeystoreExists(f"{path} exists already", hint="choose another name")
    content = _keyfile().create_keyfile_json(
        account.unsafe_private_key(),
        passphrase.encode(),
        kdf="scrypt",
        iterations=1 << scrypt_log2_n,
    )
    content["address"] = account.address.lower().removeprefix("0x")
    write_durably(path, json.dumps(content, indent=1).encode() + b"\n", mode=0o600)


def open_keystore(path: Path, passphrase: str) -> LocalAccount:
    """Unlock a key file.

    Raises:
        UnsafePermissions: others can read it.
        BadKeystore: not a keystore, or the key is not the named address's.
        WrongPassphrase: the passphrase does not open it.
    """
    content = _read(path)
    try:
        key = _keyfile().decode_keyfile_json(content, passphrase.encode())
        account = LocalAccount(bytes(key))
    except Exception as error:
        # The library checks little: hostile files end in a dozen unrelated exception classes.
        if isinstance(error, ValueError) and "MAC" in str(error):
            raise WrongPassphrase(
                f"the passphrase does not open {path}", hint="try another passphrase"
            ) from None
        raise BadKeystore(f"{path} is not a usable keystore") from None
    named = content.get("address")
    if named is not None and str(named).lower().removeprefix("0x") != account.address[2:].lower():
        raise BadKeystore(f"{path} names address {str(named)[:44]}, its key is {account.address}")
    return account


def _keyfile() -> ModuleType:
    # Imported late (0.3 s), and its py_ecc raises the recursion limit until parsers overflow.
    limit = sys.getrecursionlimit()
    from eth_keyfile import keyfile

    sys.setrecursionlimit(limit)
    return keyfile


def _read(path: Path) -> dict[str, object]:
    require_private(path)
    try:
        with path.open("rb") as stream:
            raw = stream.read(_MAX_BYTES + 1)
        content = strict_json(raw, max_bytes=_MAX_BYTES, max_depth=4)
    except (OSError, MalformedError) as error:
        raise BadKeystore(f"cannot read keystore {path}: {error}") from None
    if not isinstance(content, dict) or content.get("version") != 3:
        raise BadKeystore(f"{path} is not a version 3 keystore")
    # Some wallets write "Crypto".
    crypto = content.get("crypto", content.get("Crypto"))
    if not isinstance(crypto, dict) or not _is_modest(crypto.get("kdfparams")):
        raise BadKeystore(f"{path} names no known key derivation, or one that never ends")
    return {**content, "crypto": crypto}


def _is_modest(parameters: object) -> bool:
    if not isinstance(parameters, dict) or parameters.get("dklen") != _DERIVED_BYTES:
        return False
    cost = [parameters.get(name) for name in ("n", "r", "p")]
    if cost == [None, None, None]:
        iterations = parameters.get("c")
        return isinstance(iterations, int) and 0 < iterations <= _MAX_ITERATIONS
    numbers = [value for value in cost if isinstance(value, int) and value > 0]
    if len(numbers) != 3:
        return False
    n, r, p = numbers
    return n <= _MAX_SCRYPT_N and n * r * p <= _MAX_SCRYPT_WORK


def require_private(path: Path) -> None:
    """Refuse a secret file that others can read.

    Raises:
        UnsafePermissions: group or others have any right on it, or it is no plain file.
        BadKeystore: it is not there.
    """
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        raise BadKeystore(f"cannot read {path}: {error.strerror}") from None
    if not stat.S_ISREG(mode) or mode & 0o077:
        raise UnsafePermissions(
            f"{path} has mode {stat.S_IMODE(mode):04o}, expected 0600", hint=f"chmod 600 {path}"
        )
