"""What a source hands over: blocks, logs and the rest of a span of one branch, as Arrow tables.

Raw tables hold bytes as the chain has them and amounts as 32 bytes, big-endian; `query` and the
handlers see text and whole numbers instead. Columns that a source was not asked for are absent.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pyarrow as pa

MAX_TOPICS = 4


class Span(NamedTuple):
    """Block numbers from `first` to `last`, both included."""

    first: int
    last: int

    @property
    def blocks(self) -> int:
        """How many blocks.

        >>> Span(5, 5).blocks
        1
        """
        return self.last - self.first + 1


class BlockRef(NamedTuple):
    """One block of one branch.

    Attributes:
        number: height.
        hash: 32 bytes.
        parent_hash: 32 bytes.
        timestamp_s: seconds since the epoch, on the chain's word.
    """

    number: int
    hash: bytes
    parent_hash: bytes
    timestamp_s: int


class LogSelector(NamedTuple):
    """Logs of some contracts, or of some events of any contract.

    Attributes:
        addresses: 20 bytes each; empty for all.
        topics: first topics, 32 bytes each; empty for all.
        stream: what the logs are cached under; the same for the same declaration, also while a
            factory adds addresses.
        since: first block whose logs matter; a source may give earlier ones all the same.
    """

    addresses: frozenset[bytes] = frozenset()
    topics: frozenset[bytes] = frozenset()
    stream: str = ""
    since: int = 0


@dataclass(frozen=True)
class Wanted:
    """What to fetch of a span.

    Attributes:
        logs: a log is wanted if any of these selects it; empty for no logs.
        transactions: whether all transactions are wanted.
        receipts: whether all receipts are wanted; then all logs come too.
        traces: whether call traces are wanted; refused where the endpoint offers none.
        verified: whether header hashes, transactions, receipts and blooms are recomputed.
        links: whether every block of the span is wanted in `blocks`, not only those with rows.
    """

    logs: tuple[LogSelector, ...] = ()
    transactions: bool = False
    receipts: bool = False
    traces: bool = False
    verified: bool = False
    links: bool = False


@dataclass(frozen=True)
class Chunk:
    """Everything wanted of a span of one branch, in chain order.

    Attributes:
        span: block numbers it covers, whether or not anything happened in them.
        last: the last block of the span.
        blocks: of schema `blocks_schema()`; at least each block that has a row in another table.
        logs: of schema `logs_schema()`.
        transactions: of schema `transactions_schema()`, or None.
        receipts: of schema `receipts_schema()`, or None.
        traces: of schema `traces_schema()`, or None.
    """

    span: Span
    last: BlockRef
    blocks: "pa.Table"
    logs: "pa.Table"
    transactions: "pa.Table | None" = None
    receipts: "pa.Table | None" = None
    traces: "pa.Table | None" = None


def blocks_schema() -> "pa.Schema":
    """Return the columns of blocks; only number, hash and time are always filled.

    `parent_hash` is null where links were not wanted and the logs alone told of a block.
    """
    return _schema(
        "number:int64 hash:32 parent_hash:32 timestamp_s:int64 miner:20 nonce:8 sha3_uncles:32 "
        "logs_bloom:256 transactions_root:32 state_root:32 receipts_root:32 withdrawals_root:32 "
        "difficulty:amount total_difficulty:amount size:int64 extra_data:bytes gas_limit:int64 "
        "gas_used:int64 base_fee_per_gas:amount blob_gas_used:int64 excess_blob_gas:int64 "
        "transaction_count:int32 withdrawals:withdrawals",
        filled=4,
        open_="parent_hash",
    )


def logs_schema() -> "pa.Schema":
    """Return the columns of logs; absent topics are null."""
    return _schema(
        "block_number:int64 log_index:int32 transaction_index:int32 block_hash:32 "
        "transaction_hash:32 address:20 data:bytes topic0:32 topic1:32 topic2:32 topic3:32",
        filled=7,
    )


def transactions_schema() -> "pa.Schema":
    """Return the columns of transactions; `to_address` is null for a creation."""
    return _schema(
        "block_number:int64 transaction_index:int32 block_hash:32 hash:32 from_address:20 "
        "nonce:int64 value:amount gas:int64 input:bytes transaction_type:int32 to_address:20 "
        "gas_price:amount max_fee_per_gas:amount max_priority_fee_per_gas:amount "
        "max_fee_per_blob_gas:amount blob_versioned_hashes:hashes",
        filled=10,
    )


def receipts_schema() -> "pa.Schema":
    """Return the columns of receipts; `status` is null and `root` filled before Byzantium.

    What a rollup pays for its place on the chain below (`l1_*`) is null elsewhere.
    """
    return _schema(
        "block_number:int64 transaction_index:int32 block_hash:32 transaction_hash:32 "
        "cumulative_gas_used:int64 gas_used:int64 contract_address:20 root:32 status:int32 "
        "effective_gas_price:amount logs_bloom:256 transaction_type:int32 blob_gas_price:amount "
        "blob_gas_used:int64 l1_fee:amount l1_gas_used:amount l1_gas_price:amount "
        "l1_fee_scalar:text",
        filled=6,
    )


def traces_schema() -> "pa.Schema":
    """Return the columns of call traces (Parity's flat form); `trace_address` is `0.1.2`."""
    return _schema(
        "block_number:int64 transaction_index:int32 trace_address:text trace_type:text "
        "call_type:text reward_type:text transaction_hash:32 from_address:20 to_address:20 "
        "value:amount gas:int64 gas_used:int64 subtraces:int32 input:bytes output:bytes error:text "
        "status:int32",
        filled=1,
    )


def _schema(columns: str, *, filled: int, open_: str = "") -> "pa.Schema":
    import pyarrow as pa

    kinds = {
        "int32": pa.int32(),
        "int64": pa.int64(),
        "bytes": pa.binary(),
        "text": pa.string(),
        "amount": pa.binary(32),
        "hashes": pa.list_(pa.binary(32)),
        "withdrawals": pa.list_(_withdrawal()),
    }
    fields = []
    for place, column in enumerate(columns.split()):
        name, kind = column.split(":")
        type_ = kinds[kind] if kind in kinds else pa.binary(int(kind))
        fields.append(pa.field(name, type_, nullable=place >= filled or name == open_))
    return pa.schema(fields)


def _withdrawal() -> "pa.DataType":
    """Return the type of one withdrawal (EIP-4895); `amount` is in gwei."""
    import pyarrow as pa

    return pa.struct(
        [
            ("index", pa.int64()),
            ("validator_index", pa.int64()),
            ("address", pa.binary(20)),
            ("amount", pa.int64()),
        ]
    )
