"""Contracts that look as if they could be robbed and keep what the robber brings.

The eight kinds of Torres, Steichen and State, "The Art of The Scam: Demystifying Honeypots in
Ethereum Smart Contracts" (USENIX Security 2019), by structure and data flow.
"""
