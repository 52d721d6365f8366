"""What-if runs in this process (pyrevm): invented balances, code and storage, no node needed.

pyrevm ignores the hard fork that it is told, so its gas and verdicts are for trying things out
only; what counts comes from a node (`simulate`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from diptych.core.missing import MissingExtra
from diptych.ledger.address import checksum_address
from diptych.ledger.errors import Reverted
from diptych.ledger.records import CallRequest, LogEntry
from diptych.ledger.reverts import RevertDecoder
from diptych.ledger.simulate import Simulation

_CALLER = "0x0000000000000000000000000000000000000001"


@dataclass(frozen=True)
class AccountState:
    """An account as it is supposed to be.

    Attributes:
        balance_wei: what it owns.
        code: its contract, empty for none.
        storage: slot to value.
    """

    balance_wei: int = 0
    code: bytes = b""
    storage: Mapping[int, int] = field(default_factory=dict)


class WhatIf:
    """An invented state on which calls can be tried one after another."""

    def __init__(
        self,
        accounts: Mapping[str, AccountState],
        *,
        reverts: RevertDecoder | None = None,
    ) -> None:
        """Lay out the state.

        Args:
            accounts: address to account.
            reverts: names the contracts' rules.

        Raises:
            MissingExtra: pyrevm is not installed.
        """
        try:
            import pyrevm
        except ImportError:
            raise MissingExtra("pyrevm", extra="whatif") from None
        self._evm = pyrevm.EVM()
        self._reverts = reverts or RevertDecoder()
        for address, account in accounts.items():
            if account.code:
                self._evm.insert_account_info(address, pyrevm.AccountInfo(code=account.code))
            self._evm.set_balance(address, account.balance_wei)
            for slot, value in account.storage.items():
                self._evm.insert_account_storage(address, slot, value)

    def balance_wei(self, address: str) -> int:
        """Return what an address owns by now."""
        return int(self._evm.get_balance(address))

    def call(self, request: CallRequest) -> Simulation:
        """Carry a call out on the invented state; a call that reverts changes nothing.

        Returns:
            What happened; `to` must be given.
        """
        reverted: Reverted | None = None
        returned = b""
        checkpoint = self._evm.snapshot()
        try:
            answer = self._evm.message_call(
                caller=request.sender or _CALLER,
                to=request.to or _CALLER,
                calldata=request.data,
                value=request.value_wei,
                gas=request.gas_limit,
            )
            returned = bytes(answer)
        except RuntimeError as error:
            self._evm.revert(checkpoint)
            reverted = self._reverts.decode(_revert_output(str(error)))
        result = self._evm.result
        return Simulation(
            succeeded=reverted is None,
            reverted=reverted,
            return_data=returned,
            gas_used=None if result is None else int(result.gas_used),
            logs=() if result is None else tuple(_entry(log) for log in result.logs),
            transfers=None,
            method="pyrevm",
        )


def _entry(log: object) -> LogEntry:
    address, topics, data = (getattr(log, name) for name in ("address", "topics", "data"))
    payload = data[1] if isinstance(data, tuple) else data
    return LogEntry(
        address=checksum_address(bytes.fromhex(str(address).removeprefix("0x"))),
        topics=tuple(bytes.fromhex(str(topic).removeprefix("0x")) for topic in topics),
        data=bytes(payload),
    )


def _revert_output(text: str) -> bytes:
    """Take the revert data out of pyrevm's `Revert { gas_used: ..., output: 0x... }`."""
    _, found, rest = text.partition("output: 0x")
    digits = rest.split(" ")[0].rstrip("},)") if found else ""
    try:
        return bytes.fromhex(digits)
    except ValueError:
        return b""
