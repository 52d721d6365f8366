"""Rules: one per file, found by entry points of the group `diptych.rules`."""

from diptych.audit.rules.rule import Match, Rule, Spot, asked_for, declared

__all__ = ["Match", "Rule", "Spot", "asked_for", "declared"]
