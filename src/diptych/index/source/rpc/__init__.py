"""Blocks of any JSON-RPC endpoint, or of several with failover."""
