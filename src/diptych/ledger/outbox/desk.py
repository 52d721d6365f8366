"""What every step of the outbox works with; `Outbox` builds it once."""

from collections.abc import Callable
from dataclasses import dataclass

from diptych.core.clock import Clock
from diptych.core.errors import LedgerError
from diptych.ledger.account import TransactionSigner
from diptych.ledger.chain import Chain
from diptych.ledger.errors import Reverted, RpcRefused
from diptych.ledger.outbox.errors import (
    FeeCapReached,
    NonceUnexplained,
    SendRefused,
    Underfunded,
)
from diptych.ledger.outbox.records import Intent, OutboxPolicy, State
from diptych.ledger.outbox.store import OutboxStore
from diptych.ledger.reverts import RevertDecoder
from diptych.ledger.sending import Refusal, TransactionRefused, refused_transaction

Hook = Callable[[str], None]
"""Told the name of each point that was just passed; tests cut the power there."""

OWN_PROBLEMS = (
    FeeCapReached,
    NonceUnexplained,
    Reverted,
    RpcRefused,
    SendRefused,
    TransactionRefused,
    Underfunded,
)
"""Failures of one intent; any other failure stops the whole pass."""


@dataclass(frozen=True)
class Desk:
    """The surroundings of one pass.

    Attributes:
        store: the file.
        chain: where to.
        signer: whose account.
        policy: patience and caps.
        reverts: names the contracts' rules.
        clock: seconds since the epoch.
        hook: told each point passed.
    """

    store: OutboxStore
    chain: Chain
    signer: TransactionSigner
    policy: OutboxPolicy
    reverts: RevertDecoder
    clock: Clock
    hook: Hook

    def note_problem(self, intent: Intent, problem: LedgerError) -> LedgerError:
        """Store what keeps an intent from advancing and return it as it is to be shown."""
        error = self.named_problem(problem)
        columns: dict[str, object] = {"problem_code": error.code, "problem": error.message}
        current = self.store.reload(intent)
        # A refusal while nothing was signed ends the intent; its key may be used again.
        if isinstance(error, Reverted) and current.state is State.PREPARED:
            columns["state"] = State.REVERTED.value
        if (current.problem_code, current.problem) != (error.code, error.message):
            with self.store.locked():
                self.store.change(current, **columns)
        return error

    def named_problem(self, problem: LedgerError) -> LedgerError:
        """Return the error under the name that the outbox gives it."""
        if isinstance(problem, Reverted):
            return self.reverts.explain(problem)
        if isinstance(problem, RpcRefused):
            problem = refused_transaction(problem)
        if not isinstance(problem, TransactionRefused):
            return problem
        if problem.refusal is Refusal.UNDERFUNDED:
            return Underfunded(
                f"account {self.signer.address} cannot pay: {problem.message}",
                hint="send funds to the account, then run the same command again",
            )
        return SendRefused(problem.message, hint="diptych chain doctor")
