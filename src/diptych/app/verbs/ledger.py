"""The chain of the workspace's profile, the account that pays, and the outbox between them."""

import hmac
from hashlib import sha256
from pathlib import Path

from diptych.app.workspace import Workspace
from diptych.contracts.artefact import known_abis
from diptych.ledger import devchain
from diptych.ledger.account import LocalAccount
from diptych.ledger.chain import Chain
from diptych.ledger.keystore import create_keystore, open_keystore
from diptych.ledger.outbox import Outbox
from diptych.ledger.outbox.records import OutboxPolicy
from diptych.ledger.profiles import EMBEDDED, ChainProfile, ProfileBook
from diptych.ledger.providers import ChainPlace, open_chain
from diptych.ledger.reverts import RevertDecoder
from diptych.ledger.rpc import RpcOptions
from diptych_verify.anchor import EMBEDDED_CHAINS

_GWEI = 10**9
_ACCOUNT_LOG2_N = 14
"""The keystore's passphrase is 256 random bits, so that stretching it adds nothing."""


def profile_book(workspace: Workspace) -> ProfileBook:
    """Return the chain profiles of the workspace."""
    return ProfileBook(workspace.place.profiles)


def current_profile(workspace: Workspace) -> ChainProfile:
    """Return the profile that the settings choose.

    Raises:
        UnknownProfile: no profile has this name.
    """
    return profile_book(workspace).get(workspace.settings.chain.profile)


def open_account(workspace: Workspace) -> LocalAccount:
    """Unlock the account that pays for transactions, making it at first use.

    It lies in a version 3 keystore whose passphrase is derived from the private master key, so
    that unlocking the workspace unlocks it too.

    Raises:
        KeyLocked: the private master key cannot be unlocked.
        BadKeystore: the file is damaged.
    """
    secret = hmac.digest(workspace.keys.private_key(), b"diptych-account/1", sha256).hex()
    path = workspace.place.account
    if not path.exists():
        create_keystore(path, LocalAccount.generate(), secret, scrypt_log2_n=_ACCOUNT_LOG2_N)
    return open_keystore(path, secret)


def open_current_chain(workspace: Workspace) -> Chain:
    """Open the chain of the current profile; the embedded one is made and started on demand.

    Raises:
        LedgerError: it cannot be reached or is not the chain that the profile names.
        EnvironmentFault: the embedded chain cannot start; the message says what is missing.
    """
    profile, settings = current_profile(workspace), workspace.settings.chain
    if profile.name == EMBEDDED:
        ensure_created(workspace)
    place = ChainPlace(
        workspace.place.chain,
        RpcOptions(timeout_s=settings.timeout_s),
        anvil=anvil_path(workspace),
        clock=workspace.clock,
    )
    return open_chain(profile, place)


def anvil_path(workspace: Workspace) -> Path | None:
    """Return the anvil binary that the settings name, None for the pinned one."""
    named = workspace.settings.chain.anvil
    return workspace.place.project / named if named else None


def ensure_created(workspace: Workspace) -> None:
    """Make the embedded chain if it does not exist, funding the workspace's account."""
    if not (workspace.place.chain / "blocks.sqlite").exists():
        devchain.create(
            workspace.place.chain, [open_account(workspace).address], clock=workspace.clock
        )


def open_outbox(workspace: Workspace, chain: Chain, account: LocalAccount) -> Outbox:
    """Open the outbox; everything that the workspace sends goes through it.

    The embedded chain mines on demand and never reorganises: there a mined block is final.
    """
    settings = workspace.settings.chain
    embedded = chain.chain_id in EMBEDDED_CHAINS
    return Outbox.open(
        workspace.place.outbox,
        chain,
        account,
        policy=OutboxPolicy(
            confirmations=0 if embedded else settings.confirmations,
            max_fee_wei=int(settings.max_fee_gwei * _GWEI),
        ),
        reverts=RevertDecoder(known_abis()),
    )
