"""Why a model is not published, not found, or not loaded: one error per cause."""

from diptych.core.errors import ProvenanceError, UsageError, VerificationError


class BadCard(UsageError):
    """A model card is malformed, incomplete or says what cannot be."""

    code = "Model.BadCard"


class BadContributors(UsageError):
    """Contributors' shares are no decimal fractions, or add up to more than the whole."""

    code = "Model.BadContributors"


class UnsupportedFormat(UsageError):
    """A folder holds no model in a format that can be loaded, or more than one."""

    code = "Model.UnsupportedFormat"


class UnsafeFormat(VerificationError):
    """A model file can run code or reach other files when it is loaded; it is refused."""

    code = "Model.UnsafeFormat"


class UntrustedTypes(VerificationError):
    """A scikit-learn model holds classes that nobody has said to trust."""

    code = "Model.UntrustedTypes"


class BadModelFile(VerificationError):
    """A model file does not follow its format."""

    code = "Model.BadFile"


class BadInput(UsageError):
    """Input to a model has another name, shape or type than the model takes."""

    code = "Model.BadInput"


class NotRunnable(UsageError):
    """Weights alone were loaded: there is nothing that predicts."""

    code = "Model.NotRunnable"


class NoSuchTensor(UsageError):
    """A model has no tensor of that name."""

    code = "Model.NoSuchTensor"


class NoSuchModel(UsageError):
    """No model, version or alias of that name is in the log."""

    code = "Model.Missing"


class CardMismatch(VerificationError):
    """A card is not the one that was sealed, or disagrees with its record."""

    code = "Model.CardMismatch"


class ModelRevoked(VerificationError):
    """The version, its licence or its key was revoked before it was to be used."""

    code = "Model.Revoked"


class ModelRejected(VerificationError):
    """Somebody rejected the version, or an approval that is asked for is missing."""

    code = "Model.NotApproved"


class BadVerdict(UsageError):
    """A verdict is neither approval nor rejection, names no role, or its reason is too long."""

    code = "Model.BadVerdict"


class HistoryEdited(VerificationError):
    """The log's entries do not give the root that its key signed."""

    code = "Model.HistoryEdited"


class LabelMoved(VerificationError):
    """A label points elsewhere than the signed records say: it was moved behind the log's back."""

    code = "Model.LabelMoved"


class LicenceRefused(VerificationError):
    """The licence does not allow this use by this actor at this time."""

    code = "Model.LicenceRefused"


class BadPackage(VerificationError):
    """An exported model is incomplete, holds what does not belong there, or is malformed."""

    code = "Model.BadPackage"


class NotOurs(ProvenanceError):
    """A record is not of the kind or of the model that it is used for."""

    code = "Model.WrongRecord"
