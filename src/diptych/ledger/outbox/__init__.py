"""Exactly-once transactions: intents, signed attempts, replacement, finality."""

from diptych.ledger.outbox.outbox import Outbox
from diptych.ledger.outbox.records import Attempt, Intent, OutboxPolicy, Payload, State
from diptych.ledger.outbox.store import OutboxStore

__all__ = ["Attempt", "Intent", "Outbox", "OutboxPolicy", "OutboxStore", "Payload", "State"]
