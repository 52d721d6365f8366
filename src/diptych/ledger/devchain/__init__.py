"""The embedded chain: anvil under a supervisor that loses no acknowledged block."""
