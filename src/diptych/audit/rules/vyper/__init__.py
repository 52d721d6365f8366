"""What only Vyper gets wrong, or only its compilers."""
