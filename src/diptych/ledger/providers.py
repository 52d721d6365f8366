"""How a chain profile becomes a chain: entry points of the group `diptych.chains`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from diptych.core.clock import Clock, system_clock
from diptych.core.plugins import BrokenPlugin, load_plugin
from diptych.ledger.chain import Chain
from diptych.ledger.profiles import BadProfile, ChainProfile
from diptych.ledger.rpc import Rpc, RpcOptions


@dataclass(frozen=True)
class ChainPlace:
    """Where a chain is opened from.

    Attributes:
        folder: the workspace's `chain/` folder, for chains that live on this machine.
        options: limits and patience of the client.
        environ: environment for `${NAME}` in URLs, None for the process's own.
        anvil: binary of the embedded chain, None to find or fetch it.
        clock: seconds since the epoch.
    """

    folder: Path
    options: RpcOptions | None = None
    environ: Mapping[str, str] | None = None
    anvil: Path | None = None
    clock: Clock = system_clock


class ChainProvider(Protocol):
    """Opens the chains of one kind of profile; must pass `diptych.ledger.checks.check_chain`."""

    def __call__(self, profile: ChainProfile, place: ChainPlace) -> Chain:
        """Return the chain of a profile; may start it."""
        ...


def open_chain(profile: ChainProfile, place: ChainPlace) -> Chain:
    """Open the chain of a profile by the plugin that it names.

    Raises:
        UnknownPlugin: the profile names a plugin that is not installed.
        LedgerError: the chain cannot be opened.
    """
    provider = load_plugin("diptych.chains", profile.plugin)
    if not callable(provider):
        raise BrokenPlugin(f"the chain plugin '{profile.plugin}' cannot be called")
    chain = provider(profile, place)
    if not isinstance(chain, Chain):
        raise BrokenPlugin(f"the chain plugin '{profile.plugin}' returned no chain")
    return chain


def open_rpc(profile: ChainProfile, place: ChainPlace) -> Chain:
    """Open a JSON-RPC endpoint anywhere.

    Raises:
        BadProfile: an environment variable is missing, or there is no chain id.
    """
    if profile.chain_id is None:
        raise BadProfile(f"chain profile '{profile.name}' has no chain id")
    rpc = Rpc(profile.resolved_url(place.environ), options=place.options)
    return Chain(rpc, profile.chain_id, clock=place.clock)


def open_embedded(profile: ChainProfile, place: ChainPlace) -> Chain:
    """Open the workspace's own chain, starting it if it does not run.

    Raises:
        NotCreated: the workspace has no chain yet.
        LedgerError: it cannot be started.
    """
    from diptych.ledger.devchain.control import ensure_running

    del profile
    endpoint = ensure_running(place.folder, anvil=place.anvil)
    return Chain(Rpc(endpoint.url, options=place.options), endpoint.chain_id, clock=place.clock)
