"""Sections of the settings: each key with its default, what it takes and what it is for."""

from dataclasses import dataclass, field

from diptych.core.secret import Secret
from diptych.core.setting import Choice, Hidden, Kind, Real, Text, Whole

RULE = "rule"


class Rule:
    """How one field of a section is read and described."""

    def __init__(self, kind: Kind, description: str) -> None:
        self.kind = kind
        self.description = description


def _rule(kind: Kind, description: str) -> dict[str, Rule]:
    return {RULE: Rule(kind, description)}


@dataclass(frozen=True)
class SealSettings:
    """How files are hashed and listed."""

    digest: str = field(
        default="sha256",
        metadata=_rule(Choice("sha256", "blake3", "sha256+blake3"), "digest of file contents"),
    )
    workers: int = field(default=2, metadata=_rule(Whole(1, 64), "threads that hash files"))
    ignore_file: str = field(
        default=".diptychignore",
        metadata=_rule(Text(), "name of the ignore file (gitignore syntax) in a sealed folder"),
    )


@dataclass(frozen=True)
class KeySettings:
    """How key files are locked and unlocked."""

    passphrase: Secret | None = field(
        default=None,
        metadata=_rule(Hidden(), "unlocks the key files; environment only, never in a file"),
    )
    scrypt_log2_n: int = field(
        default=17,
        metadata=_rule(Whole(14, 20), "cost of guessing a passphrase (scrypt, r=8, p=1)"),
    )
    agent_ttl_s: int = field(
        default=28_800,
        metadata=_rule(Whole(1, 604_800), "seconds the key agent keeps keys unlocked"),
    )


@dataclass(frozen=True)
class LogSettings:
    """Who may append to the log, and for how long one writer holds it."""

    lease_s: float = field(
        default=10.0,
        metadata=_rule(
            Real(0, 600, exclusive=True), "seconds after which a silent writer is replaced"
        ),
    )
    wait_s: float = field(
        default=60.0, metadata=_rule(Real(0, 3_600), "seconds to wait for another writer")
    )


@dataclass(frozen=True)
class UsageSettings:
    """What is recorded by itself."""

    record: str = field(
        default="on",
        metadata=_rule(Choice("on", "off"), "record each call of a loaded model and each download"),
    )


@dataclass(frozen=True)
class ChainSettings:
    """Which chain is used, and how patient the client is."""

    profile: str = field(
        default="embedded",
        metadata=_rule(Text(), "chain profile: `embedded`, or a name given to `chain add`"),
    )
    anvil: str = field(
        default="",
        metadata=_rule(Text(), "path of an anvil binary; empty: the pinned one, fetched once"),
    )
    timeout_s: float = field(
        default=30.0,
        metadata=_rule(Real(0, 600, exclusive=True), "seconds one RPC call may take"),
    )
    confirmations: int = field(
        default=2,
        metadata=_rule(
            Whole(0, 10_000),
            "blocks on top before a transaction counts as final; the embedded chain needs none",
        ),
    )
    max_fee_gwei: float = field(
        default=500.0,
        metadata=_rule(Real(0, exclusive=True), "highest fee per gas that is ever offered"),
    )
    log_owner: str = field(
        default="",
        metadata=_rule(Text(), "address that first anchored this log; empty: our own account"),
    )


@dataclass(frozen=True)
class IndexSettings:
    """Where the rows of indexes stand."""

    store: Secret | None = field(
        default=None,
        metadata=_rule(
            Hidden(),
            "folder or `postgresql://` URL for the rows of indexes, with `${NAME}` for variables of"
            " the environment; empty: the workspace",
        ),
    )
