"""Keys: one per purpose, in encrypted files, held unlocked by an agent, recorded in the log."""
