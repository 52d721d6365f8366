"""`anchor`: write the newest checkpoint to the Anchor contract and keep the evidence."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from diptych.app.verbs.anchors import keep_anchor
from diptych.app.verbs.ledger import open_account, open_current_chain, open_outbox
from diptych.app.workspace import Workspace
from diptych.contracts.deployment import contract_address, deploy
from diptych.core.errors import JsonValue
from diptych.provenance.anchor import AnchorClient
from diptych.provenance.anchored import AnchoredHead, NotAnchored
from diptych.provenance.log import Log
from diptych_verify.anchor import EMBEDDED_CHAINS
from diptych_verify.errors import Rollback, SplitView
from diptych_verify.note import Checkpoint

CONTRACT = "Anchor"


@dataclass(frozen=True)
class Anchored:
    """What anchoring did.

    Attributes:
        size: records covered.
        root: hex root of the log at that size.
        chain_id: where.
        contract: address of the Anchor contract.
        log_id: 0x-hex id of the log in it.
        transaction: 0x-hex hash.
        block: height.
        gas_used: gas of the anchor transaction alone.
        cost_wei: what it cost.
        new: False if the chain held this root already and nothing was sent.
    """

    size: int
    root: str
    chain_id: int
    contract: str
    log_id: str
    transaction: str
    block: int
    gas_used: int
    cost_wei: int
    new: bool = True

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych anchor --json` shows; wei as a decimal string."""
        return {**vars(self), "cost_wei": str(self.cost_wei)}


def anchor(workspace: Workspace) -> Anchored:
    """Anchor the newest checkpoint; deploys the contract and registers the log at first use.

    On a real network nothing is deployed: the contract must stand there, see
    `diptych contracts deploy --plan`.

    Raises:
        SplitView: the chain holds another root than this log had.
        Rollback: the chain has seen a longer log.
        NotDeployed: the contract is missing on a real network.
        LedgerError: the chain cannot be reached or refuses.
    """
    with workspace.read_log() as log, anchor_client(workspace, log) as (chain_id, client):
        before = _compare(chain_id, client, log)
        client.register_if_needed()
        head = log.head()
        receipt = client.publish(head)
        keep_anchor(workspace, log, head.size, client.evidence(receipt))
        log.pin(head, by=f"anchor {chain_id} {client.contract}")
    return Anchored(
        size=receipt.size,
        root=receipt.root.hex(),
        chain_id=chain_id,
        contract=client.contract,
        log_id=f"0x{client.log_id.hex()}",
        transaction=f"0x{receipt.transaction_hash.hex()}",
        block=receipt.block_number,
        gas_used=receipt.gas_used,
        cost_wei=receipt.cost_wei,
        new=before is None or before.size < receipt.size,
    )


@contextmanager
def anchor_client(workspace: Workspace, log: Log) -> Iterator[tuple[int, AnchorClient]]:
    """Open the current chain; yield its id and the client of this log's anchor on it."""
    account = open_account(workspace)
    chain = open_current_chain(workspace)
    with closing(open_outbox(workspace, chain, account)) as outbox:
        if chain.chain_id in EMBEDDED_CHAINS:
            deploy(CONTRACT, chain, outbox)
        address = contract_address(CONTRACT)
        owner = workspace.settings.chain.log_owner or account.address
        client = AnchorClient(chain, outbox, address, key=log.key, owner=owner)
        yield chain.chain_id, client


@dataclass(frozen=True)
class AnchorRights:
    """Who may anchor this log.

    Attributes:
        chain_id: where.
        log_id: 0x-hex id of the log in the contract.
        owner: address that rules it.
        publishers: addresses that may anchor besides.
        gas_used: gas of what had to be sent, 0 if nothing.
    """

    chain_id: int
    log_id: str
    owner: str
    publishers: tuple[str, ...]
    gas_used: int = 0

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych anchor publisher --json` shows."""
        return {**vars(self), "publishers": list(self.publishers)}


def anchor_rights(
    workspace: Workspace, *, allow: str = "", forbid: str = "", offer: str = "", take: bool = False
) -> AnchorRights:
    """Show who may anchor this log, after changing it where asked; safe to repeat.

    Args:
        workspace: whose account acts.
        allow: address that may anchor from now on.
        forbid: address that may no longer.
        offer: address that may take the log over.
        take: take over a log that was offered to us; `chain.log_owner` names who had it first.

    Raises:
        NotAnchored: the chain does not know the log.
        Reverted: `Anchor.NotOwner`, `Anchor.NotProposed`.
    """
    with workspace.read_log() as log, anchor_client(workspace, log) as (chain_id, client):
        sent = [
            client.rights.allow(allow) if allow else None,
            client.rights.forbid(forbid) if forbid else None,
            client.rights.offer(offer) if offer else None,
            client.rights.accept() if take else None,
        ]
        head = client.head()
        if head is None:
            raise NotAnchored("the chain does not know this log yet", hint="diptych anchor")
        gas_used = sum(receipt.gas_used for receipt in sent if receipt is not None)
        publishers = tuple(client.rights.publishers(owner=head.owner))
        log_id = f"0x{client.log_id.hex()}"
        return AnchorRights(chain_id, log_id, head.owner, publishers, gas_used)


def check_against_chain(workspace: Workspace, log: Log) -> None:
    """Compare the log with the head that the chain holds now.

    Raises:
        SplitView: the chain holds another root than this log had.
        Rollback: the chain has seen a longer log.
    """
    with anchor_client(workspace, log) as (chain_id, client):
        _compare(chain_id, client, log)


def _compare(chain_id: int, client: AnchorClient, log: Log) -> AnchoredHead | None:
    """Compare log and chain; what contradicts is remembered, so that nothing is appended to it."""
    try:
        return client.check_against(log)
    except (Rollback, SplitView):
        head = client.head()
        if head is not None:
            seen = Checkpoint(log.origin, head.size, head.root)
            log.distrust(seen, by=f"conflict {chain_id} {client.contract}")
        raise
