"""One pass over the unfinished intents: sign, send, look, replace what is stuck."""

from collections.abc import Callable

from diptych.core.errors import LedgerError
from diptych.ledger.outbox.broadcasting import broadcast
from diptych.ledger.outbox.desk import OWN_PROBLEMS, Desk
from diptych.ledger.outbox.gaps import fill_gaps
from diptych.ledger.outbox.reconciling import reconcile
from diptych.ledger.outbox.records import Intent, State
from diptych.ledger.outbox.signing import sign_prepared, sign_replacement
from diptych.ledger.outbox.used_nonces import release_replaced


class Driver:
    """Takes intents forward; remembers only when it last tried, so losing it loses nothing."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._tried_s: dict[int, float] = {}
        self._problems: dict[int, LedgerError] = {}

    def problem(self, intent: Intent) -> LedgerError | None:
        """Return what the last pass met at an intent."""
        return self._problems.get(intent.id)

    def forget_pause(self, intent: Intent) -> None:
        """Let the next pass try an intent at once, although it failed a moment ago."""
        self._tried_s.pop(intent.id, None)

    def advance(self) -> None:
        """Take every unfinished intent of the account one step further, if it can be.

        Raises:
            LedgerError: the endpoint fails as a whole.
        """
        desk = self._desk
        self._problems.clear()
        for intent in self._live(State.REPLACED):
            release_replaced(desk, intent)
        for intent in self._live(State.PREPARED):
            self._try_if_due(intent, sign_prepared)
        for intent in self._live(State.SIGNED, State.SENT):
            self._try_if_due(intent, broadcast)
        for number, problem in reconcile(desk, self._signed()).items():
            self._problems[number] = problem
        stuck = [intent for intent in self._live(State.SENT) if self._is_stuck(intent)]
        for intent in stuck:
            self._try(intent, self._replace)
        fill_gaps(desk, stuck)

    def _signed(self) -> list[Intent]:
        intents = self._live(State.SIGNED, State.SENT, State.MINED)
        for intent in intents:
            # Should a reorganisation take it back, it is to be sent again without delay.
            if intent.state is State.MINED:
                self.forget_pause(intent)
        return intents

    def _live(self, *states: State) -> list[Intent]:
        desk = self._desk
        every = desk.store.live_intents(desk.chain.chain_id, desk.signer.address)
        return [intent for intent in every if intent.state in states]

    def _try_if_due(self, intent: Intent, step: Callable[[Desk, Intent], object]) -> None:
        now_s = self._desk.clock()
        tried_s = self._tried_s.get(intent.id)
        fresh = intent.state in {State.PREPARED, State.SIGNED} and not intent.problem_code
        if fresh or tried_s is None or now_s - tried_s >= self._desk.policy.resend_after_s:
            if intent.state is not State.PREPARED or intent.problem_code:
                self._tried_s[intent.id] = now_s
            self._try(intent, step)

    def _try(self, intent: Intent, step: Callable[[Desk, Intent], object]) -> None:
        try:
            step(self._desk, intent)
        except OWN_PROBLEMS as error:
            self._problems[intent.id] = self._desk.note_problem(intent, error)

    def _is_stuck(self, intent: Intent) -> bool:
        last = self._desk.store.attempts(intent)[-1]
        return self._desk.clock() - last.signed_s >= self._desk.policy.stuck_after_s

    def _replace(self, desk: Desk, intent: Intent) -> None:
        # Only the account's next transaction can be stuck for its price.
        if desk.chain.nonce(intent.sender, "latest") == intent.nonce:
            last = desk.store.attempts(intent)[-1]
            sign_replacement(desk, intent, last.purpose)
