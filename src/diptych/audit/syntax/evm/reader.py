"""Bytecode that is written in hex, as a source unit with one contract that declares nothing."""

import re

from diptych.audit.syntax.unit import Contract, Problem, SourceUnit

__all__ = ["LANGUAGE", "read_bytecode"]

LANGUAGE = "evm"
_HEX = re.compile(rb"\s*(?:0x)?(?:[0-9a-fA-F]{2})+\s*\Z")


def read_bytecode(text: bytes, name: str) -> SourceUnit:
    """Read creation or runtime code in hex; rules look at the text itself.

    Args:
        text: hex digits, with or without `0x`.
        name: what to call the contract.
    """
    problems = () if _HEX.match(text) else (Problem(0, len(text), "no bytecode in hex"),)
    kind = "contract"
    found = Contract(0, len(text), kind, name, (), (), (), (), (), (), (), ())
    free = found._replace(kind="free", name="", end=0)
    return SourceUnit(LANGUAGE, (), (), (found,), free, (), problems)
