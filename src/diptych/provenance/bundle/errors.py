"""Errors of building bundles."""

from diptych.core.errors import ProvenanceError, UsageError


class BadBundleRequest(UsageError):
    """What was asked into a bundle does not belong to the record or to this log."""

    code = "Bundle.BadRequest"


class MissingAncestor(ProvenanceError):
    """A record names an ancestor that this log does not hold; `details` lists the ids."""

    code = "Bundle.MissingAncestor"
