"""Signs that a source without a pragma was written before Solidity 0.8."""

import re

__all__ = ["looks_old"]

# What each compiler since refuses, by the lists of breaking changes of its documentation: 0.5 took
# throw, var, sha3, suicide, callcode, block.blockhash and years; 0.6 the function without a name;
# 0.7 now and .value(), .gas() behind calls; since 0.8 msg.sender is no payable address.
_SIGNS = re.compile(
    rb"//[^\n]*|/\*.*?(?:\*/|\Z)|\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?"
    rb"|(?P<old>\bthrow\s*;|\bvar\s+\w+|\bsha3\s*\(|\bsuicide\s*\(|\.callcode\b|\bblock\.blockhash\b"
    rb"|\bfunction\s*\(\s*\)|\bnow\b(?!\s*[=(])|\.(?:value|gas)\s*\([^()]*(?:\([^()]*\)[^()]*)*\)\s*[.(]"
    rb"|\bmsg\.sender\.(?:transfer|send)\s*\([^,()]*(?:\([^()]*\)[^,()]*)*\))",
    re.DOTALL,
)


def looks_old(text: bytes) -> bool:
    """Whether a source says something, outside of comments and texts, that 0.8 refuses."""
    return any(found["old"] for found in _SIGNS.finditer(text))
