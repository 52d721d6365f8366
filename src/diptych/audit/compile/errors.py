"""What can go wrong between a source and its bytecode; a scan never meets any of it."""

from diptych.core.errors import ContractError, EnvironmentFault

__all__ = ["CompilerUnavailable", "NoSolidity", "NotCompiled"]


class CompilerUnavailable(EnvironmentFault):
    """Node or the compiler that a source asks for cannot be had; the hint says how to get it."""

    code = "Audit.CompilerUnavailable"


class NotCompiled(ContractError):
    """No compiler that the pragmas allow compiles the source within the limits."""

    code = "Audit.NotCompiled"


class NoSolidity(EnvironmentFault):
    """No file that was named holds Solidity which can be read; the message says what each holds."""

    code = "Audit.NoSolidity"
