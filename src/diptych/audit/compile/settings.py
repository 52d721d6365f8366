"""How sources are compiled: the same for the original and for what is compared with it."""

from dataclasses import dataclass

from diptych.core.errors import JsonValue

__all__ = ["Settings"]

# From here on the default may be newer than the rules of the node that runs the result.
_PINNED_EVM_FROM = (0, 8, 25)
_OUTPUT = ["abi", "evm.bytecode.object", "evm.deployedBytecode.object", "evm.methodIdentifiers"]
_LAYOUT_FROM = (0, 5, 13)
_NO_METADATA_FROM = (0, 6, 0)


@dataclass(frozen=True)
class Settings:
    """Compiler settings.

    Attributes:
        optimizer_runs: how often code is expected to run; None switches the optimizer off.
        evm_version: rules to compile for; empty means the compiler's default, at most Cancun.
        via_ir: whether to compile through Yul.
        ast: whether to return the compiler's syntax trees too.
        code: whether to return code; without it a source is only checked, which is much faster.
    """

    optimizer_runs: int | None = 200
    evm_version: str = ""
    via_ir: bool = False
    ast: bool = False
    code: bool = True

    def request(self, version: str, remappings: tuple[str, ...]) -> dict[str, JsonValue]:
        """Return the `settings` of a standard-JSON request."""
        number = tuple(int(part) for part in version.split("."))
        wanted: list[JsonValue] = [*_OUTPUT]
        if number >= _LAYOUT_FROM:
            wanted.append("storageLayout")
        selection: dict[str, JsonValue] = {"*": wanted} if self.code else {}
        if self.ast:
            selection[""] = ["ast"]
        optimizer: dict[str, JsonValue] = {"enabled": self.optimizer_runs is not None}
        if self.optimizer_runs is not None:
            optimizer["runs"] = self.optimizer_runs
        made: dict[str, JsonValue] = {
            "optimizer": optimizer,
            "outputSelection": {"*": selection},
            "remappings": [*remappings],
        }
        evm = self.evm_version or ("cancun" if number >= _PINNED_EVM_FROM else "")
        if evm:
            made["evmVersion"] = evm
        if number >= _NO_METADATA_FROM:
            made["metadata"] = {"bytecodeHash": "none"}
        if self.via_ir:
            made["viaIR"] = True
        return made
