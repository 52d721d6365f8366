"""The policy that a workspace hands out, and the one by which it judges itself."""

from dataclasses import replace

from diptych.app.verbs.anchors import earliest_anchor, read_anchors
from diptych.app.workspace import Workspace
from diptych.provenance.log import Log
from diptych.provenance.trust import dump_policy, workspace_policy
from diptych_verify.policy import TrustedAnchor, TrustedBlock, TrustPolicy


def own_policy(
    workspace: Workspace, log: Log, *, pin: bool = False, covering: int | None = None
) -> TrustPolicy:
    """Return what a verifier of this workspace's bundles should believe.

    Args:
        workspace: whose anchors count.
        log: its log.
        pin: also name the newest checkpoint, so that rollback and split view show. From then on
            that verifier accepts only bundles that reach at least this size.
        covering: name only the anchor that a bundle of the record at this index carries.
    """
    if covering is None:
        anchors = list(read_anchors(workspace))
    else:
        first = earliest_anchor(workspace, covering=covering)
        anchors = [] if first is None else [first]
    places = [TrustedAnchor(a.proof.chain_id, a.proof.contract, a.proof.log_id) for a in anchors]
    blocks = [TrustedBlock(a.proof.chain_id, a.block_hash) for a in anchors]
    extra = TrustPolicy(anchors=tuple(dict.fromkeys(places)), blocks=tuple(dict.fromkeys(blocks)))
    policy = workspace_policy(log, extra=extra)
    return policy if pin else replace(policy, checkpoints=())


def policy_toml(workspace: Workspace, *, pin: bool) -> bytes:
    """Return the policy to hand out, as TOML."""
    with workspace.read_log() as log:
        return dump_policy(own_policy(workspace, log, pin=pin))
