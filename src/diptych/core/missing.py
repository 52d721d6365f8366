"""Optional programs and packages: one error, whose hint is the exact line to type."""

from diptych.core.errors import EnvironmentFault


class MissingExtra(EnvironmentFault):
    """An optional package is not installed; the hint is the pip line that installs it."""

    code = "Environment.MissingExtra"

    def __init__(self, package: str, *, extra: str) -> None:
        super().__init__(
            f"the package '{package}' is not installed",
            hint=f"pip install 'diptych[{extra}]'",
            package=package,
            extra=extra,
        )
