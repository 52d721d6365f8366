"""Licences: documents, presets, who may do what, and what derivatives inherit. Pure."""

from diptych.provenance.licence.document import dump_licence, licence_digest
from diptych.provenance.licence.evaluate import Agreement, Decision, Request, may
from diptych.provenance.licence.inherit import Ancestor, Conflict, conflicts
from diptych.provenance.licence.presets import preset

__all__ = [
    "Agreement",
    "Ancestor",
    "Conflict",
    "Decision",
    "Request",
    "conflicts",
    "dump_licence",
    "licence_digest",
    "may",
    "preset",
]
