"""A chain behind any JSON-RPC endpoint: typed reads, and sending of already signed bytes.

The chain id is checked before the first answer is believed, and again after every broken
connection: on a taken port a client would silently talk to somebody else's chain.
"""

from collections.abc import Iterator, Sequence

from diptych.core.clock import Clock, system_clock
from diptych.core.errors import JsonValue, LedgerError
from diptych.ledger.answers import RpcCall, RpcResult
from diptych.ledger.decoding import (
    block_parameter,
    call_json,
    decode_block,
    decode_log,
    decode_receipt,
    decode_transaction,
    filter_json,
)
from diptych.ledger.errors import (
    Behind,
    BlockNotFound,
    MalformedAnswer,
    RpcRefused,
    Unreachable,
    WrongChain,
)
from diptych.ledger.log_ranges import split_logs
from diptych.ledger.quantity import COUNT_BITS, read_bytes, read_list, read_quantity, to_data
from diptych.ledger.records import (
    Block,
    BlockReference,
    CallRequest,
    Fees,
    LogEntry,
    LogFilter,
    MinedTransaction,
    Receipt,
)
from diptych.ledger.rpc import Rpc
from diptych.ledger.sending import is_already_known, refused_transaction
from diptych.ledger.transaction import transaction_hash

_DEFAULT_TIP_WEI = 1_000_000_000


