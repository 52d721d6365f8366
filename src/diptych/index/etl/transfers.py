"""Token transfers in the events of contracts. Pure.

Source: EIP-20 and EIP-721: `Transfer(address,address,uint256)`, whichever of the three is indexed.
"""

from collections.abc import Sequence

from diptych.index.etl.rows import Row

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
COLUMNS = (
    "token_address",
    "from_address",
    "to_address",
    "value",
    "transaction_hash",
    "log_index",
    "block_number",
)
_WORD_DIGITS = 64
_VALUES = 3


def token_transfer_rows(logs: Sequence[Row]) -> list[Row]:
    """Return the transfers among events.

    Args:
        logs: rows of `log_rows`; those of another shape are passed over.
    """
    rows = []
    for log in logs:
        topics = log["topics"]
        if not topics or topics[0].lower() != TRANSFER:
            continue
        digits = log["data"][2:]
        words = [digits[at : at + _WORD_DIGITS] for at in range(0, len(digits), _WORD_DIGITS)]
        values = [*(topic[2:] for topic in topics[1:]), *words]
        if len(values) != _VALUES:
            continue
        sender, recipient, value = values
        rows.append(
            {
                "token_address": log["address"].lower(),
                "from_address": _address(sender),
                "to_address": _address(recipient),
                "value": int(value, 16),
                "transaction_hash": log["transaction_hash"],
                "log_index": log["log_index"],
                "block_number": log["block_number"],
            }
        )
    return rows


def _address(word: str) -> str:
    return "0x" + word[-40:].lower()
