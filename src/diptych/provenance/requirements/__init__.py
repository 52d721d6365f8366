"""What must have been checked before data are used: requirements, and who meets them."""

from diptych.provenance.requirements.claims import QualityClaim, quality_claim
from diptych.provenance.requirements.document import (
    STAGES,
    BadRequirements,
    Requirement,
    dump_requirements,
    parse_requirements,
)
from diptych.provenance.requirements.judge import Candidate, RequirementUnmet, require_report

__all__ = [
    "STAGES",
    "BadRequirements",
    "Candidate",
    "QualityClaim",
    "Requirement",
    "RequirementUnmet",
    "dump_requirements",
    "parse_requirements",
    "quality_claim",
    "require_report",
]
