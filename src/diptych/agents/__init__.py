"""Agents: policy, wallet, intents, decisions and DeFi actions."""
