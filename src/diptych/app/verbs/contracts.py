"""`contracts deploy`: plan and carry out on the chain of the current profile."""

from collections.abc import Sequence
from contextlib import closing

from diptych.app.verbs.ledger import open_account, open_current_chain, open_outbox
from diptych.app.workspace import Workspace
from diptych.contracts.artefact import contract_names
from diptych.contracts.deployment import Deployment, deploy
from diptych.contracts.factory import install_factory
from diptych.contracts.plan import DeploymentPlan, plan_deployment


def plan_all(workspace: Workspace, names: Sequence[str] = ()) -> DeploymentPlan:
    """Say what deploying contracts, by default all, would do and cost; sends nothing."""
    chain = open_current_chain(workspace)
    return plan_deployment(chain, sender=open_account(workspace).address, names=names or None)


def deploy_all(
    workspace: Workspace, names: Sequence[str] = (), *, with_factory: bool = False
) -> list[Deployment]:
    """Deploy contracts that are missing, exactly once.

    Args:
        workspace: whose account pays, on the chain of its profile.
        names: which; by default all that are shipped.
        with_factory: first install the deterministic deployment proxy where the chain lacks it.
    """
    account = open_account(workspace)
    chain = open_current_chain(workspace)
    with closing(open_outbox(workspace, chain, account)) as outbox:
        if with_factory:
            install_factory(chain, outbox)
        return [deploy(name, chain, outbox) for name in names or contract_names()]
