"""Signing: byte for byte what eth_account writes; key files that others cannot read."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from diptych.ledger.account import BadPrivateKey, LocalAccount
from diptych.ledger.address import BadAddress, checksum_address, read_address
from diptych.ledger.keystore import (
    BadKeystore,
    KeystoreExists,
    UnsafePermissions,
    WrongPassphrase,
    create_keystore,
    open_keystore,
)
from diptych.ledger.transaction import (
    BadTransaction,
    Transaction,
    create_address,
    transaction_hash,
)

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
KEYS = st.integers(1, ORDER - 1).map(lambda number: number.to_bytes(32, "big"))
FEES = st.tuples(st.integers(0, 2**100), st.integers(0, 2**100)).map(sorted)


@given(
    key=KEYS,
    chain_id=st.integers(1, 2**53 - 1),
    nonce=st.integers(0, 2**63 - 1),
    fees=FEES,
    gas_limit=st.integers(0, 2**63 - 1),
    to=st.one_of(st.none(), st.binary(min_size=20, max_size=20)),
    value_wei=st.integers(0, 2**256 - 1),
    data=st.binary(max_size=300),
)
def test_signs_exactly_as_eth_account(
    key: bytes,
    chain_id: int,
    nonce: int,
    fees: list[int],
    gas_limit: int,
    to: bytes | None,
    value_wei: int,
    data: bytes,
) -> None:
    recipient = None if to is None else checksum_address(to)
    transaction = Transaction(
        chain_id=chain_id,
        nonce=nonce,
        max_priority_fee_wei=fees[0],
        max_fee_wei=fees[1],
        gas_limit=gas_limit,
        to=recipient,
        value_wei=value_wei,
        data=data,
    )
    account = LocalAccount(key)
    fields = {
        "type": 2,
        "chainId": chain_id,
        "nonce": nonce,
        "maxPriorityFeePerGas": fees[0],
        "maxFeePerGas": fees[1],
        "gas": gas_limit,
        "value": value_wei,
        "data": data,
        **({} if recipient is None else {"to": recipient}),
    }
    signed = Account.sign_transaction(fields, key)
    raw = account.sign_transaction(transaction)
    assert raw == bytes(signed.raw_transaction)
    assert transaction_hash(raw) == bytes(signed.hash)
    assert account.address == Account.from_key(key).address


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": -1},
        {"nonce": 2**64},
        {"value_wei": 2**256},
        {"chain_id": 2**64},
        {"max_fee_wei": 0},
    ],
)
def test_impossible_fields_are_refused(changed: dict[str, int]) -> None:
    good = Transaction(chain_id=1, nonce=0, max_priority_fee_wei=1, max_fee_wei=2, gas_limit=21_000)
    with pytest.raises(BadTransaction):
        replace(good, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize("key", [b"", bytes(32), b"\xff" * 32, bytes(33)])
def test_impossible_keys_are_refused(key: bytes) -> None:
    with pytest.raises(BadPrivateKey):
        LocalAccount(key)


def test_repr_shows_no_secret() -> None:
    account = LocalAccount.generate()
    assert account.unsafe_private_key().hex() not in repr(account)


def test_created_address() -> None:
    sender = "0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0"
    assert create_address(sender, 0) == "0xcd234A471b72ba2F1Ccf0A70FCABA648a5eeCD8d"
    assert create_address(sender, 1) == "0x343c43A37D37dfF08AE8C4A11544c718AbB4fCF8"


class TestAddress:
    GOOD = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"

    @given(st.binary(min_size=20, max_size=20))
    def test_round_trip(self, address: bytes) -> None:
        assert read_address(checksum_address(address)) == address

    @pytest.mark.parametrize("text", [GOOD, GOOD.lower(), "0x" + GOOD[2:].upper()])
    def test_accepted(self, text: str) -> None:
        assert read_address(text) == bytes.fromhex(self.GOOD[2:])

    @pytest.mark.parametrize(
        "text", ["", GOOD[:-1], GOOD + "0", GOOD[2:], GOOD.replace("A", "a", 1)]
    )
    def test_refused(self, text: str) -> None:
        with pytest.raises(BadAddress):
            read_address(text)


PBKDF2 = {"c": 1, "dklen": 32, "prf": "sha256", "salt": "00"}


class TestKeystore:
    ACCOUNT = LocalAccount(bytes(31) + b"\x07")

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        path = tmp_path / "key.json"
        create_keystore(path, self.ACCOUNT, "päss", scrypt_log2_n=10)
        return path

    def test_round_trip(self, path: Path) -> None:
        assert open_keystore(path, "päss").address == self.ACCOUNT.address
        assert path.stat().st_mode & 0o777 == 0o600

    def test_eth_account_opens_ours(self, path: Path) -> None:
        key = Account.decrypt(json.loads(path.read_text()), "päss")
        assert bytes(key) == self.ACCOUNT.unsafe_private_key()

    @pytest.mark.parametrize("kdf", ["scrypt", "pbkdf2"])
    def test_we_open_eth_accounts(self, tmp_path: Path, kdf: Literal["scrypt", "pbkdf2"]) -> None:
        content = Account.encrypt(
            self.ACCOUNT.unsafe_private_key(),
            "x",
            kdf=kdf,
            iterations=1024,
        )
        path = tmp_path / "theirs.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(content))
        assert open_keystore(path, "x").address == self.ACCOUNT.address

    def test_wrong_passphrase(self, path: Path) -> None:
        with pytest.raises(WrongPassphrase):
            open_keystore(path, "pass")

    @pytest.mark.parametrize("mode", [0o644, 0o640, 0o601])
    def test_readable_by_others(self, path: Path, mode: int) -> None:
        path.chmod(mode)
        with pytest.raises(UnsafePermissions) as caught:
            open_keystore(path, "päss")
        assert caught.value.hint == f"chmod 600 {path}"

    def test_never_overwrites(self, path: Path) -> None:
        with pytest.raises(KeystoreExists):
            create_keystore(path, LocalAccount.generate(), "x", scrypt_log2_n=10)
        assert open_keystore(path, "päss").address == self.ACCOUNT.address

    def test_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(BadKeystore):
            open_keystore(tmp_path / "none.json", "x")

    @pytest.mark.parametrize(
        "change",
        [
            lambda c: c.update(version=4),
            lambda c: c.pop("crypto"),
            lambda c: c["crypto"].pop("kdfparams"),
            lambda c: c["crypto"]["kdfparams"].update(n=1 << 30),
            lambda c: c["crypto"]["kdfparams"].update(r=1 << 20),
            lambda c: c["crypto"]["kdfparams"].update(n="many"),
            lambda c: c["crypto"]["kdfparams"].update(dklen=1 << 40),
            lambda c: c["crypto"]["kdfparams"].pop("dklen"),
            lambda c: c["crypto"]["kdfparams"].update(n=3),
            lambda c: c["crypto"].update(kdf="argon"),
            lambda c: c["crypto"].update(kdf="pbkdf2", kdfparams=PBKDF2),
            lambda c: c["crypto"]["cipherparams"].update(iv="ff" * 40),
            lambda c: c["crypto"].update(ciphertext="zz"),
            lambda c: c["crypto"].pop("mac"),
            lambda c: c.update(address="00" * 20),
        ],
    )
    def test_damaged_or_hostile_file(self, path: Path, change: object) -> None:
        assert callable(change)
        content = json.loads(path.read_text())
        change(content)
        path.write_text(json.dumps(content))
        with pytest.raises(BadKeystore):
            open_keystore(path, "päss")
