"""Quality of tables: declared rules, detectors, and the report that both end in."""

from diptych.data.quality.check import Tables, check_table
from diptych.data.quality.errors import BadReport, BadRules, NothingToCheck, UnknownColumn
from diptych.data.quality.report import QualityReport, parse_report
from diptych.data.quality.rules import RuleSet
from diptych.data.quality.rules_file import parse_rules

__all__ = [
    "BadReport",
    "BadRules",
    "NothingToCheck",
    "QualityReport",
    "RuleSet",
    "Tables",
    "UnknownColumn",
    "check_table",
    "parse_report",
    "parse_rules",
]
