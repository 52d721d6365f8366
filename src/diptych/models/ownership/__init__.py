"""Ownership on chain: one token per data set, model, work or agent, its versions and royalty."""
