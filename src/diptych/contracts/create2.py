"""Addresses that follow from the code alone (EIP-1014), through the well-known factory.

The factory is https://github.com/Arachnid/deterministic-deployment-proxy: call data is a 32-byte
salt and the init code. It has the same address on every chain where it was installed by the one
pre-signed transaction below, whose sender nobody has the key of.
"""

from eth_hash.auto import keccak

FACTORY_ADDRESS = "0x4e59b44847b379578588920cA78FbF26c0B4956C"
FACTORY_RUNTIME = bytes.fromhex(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0"
    "3601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"
)
FACTORY_SENDER = "0x3fAB184622Dc19b6109349B94811493BF2a45362"
FACTORY_FUNDING_WEI = 10**16
"""100,000 gas at 100 gwei, as the pre-signed transaction offers."""
FACTORY_TRANSACTION = bytes.fromhex(
    "f8a58085174876e800830186a08080b853604580600e600039806000f350fe"
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0"
    "3601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"
    "1ba02222222222222222222222222222222222222222222222222222222222222222"
    "a02222222222222222222222222222222222222222222222222222222222222222"
)


def deployment_salt(name: str) -> bytes:
    """Return the 32-byte salt of a contract's first address."""
    return bytes(keccak(b"diptych/contract/" + name.encode()))


def factory_call(creation: bytes, *, salt: bytes) -> bytes:
    """Return the call data that makes the factory create a contract."""
    return salt + creation


def create2_address(creation: bytes, *, salt: bytes) -> str:
    """Return the address, EIP-55, that the factory gives to this init code (EIP-1014)."""
    from eth_utils.address import to_checksum_address

    factory = bytes.fromhex(FACTORY_ADDRESS[2:])
    hashed = keccak(b"\xff" + factory + salt + keccak(creation))
    return str(to_checksum_address(hashed[12:]))
