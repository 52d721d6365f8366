"""What can go wrong in the outbox."""

from diptych.core.errors import LedgerError


class KeyReused(LedgerError):
    """An intent key was used before for another transaction."""

    code = "Outbox.KeyReused"
    exit_code = 2


class UnknownIntent(LedgerError):
    """The outbox holds no intent under this key."""

    code = "Outbox.UnknownIntent"
    exit_code = 2


class NotFinalYet(LedgerError):
    """The transaction was not final in time; it stays in the outbox and nothing is sent twice."""

    code = "Outbox.NotFinalYet"


class Underfunded(LedgerError):
    """The account cannot pay for the transaction; it stays in the outbox."""

    code = "Outbox.Underfunded"


class SendRefused(LedgerError):
    """The endpoint refuses the signed transaction; it stays in the outbox."""

    code = "Outbox.SendRefused"


class FeeCapReached(LedgerError):
    """The transaction is stuck, and a higher fee would exceed the configured cap."""

    code = "Outbox.FeeCapReached"


class NonceUnexplained(LedgerError):
    """The nonce was used, but the endpoint cannot show by which transaction."""

    code = "Outbox.NonceUnexplained"


class TooLate(LedgerError):
    """The intent can no longer be cancelled."""

    code = "Outbox.TooLate"


class Cancelled(LedgerError):
    """The intent was cancelled before it took effect."""

    code = "Outbox.Cancelled"


class OutboxUnusable(LedgerError):
    """The outbox file is damaged, too new, or held by another process for too long."""

    code = "Outbox.Unusable"


class NoFinality(LedgerError):
    """The chain has no `finalized` tag, so only a number of confirmations can decide."""

    code = "Outbox.NoFinality"
    exit_code = 2
