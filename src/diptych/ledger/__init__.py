"""Ledger: chain access, accounts, outbox, devchain supervisor, simulation, receipt proofs."""
