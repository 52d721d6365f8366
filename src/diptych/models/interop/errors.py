"""Why a signature or document of another system is not taken over."""

from diptych.core.errors import UsageError, VerificationError


class KeylessSignature(VerificationError):
    """A signature needs the trust roots of Fulcio and Rekor, which nothing here vouches for."""

    code = "Signing.Keyless"


class UnsupportedSigning(VerificationError):
    """A signature covers a model in a way that cannot be checked here."""

    code = "Signing.Unsupported"


class UntrustedSigner(VerificationError):
    """A signature is not by the given key, or its certificate leads to no given root."""

    code = "Signing.UntrustedSigner"


class UnusableKey(UsageError):
    """A file holds no key or certificate that model signatures can be made or checked with."""

    code = "Signing.UnusableKey"
