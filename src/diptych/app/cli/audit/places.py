"""What a scan is asked to look at: a path, or a contract on a chain."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from diptych.app.cli.given import GivenPath
from diptych.core.errors import UsageError

if TYPE_CHECKING:
    from diptych.audit.source.address import FetchedCode, OnChain

__all__ = ["PLACE", "fetched", "parted"]


class _Place(GivenPath):
    """A path, or `ADDRESS@RPC_URL`."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return an `OnChain`, or a path; a file of such a name is a file."""
        if isinstance(value, str) and "@" in value and not os.path.exists(value):
            from diptych.audit.source.address import parse_address

            try:
                found = parse_address(value)
            except UsageError as error:
                self.fail(error.message, param, ctx)
            if found is not None:
                return found
        return super().convert(value, param, ctx)


PLACE = _Place()


def parted(places: "Iterable[Path | OnChain]") -> "tuple[list[Path], list[OnChain]]":
    """Part paths from contracts on a chain."""
    paths: list[Path] = []
    others: list[OnChain] = []
    for each in places:
        if isinstance(each, Path):
            paths.append(each)
        else:
            others.append(each)
    return paths, others


def fetched(contracts: "Iterable[OnChain]") -> "FetchedCode":
    """Fetch the code of contracts on a chain, each from its own endpoint.

    Raises:
        NoCode: nothing is deployed at an address.
        LedgerError: an endpoint fails.
    """
    from diptych.audit.source.address import FetchedCode, fetch_code, rpc_options
    from diptych.ledger.rpc import Rpc

    found = [fetch_code(Rpc(one.url, options=rpc_options()), one.address) for one in contracts]
    texts = tuple(text for each in found for text in each.texts)
    return FetchedCode(texts, tuple(notice for each in found for notice in each.notices))
