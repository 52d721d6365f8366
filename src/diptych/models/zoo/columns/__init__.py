"""Which columns of a table look like personal data? Features, rule, model, and their verdict."""

from diptych.models.zoo.columns.detector import Finding, judge_column, judge_table
from diptych.models.zoo.columns.features import column_features
from diptych.models.zoo.columns.rules import CLASSES, PERSONAL, guess

__all__ = [
    "CLASSES",
    "PERSONAL",
    "Finding",
    "column_features",
    "guess",
    "judge_column",
    "judge_table",
]
