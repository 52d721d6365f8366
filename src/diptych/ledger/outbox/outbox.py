"""The outbox: the only way a transaction leaves this machine, and each exactly once.

An intent has at most one nonce at a time, and every transaction signed for it carries that nonce,
so the chain itself executes at most one of them. It gets another nonce only after a foreign
transaction that used the old one was found in a final block. Several processes may drive one file.
"""

import time
from collections.abc import Callable
from pathlib import Path

from diptych.core.clock import Clock, system_clock
from diptych.core.database import Connect, connect_secret
from diptych.core.errors import LedgerError
from diptych.ledger.account import TransactionSigner
from diptych.ledger.address import checksum_address, read_address
from diptych.ledger.chain import Chain
from diptych.ledger.errors import Pruned, Reverted
from diptych.ledger.outbox.broadcasting import is_temporary
from diptych.ledger.outbox.desk import Desk, Hook
from diptych.ledger.outbox.driving import Driver
from diptych.ledger.outbox.errors import (
    Cancelled,
    KeyReused,
    NotFinalYet,
    TooLate,
    UnknownIntent,
)
from diptych.ledger.outbox.records import Attempt, Intent, OutboxPolicy, Payload, Purpose, State
from diptych.ledger.outbox.signing import sign_first_cancellation, sign_replacement
from diptych.ledger.outbox.store import OutboxStore
from diptych.ledger.records import Receipt
from diptych.ledger.reverts import RevertDecoder

_FIRST_PAUSE_S = 0.01


def _no_hook(name: str) -> None:
    del name


