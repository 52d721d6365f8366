"""The embedded chain: anvil under a supervisor that loses no acknowledged block."""

from typing import TYPE_CHECKING

from diptych.core.lazy import lazy_names

if TYPE_CHECKING:
    from diptych.ledger.devchain.control import (
        ChainStatus,
        create,
        ensure_running,
        reset,
        status,
        stop,
    )
    from diptych.ledger.devchain.genesis import ChainSpec
    from diptych.ledger.devchain.place import Endpoint
    from diptych.ledger.devchain.throwaway import DEV_KEYS, throwaway_node

__all__ = [
    "DEV_KEYS",
    "ChainSpec",
    "ChainStatus",
    "Endpoint",
    "create",
    "ensure_running",
    "reset",
    "status",
    "stop",
    "throwaway_node",
]

__getattr__ = lazy_names(
    __name__,
    {
        **dict.fromkeys(
            ("ChainStatus", "create", "ensure_running", "reset", "status", "stop"),
            "diptych.ledger.devchain.control",
        ),
        "ChainSpec": "diptych.ledger.devchain.genesis",
        "Endpoint": "diptych.ledger.devchain.place",
        "DEV_KEYS": "diptych.ledger.devchain.throwaway",
        "throwaway_node": "diptych.ledger.devchain.throwaway",
    },
)
