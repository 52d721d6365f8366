"""Calls of other contracts: what comes back, what comes in between, what never ends."""