class Outbox:
    """Sends transactions of one account on one chain; for one thread, any number of processes."""

    def __init__(
        self,
        store: OutboxStore,
        chain: Chain,
        signer: TransactionSigner,
        *,
        policy: OutboxPolicy | None = None,
        reverts: RevertDecoder | None = None,
        clock: Clock = system_clock,
        sleep: Callable[[float], None] = time.sleep,
        hook: Hook = _no_hook,
    ) -> None:
        """Build an outbox; nothing is sent yet.

        Args:
            store: the outbox file.
            chain: where to send.
            signer: whose account.
            policy: patience and caps.
            reverts: names the contracts' rules in errors.
            clock: seconds since the epoch.
            sleep: pause in seconds.
            hook: told each point passed, for crash tests.
        """
        self._store = store
        self._chain = chain
        self._policy = policy or OutboxPolicy()
        self._sleep = sleep
        self._clock = clock
        self._desk = Desk(
            store, chain, signer, self._policy, reverts or RevertDecoder(), clock, hook
        )
        self._driver = Driver(self._desk)

    @classmethod
    def open(
        cls,
        path: Path,
        chain: Chain,
        signer: TransactionSigner,
        *,
        policy: OutboxPolicy | None = None,
        reverts: RevertDecoder | None = None,
        connect: Connect = connect_secret,
    ) -> "Outbox":
        """Open or create an outbox file.

        Raises:
            OutboxUnusable: the file is damaged or newer than this program.
        """
        store = OutboxStore(path, connect=connect)
        return cls(store, chain, signer, policy=policy, reverts=reverts)

    def close(self) -> None:
        """Close the file; unfinished intents go on when it is opened again."""
        self._store.close()

    def prepare(
        self,
        key: str,
        *,
        to: str | None,
        data: bytes = b"",
        value_wei: int = 0,
        gas_limit: int | None = None,
    ) -> Intent:
        """Write down what shall happen exactly once; durable when it returns, not yet sent.

        Args:
            key: the caller's name for it; the same key and payload give the same intent.
            to: recipient, or None to create a contract.
            data: call data or init code.
            value_wei: amount sent along.
            gas_limit: gas to allow, None to estimate.

        Raises:
            KeyReused: the key stands for another transaction already.
            BadAddress: the recipient is no address.
        """
        recipient = None if to is None else checksum_address(read_address(to))
        payload = Payload(recipient, data, value_wei, gas_limit)
        chain_id, sender = self._chain.chain_id, self._desk.signer.address
        with self._store.locked():
            known = self._store.intent(key)
            if known is None:
                self._store.add_intent(key, chain_id, sender, payload)
            elif not _same(known, chain_id, sender, payload):
                raise KeyReused(
                    f"got the key '{key}' for a transaction {_told(payload)}, expected the one "
                    f"{_told(known.payload)} that it was first used for",
                    hint="choose another key",
                )
            elif known.state is State.REVERTED and known.nonce is None:
                self._store.change(known, state=State.PREPARED.value, problem_code="", problem="")
        self._desk.hook("PREPARED")
        intent = self.intent(key)
        self._driver.forget_pause(intent)
        return intent

    def send(
        self,
        key: str,
        *,
        to: str | None,
        data: bytes = b"",
        value_wei: int = 0,
        gas_limit: int | None = None,
        timeout_s: float | None = None,
    ) -> Receipt:
        """Prepare, sign, send, and wait until it is final; safe to repeat with the same key.

        Raises:
            Reverted: the contract refused; its code names the rule if the ABI is known.
            LedgerError: anything of `prepare` and `wait`.
        """
        self.prepare(key, to=to, data=data, value_wei=value_wei, gas_limit=gas_limit)
        return self.wait(key, timeout_s=timeout_s)

    def wait(self, key: str, *, timeout_s: float | None = None) -> Receipt:
        """Drive the outbox until the intent is finished.

        Returns:
            The receipt of its transaction.

        Raises:
            Reverted: the contract refused.
            Cancelled: it was cancelled.
            NotFinalYet: out of time; the intent stays and goes on later.
            Underfunded: the account cannot pay.
        """
        limit_s = self._policy.timeout_s if timeout_s is None else timeout_s
        deadline_s, pause_s = self._clock() + limit_s, _FIRST_PAUSE_S
        while True:
            away = self._advance_or_wait(key)
            intent = self.intent(key)
            if intent.is_finished:
                return self._outcome(intent)
            problem = self._driver.problem(intent)
            if problem is not None and intent.state in {State.PREPARED, State.SIGNED}:
                raise problem
            if self._clock() >= deadline_s:
                raise away or NotFinalYet(
                    f"'{key}' is {intent.state} after {limit_s:g} s"
                    + (f": {intent.problem}" if intent.problem else ""),
                    hint="run the same command again; nothing is sent twice",
                    state=intent.state.value,
                )
            self._sleep(pause_s)
            pause_s = min(pause_s * 1.5, self._policy.poll_s)

    def _advance_or_wait(self, key: str) -> LedgerError | None:
        try:
            self.advance()
        except LedgerError as error:
            if not is_temporary(error) or self.intent(key).state is State.PREPARED:
                raise
            return error
        return None

    def advance(self) -> None:
        """Take every unfinished intent of the account one step further, if it can be.

        Problems of single intents are noted on them.

        Raises:
            LedgerError: the endpoint fails as a whole.
        """
        self._driver.advance()

    def cancel(self, key: str) -> Intent:
        """Stop an intent: at once if nothing was signed, else by using up its nonce.

        Returns:
            The intent; `advance` or `wait` sees the cancellation through.

        Raises:
            TooLate: it was mined already.
            FeeCapReached: replacing it would cost more than allowed.
        """
        intent = self.intent(key)
        if intent.state is State.PREPARED and intent.nonce is None:
            with self._store.locked():
                self._store.change(intent, state=State.CANCELLED.value)
        elif intent.state is State.PREPARED:
            sign_first_cancellation(self._desk, intent)
        elif intent.state in {State.SIGNED, State.SENT}:
            if not intent.cancelling:
                sign_replacement(self._desk, intent, Purpose.CANCEL)
        elif intent.state is not State.CANCELLED:
            raise TooLate(f"'{key}' is {intent.state}, expected PREPARED, SIGNED or SENT")
        return self.intent(key)

    def intent(self, key: str) -> Intent:
        """Return the intent of a key.

        Raises:
            UnknownIntent: there is none.
        """
        intent = self._store.intent(key)
        if intent is None:
            raise UnknownIntent(f"got the key '{key}', expected one that was prepared")
        return intent

    def attempts(self, key: str) -> list[Attempt]:
        """Return every transaction that was signed for an intent, oldest first."""
        return self._store.all_attempts(self.intent(key))

    def pending(self) -> list[Intent]:
        """Return the account's unfinished intents, oldest first."""
        return self._store.live_intents(self._chain.chain_id, self._desk.signer.address)

    def _outcome(self, intent: Intent) -> Receipt:
        if intent.state is State.CANCELLED:
            raise Cancelled(f"'{intent.key}' was cancelled before it took effect")
        if intent.state is State.REVERTED:
            raise self._driver.problem(intent) or Reverted(
                intent.problem or "the contract refused", rule=intent.problem_code
            )
        receipt = self._chain.receipt(intent.mined_hash or b"")
        if receipt is None:
            raise Pruned(
                f"'{intent.key}' is final, but the endpoint no longer keeps its receipt",
                hint="use an archive endpoint: diptych chain add NAME URL",
            )
        return receipt


def _same(known: Intent, chain_id: int, sender: str, payload: Payload) -> bool:
    before = known.payload
    return (known.chain_id, known.sender, before.to, before.data, before.value_wei) == (
        *(chain_id, sender, payload.to, payload.data, payload.value_wei),
    )


def _told(payload: Payload) -> str:
    to = payload.to or "a new contract"
    return f"to {to} of {payload.value_wei} wei with {len(payload.data)} bytes of data"
