"""A key store unlocks by agent, passphrase or prompt, and says what to do when none is there."""

from pathlib import Path

import pytest

from diptych.core.secret import Secret
from diptych.provenance.keys.agent.client import AgentClient, AgentKey, AgentLogSigner, AgentSigner
from diptych.provenance.keys.errors import (
    AgentUnavailable,
    KeyLocked,
    KeyNotFound,
    WrongPassphrase,
)
from diptych.provenance.keys.key import Purpose, UnlockedKey
from diptych.provenance.keys.store import KeyStore, Unlocking
from diptych.provenance.statement import pae

PASS = Secret("correct horse battery staple")
ORIGIN = "diptych.log/" + "0" * 32


class FakeAgent(AgentClient):
    """Holds keys in this process; `alive=False` behaves as if no agent ran."""

    def __init__(self, *, alive: bool = True) -> None:
        super().__init__(Path("/nowhere"))
        object.__setattr__(self, "alive", alive)
        object.__setattr__(self, "held", {})

    def held_keys(self) -> list[AgentKey]:
        if not self.alive:  # type: ignore[attr-defined]
            raise AgentUnavailable("no key agent is running")
        return [AgentKey(key.purpose, key.keyid) for key in self.held.values()]  # type: ignore[attr-defined]

    def add(self, key: UnlockedKey) -> None:
        self.held[key.keyid] = key  # type: ignore[attr-defined]

    def private_key(self, keyid: str) -> bytes:
        return self.held[keyid].master_key()  # type: ignore[attr-defined, no-any-return]


def store(folder: Path, **ways: object) -> KeyStore:
    return KeyStore(folder, Unlocking(**ways), log2_n=14)  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = store(tmp_path / "keys", passphrase=PASS)
    made.create(Purpose.STATEMENT)
    made.create(Purpose.LOG, label=ORIGIN)
    made.create(Purpose.PRIVATE, seed=b"\x09" * 32)
    return tmp_path / "keys"


def test_created_keys_are_usable_at_once_and_later(tmp_path: Path) -> None:
    made = store(tmp_path / "keys", passphrase=PASS)
    keyid = made.create(Purpose.STATEMENT).keyid
    assert made.statement_signer().keyid == keyid
    later = store(tmp_path / "keys", passphrase=PASS).statement_signer(keyid)
    assert later.sign([pae(b"{}")]) == made.statement_signer().sign([pae(b"{}")])


def test_passphrase_opens_every_purpose(folder: Path) -> None:
    keys = store(folder, passphrase=PASS)
    assert keys.log_signer().key.name == ORIGIN
    assert keys.private_key() == b"\x09" * 32
    with pytest.raises(WrongPassphrase):
        store(folder, passphrase=Secret("wrong")).private_key()


def test_prompt_is_asked_once(folder: Path) -> None:
    asked: list[str] = []

    def prompt(reason: str) -> Secret:
        asked.append(reason)
        return PASS

    keys = store(folder, prompt=prompt)
    keys.private_key()
    keys.statement_signer()
    assert len(asked) == 1
    assert asked[0].startswith("passphrase for private-")


def test_nothing_to_unlock_with_names_both_ways_out(folder: Path) -> None:
    with pytest.raises(KeyLocked) as caught:
        store(folder).statement_signer()
    assert "diptych key unlock" in caught.value.hint
    assert "DIPTYCH_KEYS__PASSPHRASE" in caught.value.hint


def test_agent_comes_first_and_a_dead_one_is_passed_over(folder: Path) -> None:
    agent = FakeAgent()
    assert len(store(folder, passphrase=PASS).fill(agent)) == 3
    keys = store(folder, agent=agent)
    assert isinstance(keys.statement_signer(), AgentSigner)
    assert isinstance(keys.log_signer(), AgentLogSigner)
    assert keys.private_key() == b"\x09" * 32
    dead = store(folder, agent=FakeAgent(alive=False), passphrase=PASS)
    assert not isinstance(dead.statement_signer(), AgentSigner)
    with pytest.raises(KeyLocked):
        store(folder, agent=FakeAgent(alive=False)).log_signer()


def test_missing_and_ambiguous_keys_are_named(folder: Path) -> None:
    keys = store(folder, passphrase=PASS)
    with pytest.raises(KeyNotFound, match="no statement key ed25519:00"):
        keys.statement_signer("ed25519:00")
    second = keys.create(Purpose.STATEMENT, label="secp256k1").keyid
    with pytest.raises(KeyNotFound, match="several statement keys"):
        keys.statement_signer()
    assert keys.statement_signer(second).keyid == second
    with pytest.raises(KeyNotFound):
        store(folder / "none", passphrase=PASS).log_signer()
