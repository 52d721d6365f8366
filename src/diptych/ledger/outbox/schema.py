"""The tables of the outbox file."""

VERSION = 1

STATEMENTS = (
    """CREATE TABLE intents (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        chain_id INTEGER NOT NULL,
        sender TEXT NOT NULL,
        recipient TEXT,
        data BLOB NOT NULL,
        value_wei TEXT NOT NULL,
        gas_limit INTEGER,
        state TEXT NOT NULL,
        nonce INTEGER,
        cancelling INTEGER NOT NULL DEFAULT 0,
        mined_hash BLOB,
        mined_block INTEGER,
        mined_block_hash BLOB,
        succeeded INTEGER,
        problem_code TEXT NOT NULL DEFAULT '',
        problem TEXT NOT NULL DEFAULT ''
    ) STRICT""",
    "CREATE UNIQUE INDEX intents_nonce ON intents (chain_id, sender, nonce)",
    """CREATE INDEX intents_live ON intents (chain_id, sender, id)
        WHERE state NOT IN ('FINAL', 'REVERTED', 'CANCELLED')""",
    """CREATE TABLE attempts (
        id INTEGER PRIMARY KEY,
        intent_id INTEGER NOT NULL REFERENCES intents (id),
        nonce INTEGER NOT NULL,
        raw BLOB NOT NULL,
        hash BLOB NOT NULL UNIQUE,
        max_fee_wei TEXT NOT NULL,
        priority_fee_wei TEXT NOT NULL,
        purpose TEXT NOT NULL,
        signed_s REAL NOT NULL,
        head_number INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX attempts_intent ON attempts (intent_id, nonce, id)",
    f"PRAGMA user_version={VERSION}",
)
