"""Activities: what ran, on what, with what, and what came out, as one document per run."""

from typing import TYPE_CHECKING

from diptych.core.lazy import lazy_names

if TYPE_CHECKING:
    from diptych.provenance.activity.capture import Capture, take_capture
    from diptych.provenance.activity.document import RunDocument, RunInput, RunOutput
    from diptych.provenance.activity.drift import Drift, differing
    from diptych.provenance.activity.journal import RunJournal, unfinished_runs
    from diptych.provenance.activity.redact import Redactor

__all__ = [
    "Capture",
    "Drift",
    "Redactor",
    "RunDocument",
    "RunInput",
    "RunJournal",
    "RunOutput",
    "differing",
    "take_capture",
    "unfinished_runs",
]

_HERE = __name__
__getattr__ = lazy_names(
    __name__,
    {
        "Capture": f"{_HERE}.capture",
        "Drift": f"{_HERE}.drift",
        "Redactor": f"{_HERE}.redact",
        "RunDocument": f"{_HERE}.document",
        "RunInput": f"{_HERE}.document",
        "RunJournal": f"{_HERE}.journal",
        "RunOutput": f"{_HERE}.document",
        "differing": f"{_HERE}.drift",
        "take_capture": f"{_HERE}.capture",
        "unfinished_runs": f"{_HERE}.journal",
    },
)
