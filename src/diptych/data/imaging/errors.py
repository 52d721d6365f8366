"""What can go wrong with medical images."""

from diptych.core.errors import UsageError, VerificationError


class Refused(UsageError):
    """A file cannot be de-identified safely, and nothing of it was written.

    Args:
        reason: short word that groups refusals, for example `burned-in`.
        message: what was found; it names attributes, never their values.
        hint: what helps.
    """

    code = "Imaging.Refused"

    def __init__(self, reason: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint=hint, reason=reason)
        self.reason = reason


class BadProfile(UsageError):
    """A profile names an unknown option, contradicts itself, or has another form."""

    code = "Imaging.BadProfile"


class BadFolder(UsageError):
    """There is no such file or folder, or the output would mix with something else."""

    code = "Imaging.BadFolder"


class BadReview(UsageError):
    """A folder holds no images held back by this workspace, or none of those that were named."""

    code = "Imaging.BadReview"


class ReviewChanged(VerificationError):
    """An image that was held back, or what is said of it, is not what was cleaned and checked."""

    code = "Imaging.ReviewChanged"


class NotClean(VerificationError):
    """A file that was de-identified still has an attribute that its action should have changed."""

    code = "Imaging.NotClean"
