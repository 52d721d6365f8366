"""Labels that contradict the rest of their row: probabilities, decision, findings."""

from diptych.data.quality.labels.findings import label_findings
from diptych.data.quality.labels.probabilities import out_of_sample
from diptych.data.quality.labels.suspects import suspects

__all__ = ["label_findings", "out_of_sample", "suspects"]
