"""Bytecode of the Ethereum virtual machine."""
