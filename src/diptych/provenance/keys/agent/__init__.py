"""Key agent: a background process that holds unlocked keys for a while and signs on request."""
