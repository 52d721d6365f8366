"""Usage: calls and downloads by licensee, kept durably, summed up under one root with proofs."""

from diptych.models.usage.record import BadUsage, UsageRecord
from diptych.models.usage.rooting import UsageRoot
from diptych.models.usage.store import UsageStore
from diptych.models.usage.tree import dump_usage_proof
from diptych.models.usage.writer import UsageWriter

__all__ = [
    "BadUsage",
    "UsageRecord",
    "UsageRoot",
    "UsageStore",
    "UsageWriter",
    "dump_usage_proof",
]
