"""Contracts and the interfaces that their code shows. Pure.

Functions are the four-byte constants that the code compares with the selector of a call: those
before the first jump destination, as ethereum-etl takes them, and those of a dispatcher further on,
which newer compilers write behind a check of the value sent.
"""

from collections.abc import Iterator, Sequence

from eth_hash.auto import keccak

from diptych.index.etl.rows import Row

COLUMNS = ("address", "bytecode", "function_sighashes", "is_erc20", "is_erc721", "block_number")
_PUSH1, _PUSH4, _PUSH32 = 0x60, 0x63, 0x7F
_JUMPDEST, _EQ, _JUMPI = 0x5B, 0x14, 0x57
_DUPS = range(0x80, 0x90)


def _selector(signature: str) -> str:
    return "0x" + keccak(signature.encode())[:4].hex()


_ERC20 = tuple(
    _selector(signature)
    for signature in (
        "totalSupply()",
        "balanceOf(address)",
        "transfer(address,uint256)",
        "transferFrom(address,address,uint256)",
        "approve(address,uint256)",
        "allowance(address,address)",
    )
)
_ERC721 = tuple(
    _selector(signature)
    for signature in ("ownerOf(uint256)", "balanceOf(address)", "approve(address,uint256)")
)
_ERC721_MOVES = (
    _selector("transfer(address,uint256)"),
    _selector("transferFrom(address,address,uint256)"),
)


def function_selectors(code: bytes) -> list[str]:
    """Return the selectors that code compares with, sorted.

    >>> function_selectors(bytes.fromhex("8063a9059cbb1461001057"))
    ['0xa9059cbb']
    """
    found = set()
    steps = list(_instructions(code))
    is_first_block = True
    for at, (opcode, operand) in enumerate(steps):
        is_first_block = is_first_block and opcode != _JUMPDEST
        if opcode == _PUSH4 and (is_first_block or _dispatches(steps[at + 1 : at + 5])):
            found.add("0x" + operand.hex())
    return sorted(found)


def _dispatches(steps: Sequence[tuple[int, bytes]]) -> bool:
    """Return whether a comparison and a conditional jump follow."""
    opcodes = [opcode for opcode, _ in steps if opcode not in _DUPS]
    is_push = len(opcodes) > 2 and _PUSH1 <= opcodes[1] <= _PUSH32
    return is_push and opcodes[0] == _EQ and opcodes[2] == _JUMPI


def _instructions(code: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(code):
        opcode = code[at]
        size = opcode - _PUSH1 + 1 if _PUSH1 <= opcode <= _PUSH32 else 0
        yield opcode, code[at + 1 : at + 1 + size].ljust(size, b"\x00")
        at += 1 + size


def contract_row(address: str, code: bytes, block_number: int | None = None) -> Row:
    """Return a contract.

    Args:
        address: hex text.
        code: as deployed.
        block_number: where it was created, if known.
    """
    selectors = function_selectors(code)
    moves = not set(_ERC721_MOVES).isdisjoint(selectors)
    return {
        "address": address.lower(),
        "bytecode": "0x" + code.hex(),
        "function_sighashes": selectors,
        "is_erc20": set(_ERC20) <= set(selectors),
        "is_erc721": set(_ERC721) <= set(selectors) and moves,
        "block_number": block_number,
    }


def contract_rows(traces: Sequence[Row]) -> list[Row]:
    """Return the contracts that traces created.

    Args:
        traces: rows of `trace_rows`.
    """
    return [
        contract_row(row["to_address"], bytes.fromhex(row["output"][2:]), row["block_number"])
        for row in traces
        if row["trace_type"] == "create"
        and row["status"] == 1
        and row["to_address"] is not None
        and row["output"] is not None
    ]
