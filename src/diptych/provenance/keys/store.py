"""The keys of one workspace: find the right file and unlock it by agent, passphrase or prompt."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from diptych.core.secret import Secret
from diptych.provenance.keys.agent.client import (
    UNLOCK_HINT,
    AgentClient,
    AgentLogSigner,
    AgentSigner,
)
from diptych.provenance.keys.errors import AgentRefused, AgentUnavailable, KeyLocked, KeyNotFound
from diptych.provenance.keys.key import Purpose, UnlockedKey, new_key
from diptych.provenance.keys.keyfile import (
    DEFAULT_LOG2_N,
    KeyFile,
    list_key_files,
    write_key_file,
)
from diptych.provenance.keys.signer import Signer
from diptych.provenance.log import CheckpointSigner
from diptych_verify.note import VerifierKey

Prompt = Callable[[str], Secret]
"""Asks a person for a passphrase; the argument says what for."""


@dataclass(frozen=True)
class Unlocking:
    """Ways to unlock, tried in this order: agent, passphrase, prompt.

    Attributes:
        agent: key agent that may hold the keys already.
        passphrase: from the environment.
        prompt: asks a person; None when nobody is there.
    """

    agent: AgentClient | None = None
    passphrase: Secret | None = None
    prompt: Prompt | None = None


class KeyStore:
    """Key files of one folder.

    Args:
        folder: where the files stand; created with the first key.
        unlocking: how to open them.
        log2_n: scrypt cost of new files.
    """

    def __init__(self, folder: Path, unlocking: Unlocking, *, log2_n: int = DEFAULT_LOG2_N) -> None:
        self.folder = folder
        self._unlocking = unlocking
        self._log2_n = log2_n
        self._passphrase = unlocking.passphrase
        self._open: dict[str, UnlockedKey] = {}

    def files(self, purpose: Purpose | None = None) -> list[KeyFile]:
        """Return the key files, still locked, of one purpose or of all."""
        return [one for one in list_key_files(self.folder) if purpose in {None, one.purpose}]

    def create(self, purpose: Purpose, *, label: str = "", seed: bytes | None = None) -> KeyFile:
        """Make a key, or import `seed`, and store it encrypted.

        Args:
            purpose: what it may do.
            label: as in `new_key`: origin, witness name or algorithm.
            seed: 32 bytes to import; default fresh randomness.

        Raises:
            KeyLocked: there is no passphrase to encrypt it with.
        """
        key = new_key(purpose, label=label, seed=seed)
        passphrase = self._ask(f"passphrase for the new {purpose} key")
        path = write_key_file(self.folder, key, passphrase, log2_n=self._log2_n)
        self._open[key.keyid] = key
        return next(one for one in self.files(purpose) if one.path == path)

    def statement_signer(self, keyid: str = "") -> Signer:
        """Return the signer of a statement key, the only one if `keyid` is empty.

        Raises:
            KeyNotFound: no such key, or several and none named.
            KeyLocked: nothing unlocks it.
            WrongPassphrase: the passphrase is wrong.
        """
        found = self._find(Purpose.STATEMENT, keyid)
        agent = self._agent_with(found)
        return AgentSigner(agent, found.keyid) if agent else self.unlock(found).statement_signer()

    def log_signer(self) -> CheckpointSigner:
        """Return the checkpoint signer of the log key; errors as in `statement_signer`."""
        found = self._find(Purpose.LOG)
        agent = self._agent_with(found)
        if agent:
            return AgentLogSigner(agent, VerifierKey.parse(found.keyid))
        return self.unlock(found).log_signer()

    def private_key(self) -> bytes:
        """Return the private store's 32-byte master key; errors as in `statement_signer`."""
        found = self._find(Purpose.PRIVATE)
        agent = self._agent_with(found)
        return agent.private_key(found.keyid) if agent else self.unlock(found).master_key()

    def unlock(self, locked: KeyFile) -> UnlockedKey:
        """Unlock one key file by passphrase or prompt, once per store.

        Raises:
            KeyLocked: there is neither.
            WrongPassphrase: it does not fit.
        """
        if locked.keyid not in self._open:
            passphrase = self._ask(f"passphrase for {locked.path.name}")
            self._open[locked.keyid] = locked.unlock(passphrase)
            self._passphrase = passphrase
        return self._open[locked.keyid]

    def fill(self, agent: AgentClient) -> list[KeyFile]:
        """Unlock every key file and hand the keys to an agent.

        Raises:
            KeyLocked: nothing unlocks them.
            WrongPassphrase: the passphrase is wrong.
        """
        found = self.files()
        for locked in found:
            agent.add(self.unlock(locked))
        return found

    def _find(self, purpose: Purpose, keyid: str = "") -> KeyFile:
        found = [one for one in self.files(purpose) if keyid in {"", one.keyid}]
        if not found:
            wanted = f" {keyid}" if keyid else ""
            raise KeyNotFound(f"no {purpose} key{wanted} in {self.folder}", hint="diptych key list")
        if len(found) > 1:
            known = ", ".join(one.keyid for one in found)
            raise KeyNotFound(f"several {purpose} keys: {known}", hint="name one by its key id")
        return found[0]

    def _agent_with(self, locked: KeyFile) -> AgentClient | None:
        agent = self._unlocking.agent
        if agent is None or locked.keyid in self._open:
            return None
        try:
            held = agent.held_keys()
        except (AgentUnavailable, AgentRefused):
            return None
        return agent if any(one.keyid == locked.keyid for one in held) else None

    def _ask(self, reason: str) -> Secret:
        if self._passphrase is not None:
            return self._passphrase
        if self._unlocking.prompt is not None:
            return self._unlocking.prompt(reason)
        raise KeyLocked(
            f"locked: no {reason}",
            hint=f"{UNLOCK_HINT}, or export DIPTYCH_KEYS__PASSPHRASE",
        )
