"""`chain`: the embedded chain's life, and profiles of other chains."""

from dataclasses import dataclass

from diptych.app.verbs.ledger import (
    anvil_path,
    current_profile,
    ensure_created,
    open_account,
    open_current_chain,
    profile_book,
)
from diptych.app.workspace import Workspace
from diptych.contracts.artefact import contract_names
from diptych.contracts.plan import plan_deployment
from diptych.core.errors import DiptychError, JsonValue, UsageError
from diptych.ledger import devchain
from diptych.ledger.chain import Chain
from diptych.ledger.devchain.handshake import ask
from diptych.ledger.doctor import DoctorCheck, DoctorQuestions, Outcome, examine
from diptych.ledger.profiles import EMBEDDED, ChainProfile, require_name
from diptych.ledger.rpc import Rpc

_GWEI = 10**9
ANCHOR_GAS = 40_000
"""Upper bound of a steady anchor; `docs/benchmarks.md` holds the measured figure."""
REGISTER_GAS = 60_000


class NotEmbedded(UsageError):
    """`chain up`, `down` and `reset` are for the embedded chain only."""

    code = "Chain.NotEmbedded"


@dataclass(frozen=True)
class ChainState:
    """The embedded chain as `chain status` shows it; pids are 0 when it is down."""

    running: bool
    chain_id: int
    url: str
    head: dict[str, JsonValue]
    supervisor_pid: int
    node_pid: int
    waiting: int
    store_bytes: int
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `--json` shows."""
        return {**vars(self), "warnings": list(self.warnings)}


def chain_up(workspace: Workspace) -> ChainState:
    """Start the embedded chain, making it at first use; nothing happens if it is up."""
    _require_embedded(workspace)
    ensure_created(workspace)
    devchain.ensure_running(
        workspace.place.chain, anvil=anvil_path(workspace), progress=workspace.progress
    )
    return chain_state(workspace)


def chain_down(workspace: Workspace) -> bool:
    """Stop the embedded chain cleanly; False if it was down."""
    _require_embedded(workspace)
    return devchain.stop(workspace.place.chain)


def chain_reset(workspace: Workspace) -> int:
    """Delete the embedded chain and make a new one; returns the new chain id."""
    _require_embedded(workspace)
    spec = devchain.reset(
        workspace.place.chain, funded=[open_account(workspace).address], clock=workspace.clock
    )
    return spec.chain_id


def chain_state(workspace: Workspace) -> ChainState:
    """Return the state of the embedded chain without starting it.

    Raises:
        NotCreated: it was never started.
    """
    status = devchain.status(workspace.place.chain)
    live = ask(status.endpoint, "diptych_status") if status.endpoint else None
    fields = live if isinstance(live, dict) else {}
    return ChainState(
        running=status.running,
        chain_id=status.chain_id,
        url=status.endpoint.url if status.endpoint else "",
        head={"number": status.number, "hash": status.block_hash},
        supervisor_pid=status.endpoint.pid if status.endpoint else 0,
        node_pid=int(str(fields.get("anvil_pid", 0))),
        waiting=status.waiting,
        store_bytes=status.store_bytes,
        warnings=status.warnings,
    )


def add_profile(workspace: Workspace, name: str, url: str) -> ChainProfile:
    """Ask the endpoint for its chain id and store a profile that insists on it."""
    require_name(name)
    profile = ChainProfile(name, url)
    with_id = ChainProfile(name, url, Chain(Rpc(profile.resolved_url()), None).chain_id)
    profile_book(workspace).add(with_id)
    return with_id


def doctor(workspace: Workspace) -> list[DoctorCheck]:
    """Examine the current chain before anything is sent; starts the embedded one."""
    account = open_account(workspace)
    try:
        chain = open_current_chain(workspace)
    except DiptychError as error:
        failed = f"{error.code}: {error.message}"
        return [DoctorCheck("endpoint", Outcome.FAILED, failed, error.hint)]
    embedded = current_profile(workspace).name == EMBEDDED
    gas = {"register": REGISTER_GAS, "anchor": ANCHOR_GAS}
    gas.update(_deployment_gas(chain, account.address))
    questions = DoctorQuestions(
        address=account.address,
        gas=gas,
        max_age_s=None if embedded else 300.0,
        max_fee_wei=int(workspace.settings.chain.max_fee_gwei * _GWEI),
    )
    return examine(chain, questions, clock=workspace.clock)


def _deployment_gas(chain: Chain, sender: str) -> dict[str, int]:
    try:
        plan = plan_deployment(chain, sender=sender, names=contract_names())
    except DiptychError:
        return {}  # the checks that follow say what is wrong with the endpoint
    return {f"deploy {step.name}": step.gas for step in plan.steps if step.gas}


def _require_embedded(workspace: Workspace) -> None:
    profile = current_profile(workspace)
    if profile.name != EMBEDDED:
        raise NotEmbedded(
            f"the chain profile is '{profile.name}', which is not ours to start or stop",
            hint="DIPTYCH_CHAIN__PROFILE=embedded",
        )
