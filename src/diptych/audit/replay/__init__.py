"""Runs two versions of a contract on a node side by side and compares everything they do."""

from diptych.audit.replay.compare import Difference, Excuse, GasUse, Subject, Verdict, replay
from diptych.audit.replay.node import ReplayNode, replay_node
from diptych.audit.replay.plan import Plan, make_plan

__all__ = [
    "Difference",
    "Excuse",
    "GasUse",
    "Plan",
    "ReplayNode",
    "Subject",
    "Verdict",
    "make_plan",
    "replay",
    "replay_node",
]