class Chain:
    """Typed access to one chain."""

    def __init__(
        self, rpc: Rpc, expected_chain_id: int | None = None, *, clock: Clock = system_clock
    ) -> None:
        """Wrap an endpoint; nothing is sent yet.

        Args:
            rpc: the endpoint.
            expected_chain_id: any other chain is refused; None accepts what is there first.
            clock: seconds since the epoch, for judging how old the head is.
        """
        self.rpc = rpc
        self._expected_chain_id = expected_chain_id
        self._clock = clock
        self._checked = False

    def __repr__(self) -> str:
        return f"Chain({self.rpc.shown_url}, {self._expected_chain_id})"

    @property
    def chain_id(self) -> int:
        """The EIP-155 chain id, checked.

        Raises:
            WrongChain: the endpoint serves another chain.
        """
        if not self._checked or self._expected_chain_id is None:
            found = read_quantity(self.rpc.call("eth_chainId"), "chain id", bits=COUNT_BITS)
            if self._expected_chain_id not in {None, found}:
                raise WrongChain(
                    f"{self.rpc.shown_url}: got chain id {found}, "
                    f"expected {self._expected_chain_id}",
                    hint="another node may have taken the port: diptych chain status",
                    got=str(found),
                    expected=str(self._expected_chain_id),
                )
            self._expected_chain_id, self._checked = found, True
        return self._expected_chain_id

    def request(self, method: str, *params: JsonValue) -> JsonValue:
        """Carry out any JSON-RPC call on the checked chain."""
        _ = self.chain_id
        try:
            return self.rpc.call(method, *params)
        except Unreachable:
            self._checked = False
            raise

    def batch(self, calls: Sequence[RpcCall]) -> list[RpcResult]:
        """Carry out many calls; a call that fails alone yields its error as its result."""
        _ = self.chain_id
        try:
            return self.rpc.batch(calls)
        except Unreachable:
            self._checked = False
            raise

    def head_number(self) -> int:
        """Return the height of the newest block."""
        return read_quantity(self.request("eth_blockNumber"), "block number", bits=COUNT_BITS)

    def block_json(self, reference: BlockReference = "latest") -> dict[str, JsonValue]:
        """Return the endpoint's own JSON of a block, with transaction hashes.

        Raises:
            BlockNotFound: the endpoint does not have it.
            MalformedAnswer: another block than the one asked for.
        """
        if isinstance(reference, bytes):
            raw = self.request("eth_getBlockByHash", to_data(reference), False)
        else:
            raw = self.request("eth_getBlockByNumber", block_parameter(reference), False)
        shown = to_data(reference) if isinstance(reference, bytes) else str(reference)
        if raw is None:
            raise BlockNotFound(f"{self.rpc.shown_url}: got no block {shown}")
        if not isinstance(raw, dict):
            raise MalformedAnswer(f"got block {shown} that is not an object")
        return raw

    def block(self, reference: BlockReference = "latest") -> Block:
        """Return a block by number, hash or tag.

        Raises:
            BlockNotFound: the endpoint does not have it.
            MalformedAnswer: another block than the one asked for.
        """
        block = decode_block(self.block_json(reference))
        if (isinstance(reference, int) and block.number != reference) or (
            isinstance(reference, bytes) and block.hash != reference
        ):
            raise MalformedAnswer(f"got block {block.number}, expected another one")
        return block

    def finalized_block(self) -> Block | None:
        """Return the newest finalized block, or None where the chain has no such tag."""
        try:
            return self.block("finalized")
        except (BlockNotFound, RpcRefused):
            return None

    def require_fresh(self, max_age_s: float) -> Block:
        """Return the head if it is recent.

        Raises:
            Behind: the head is older than `max_age_s`.
        """
        head = self.block("latest")
        age_s = self._clock() - head.timestamp_s
        if age_s > max_age_s:
            raise Behind(
                f"{self.rpc.shown_url}: the newest block {head.number} is {age_s:.0f} s old, "
                f"expected at most {max_age_s:.0f} s",
                hint="the node is syncing or cut off: diptych chain doctor",
            )
        return head

    def receipt(self, hash_: bytes) -> Receipt | None:
        """Return the receipt of a mined transaction, or None."""
        raw = self.request("eth_getTransactionReceipt", to_data(hash_))
        return None if raw is None else self._own_receipt(raw, hash_)

    def receipts(self, hashes: Sequence[bytes]) -> list[Receipt | None]:
        """Return the receipts of many transactions in one batch."""
        calls = [RpcCall("eth_getTransactionReceipt", [to_data(hash_)]) for hash_ in hashes]
        found: list[Receipt | None] = []
        for hash_, raw in zip(hashes, self.batch(calls), strict=True):
            if isinstance(raw, LedgerError):
                raise raw
            found.append(None if raw is None else self._own_receipt(raw, hash_))
        return found

    @staticmethod
    def _own_receipt(raw: JsonValue, hash_: bytes) -> Receipt:
        receipt = decode_receipt(raw)
        if receipt.transaction_hash != hash_:
            raise MalformedAnswer("got the receipt of another transaction")
        return receipt

    def block_receipts(self, reference: BlockReference) -> list[Receipt]:
        """Return all receipts of a block, in order."""
        block = self.block(reference)
        try:
            raw = self.request("eth_getBlockReceipts", block_parameter(block.number))
        except RpcRefused as error:
            if not error.unsupported:
                raise
            raw = None
        if raw is None:
            receipts = [r for r in self.receipts(block.transactions) if r is not None]
        else:
            receipts = [decode_receipt(item) for item in read_list(raw, "receipts")]
        if [r.transaction_hash for r in receipts] != list(block.transactions):
            raise MalformedAnswer(
                f"got {len(receipts)} receipts of block {block.number}, "
                f"expected those of its {len(block.transactions)} transactions"
            )
        return receipts

    def transaction(self, hash_: bytes) -> MinedTransaction | None:
        """Return a pending or mined transaction, or None."""
        raw = self.request("eth_getTransactionByHash", to_data(hash_))
        return None if raw is None else decode_transaction(raw)

    def logs(self, wanted: LogFilter) -> Iterator[LogEntry]:
        """Yield the events of a range, oldest first, in as many queries as it takes."""
        return split_logs(wanted, self._query_logs)

    def _query_logs(self, wanted: LogFilter) -> list[LogEntry]:
        raw = self.request("eth_getLogs", filter_json(wanted))
        return [decode_log(item) for item in read_list(raw, "logs")]

    def call(self, request: CallRequest, block: BlockReference = "latest") -> bytes:
        """Try a message call and return what it returns.

        Raises:
            Reverted: the contract refused.
        """
        raw = self.request("eth_call", call_json(request), block_parameter(block))
        return read_bytes(raw, "result")

    def estimate_gas(self, request: CallRequest) -> int:
        """Return how much gas a transaction would need.

        Raises:
            Reverted: the contract would refuse.
        """
        return read_quantity(
            self.request("eth_estimateGas", call_json(request)), "gas", bits=COUNT_BITS
        )

    def fees(self) -> Fees:
        """Return what gas costs now (EIP-1559)."""
        base_fee_wei = self.block("latest").base_fee_wei or 0
        try:
            # Where gas is free, nodes still propose a tip, which an empty account could not pay.
            if base_fee_wei == 0 and read_quantity(self.request("eth_gasPrice"), "gas price") == 0:
                return Fees(0, 0, 0)
            tip_wei = read_quantity(self.request("eth_maxPriorityFeePerGas"), "tip")
        except RpcRefused:
            tip_wei = _DEFAULT_TIP_WEI
        return Fees(base_fee_wei, tip_wei, 2 * base_fee_wei + tip_wei)

    def nonce(self, address: str, block: BlockReference = "latest") -> int:
        """Return how many transactions an address has sent as of `block`."""
        raw = self.request("eth_getTransactionCount", address, block_parameter(block))
        return read_quantity(raw, "nonce", bits=COUNT_BITS)

    def code(self, address: str, block: BlockReference = "latest") -> bytes:
        """Return a contract's code, empty for other addresses."""
        return read_bytes(self.request("eth_getCode", address, block_parameter(block)), "code")

    def balance_wei(self, address: str, block: BlockReference = "latest") -> int:
        """Return what an address owns."""
        raw = self.request("eth_getBalance", address, block_parameter(block))
        return read_quantity(raw, "balance")

    def trace_transaction(self, hash_: bytes) -> JsonValue:
        """Return the call tree of a mined transaction (`callTracer`), where offered."""
        return self.request("debug_traceTransaction", to_data(hash_), {"tracer": "callTracer"})

    def send_raw(self, raw: bytes) -> bytes:
        """Hand a signed transaction to the network; repeating it is harmless.

        Returns:
            Its 32-byte hash.

        Raises:
            TransactionRefused: the endpoint does not accept it.
        """
        expected = transaction_hash(raw)
        try:
            answer = self.request("eth_sendRawTransaction", to_data(raw))
        except RpcRefused as error:
            if is_already_known(error):
                return expected
            raise refused_transaction(error) from error
        if read_bytes(answer, "transaction hash", length=32) != expected:
            raise MalformedAnswer("got another transaction hash than the bytes have")
        return expected
