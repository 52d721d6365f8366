"""JSON of the execution API turned into records, strictly. Pure."""

from diptych.core.errors import JsonValue
from diptych.ledger.address import checksum_address
from diptych.ledger.errors import MalformedAnswer
from diptych.ledger.quantity import (
    COUNT_BITS,
    Fields,
    bytes_field,
    count_field,
    quantity_field,
    read_bytes,
    read_list,
    read_object,
    read_quantity,
    to_data,
    to_quantity,
)
from diptych.ledger.records import (
    Block,
    BlockReference,
    CallRequest,
    LogEntry,
    LogFilter,
    MinedTransaction,
    Receipt,
)

TAGS = ("latest", "finalized", "safe", "earliest", "pending")


def block_parameter(reference: BlockReference) -> JsonValue:
    """Encode a block number, hash (EIP-1898) or tag.

    >>> block_parameter(255)
    '0xff'
    """
    if isinstance(reference, bytes):
        return {"blockHash": to_data(reference)}
    if isinstance(reference, int):
        return to_quantity(reference)
    if reference not in TAGS:
        raise ValueError(f"got block tag '{reference}', expected one of {', '.join(TAGS)}")
    return reference


def decode_block(raw: JsonValue) -> Block:
    """Decode a block with transaction hashes or full transactions.

    Raises:
        MalformedAnswer: a field is missing or has the wrong type.
    """
    fields = read_object(raw, "block")
    return Block(
        number=count_field(fields, "number"),
        hash=bytes_field(fields, "hash", length=32),
        parent_hash=bytes_field(fields, "parentHash", length=32),
        timestamp_s=count_field(fields, "timestamp"),
        gas_limit=count_field(fields, "gasLimit"),
        gas_used=count_field(fields, "gasUsed"),
        base_fee_wei=_optional_quantity(fields, "baseFeePerGas"),
        receipts_root=bytes_field(fields, "receiptsRoot", length=32),
        transactions=tuple(
            _transaction_hash(item)
            for item in read_list(fields.get("transactions", []), "transactions")
        ),
    )


def _transaction_hash(item: JsonValue) -> bytes:
    if isinstance(item, dict):
        return bytes_field(item, "hash", length=32)
    return read_bytes(item, "transactions[]", length=32)


def decode_log(raw: JsonValue) -> LogEntry:
    """Decode an event.

    Raises:
        MalformedAnswer: a field is missing or has the wrong type.
    """
    fields = read_object(raw, "log")
    topics = read_list(fields.get("topics"), "topics")
    if len(topics) > 4:
        raise MalformedAnswer(f"got {len(topics)} topics, expected at most 4")
    return LogEntry(
        address=_address(fields, "address"),
        topics=tuple(read_bytes(topic, "topic", length=32) for topic in topics),
        data=bytes_field(fields, "data"),
        block_number=_optional_quantity(fields, "blockNumber", bits=COUNT_BITS),
        block_hash=_optional_bytes(fields, "blockHash"),
        transaction_hash=_optional_bytes(fields, "transactionHash"),
        transaction_index=_optional_quantity(fields, "transactionIndex", bits=COUNT_BITS),
        log_index=_optional_quantity(fields, "logIndex", bits=COUNT_BITS),
        removed=fields.get("removed") is True,
    )


def decode_receipt(raw: JsonValue) -> Receipt:
    """Decode a receipt.

    Raises:
        MalformedAnswer: a field is missing or has the wrong type.
    """
    fields = read_object(raw, "receipt")
    status = _optional_quantity(fields, "status")
    if status not in {None, 0, 1}:
        raise MalformedAnswer(f"got receipt status {status}, expected 0 or 1")
    return Receipt(
        transaction_hash=bytes_field(fields, "transactionHash", length=32),
        transaction_index=count_field(fields, "transactionIndex"),
        transaction_type=_optional_quantity(fields, "type", bits=7) or 0,
        block_number=count_field(fields, "blockNumber"),
        block_hash=bytes_field(fields, "blockHash", length=32),
        sender=_address(fields, "from"),
        to=_optional_address(fields, "to"),
        contract_address=_optional_address(fields, "contractAddress"),
        succeeded=None if status is None else status == 1,
        state_root=_optional_bytes(fields, "root") if status is None else None,
        gas_used=count_field(fields, "gasUsed"),
        cumulative_gas_used=count_field(fields, "cumulativeGasUsed"),
        gas_price_wei=_optional_quantity(fields, "effectiveGasPrice") or 0,
        logs=tuple(decode_log(item) for item in read_list(fields.get("logs"), "logs")),
        logs_bloom=bytes_field(fields, "logsBloom", length=256),
        deposit=tuple(
            quantity_field(fields, name)
            for name in ("depositNonce", "depositReceiptVersion")
            if fields.get(name) is not None
        ),
    )


def decode_transaction(raw: JsonValue) -> MinedTransaction:
    """Decode a transaction object.

    Raises:
        MalformedAnswer: a field is missing or has the wrong type.
    """
    fields = read_object(raw, "transaction")
    return MinedTransaction(
        hash=bytes_field(fields, "hash", length=32),
        sender=_address(fields, "from"),
        nonce=count_field(fields, "nonce"),
        to=_optional_address(fields, "to"),
        value_wei=quantity_field(fields, "value"),
        data=bytes_field(fields, "input"),
        block_number=_optional_quantity(fields, "blockNumber", bits=COUNT_BITS),
        block_hash=_optional_bytes(fields, "blockHash"),
    )


def call_json(request: CallRequest) -> dict[str, JsonValue]:
    """Encode a call; both `input` and the old name would confuse some nodes, so only `data`."""
    fields: dict[str, JsonValue] = {"data": to_data(request.data)}
    if request.to is not None:
        fields["to"] = request.to
    if request.sender is not None:
        fields["from"] = request.sender
    if request.value_wei:
        fields["value"] = to_quantity(request.value_wei)
    if request.gas_limit is not None:
        fields["gas"] = to_quantity(request.gas_limit)
    return fields


def filter_json(wanted: LogFilter) -> dict[str, JsonValue]:
    """Encode a log filter."""
    topics: list[JsonValue] = []
    for topic in wanted.topics:
        if isinstance(topic, tuple):
            topics.append([to_data(word) for word in topic])
        else:
            topics.append(None if topic is None else to_data(topic))
    fields: dict[str, JsonValue] = {
        "fromBlock": to_quantity(wanted.from_block),
        "toBlock": to_quantity(wanted.to_block),
        "topics": topics,
    }
    if wanted.addresses:
        fields["address"] = list(wanted.addresses)
    return fields


def _address(fields: Fields, name: str) -> str:
    return checksum_address(bytes_field(fields, name, length=20))


def _optional_address(fields: Fields, name: str) -> str | None:
    return None if fields.get(name) is None else _address(fields, name)


def _optional_quantity(fields: Fields, name: str, *, bits: int = 256) -> int | None:
    return None if fields.get(name) is None else read_quantity(fields[name], name, bits=bits)


def _optional_bytes(fields: Fields, name: str) -> bytes | None:
    return None if fields.get(name) is None else bytes_field(fields, name, length=32)
