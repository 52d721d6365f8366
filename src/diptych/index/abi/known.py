"""Events of standards and of contracts that many chains have, by name.

Sources: ERC-20, 173, 721, 1155, 1967, 4626, 4337, OpenZeppelin Contracts 5, Uniswap v2, v3 and
Permit2, WETH9, Chainlink's AggregatorV3, Safe 1.3 and 1.4.
"""

from diptych.contracts import known_abis
from diptych.index.abi.reading import Abi, read_abi
from diptych.index.abi.types import BadAbi
from diptych_verify.json_syntax import shown

_ERC20 = """
Transfer(address indexed from, address indexed to, uint256 value)
Approval(address indexed owner, address indexed spender, uint256 value)
"""
_OWNABLE = """
OwnershipTransferred(address indexed previousOwner, address indexed newOwner)
"""
_KNOWN = {
    "erc20": _ERC20,
    "erc721": """
Transfer(address indexed from, address indexed to, uint256 indexed tokenId)
Approval(address indexed owner, address indexed approved, uint256 indexed tokenId)
ApprovalForAll(address indexed owner, address indexed operator, bool approved)
""",
    "erc1155": """
TransferSingle(address indexed operator, address indexed from, address indexed to, uint256 id, \
uint256 value)
TransferBatch(address indexed operator, address indexed from, address indexed to, uint256[] ids, \
uint256[] values)
ApprovalForAll(address indexed account, address indexed operator, bool approved)
URI(string value, uint256 indexed id)
""",
    "erc4626": _ERC20
    + """
Deposit(address indexed sender, address indexed owner, uint256 assets, uint256 shares)
Withdraw(address indexed sender, address indexed receiver, address indexed owner, \
uint256 assets, uint256 shares)
""",
    "weth": """
Transfer(address indexed src, address indexed dst, uint256 wad)
Approval(address indexed src, address indexed guy, uint256 wad)
Deposit(address indexed dst, uint256 wad)
Withdrawal(address indexed src, uint256 wad)
""",
    "ownable": _OWNABLE,
    "ownable2step": _OWNABLE
    + """
OwnershipTransferStarted(address indexed previousOwner, address indexed newOwner)
""",
    "access-control": """
RoleGranted(bytes32 indexed role, address indexed account, address indexed sender)
RoleRevoked(bytes32 indexed role, address indexed account, address indexed sender)
RoleAdminChanged(bytes32 indexed role, bytes32 indexed previousAdminRole, \
bytes32 indexed newAdminRole)
""",
    "pausable": """
Paused(address account)
Unpaused(address account)
""",
    "initializable": "Initialized(uint64 version)",
    "erc1967": """
Upgraded(address indexed implementation)
AdminChanged(address previousAdmin, address newAdmin)
BeaconUpgraded(address indexed beacon)
""",
    "uniswap-v2-factory": """
PairCreated(address indexed token0, address indexed token1, address pair, uint256)
""",
    "uniswap-v2-pair": _ERC20
    + """
Mint(address indexed sender, uint256 amount0, uint256 amount1)
Burn(address indexed sender, uint256 amount0, uint256 amount1, address indexed to)
Swap(address indexed sender, uint256 amount0In, uint256 amount1In, uint256 amount0Out, \
uint256 amount1Out, address indexed to)
Sync(uint112 reserve0, uint112 reserve1)
""",
    "uniswap-v3-factory": """
OwnerChanged(address indexed oldOwner, address indexed newOwner)
PoolCreated(address indexed token0, address indexed token1, uint24 indexed fee, \
int24 tickSpacing, address pool)
FeeAmountEnabled(uint24 indexed fee, int24 indexed tickSpacing)
""",
    "uniswap-v3-pool": """
Initialize(uint160 sqrtPriceX96, int24 tick)
Mint(address sender, address indexed owner, int24 indexed tickLower, int24 indexed tickUpper, \
uint128 amount, uint256 amount0, uint256 amount1)
Collect(address indexed owner, address recipient, int24 indexed tickLower, \
int24 indexed tickUpper, uint128 amount0, uint128 amount1)
Burn(address indexed owner, int24 indexed tickLower, int24 indexed tickUpper, uint128 amount, \
uint256 amount0, uint256 amount1)
Swap(address indexed sender, address indexed recipient, int256 amount0, int256 amount1, \
uint160 sqrtPriceX96, uint128 liquidity, int24 tick)
Flash(address indexed sender, address indexed recipient, uint256 amount0, uint256 amount1, \
uint256 paid0, uint256 paid1)
IncreaseObservationCardinalityNext(uint16 observationCardinalityNextOld, \
uint16 observationCardinalityNextNew)
SetFeeProtocol(uint8 feeProtocol0Old, uint8 feeProtocol1Old, uint8 feeProtocol0New, \
uint8 feeProtocol1New)
CollectProtocol(address indexed sender, address indexed recipient, uint128 amount0, \
uint128 amount1)
""",
    "permit2": """
Approval(address indexed owner, address indexed token, address indexed spender, uint160 amount, \
uint48 expiration)
Permit(address indexed owner, address indexed token, address indexed spender, uint160 amount, \
uint48 expiration, uint48 nonce)
Lockdown(address indexed owner, address token, address spender)
NonceInvalidation(address indexed owner, address indexed token, address indexed spender, \
uint48 newNonce, uint48 oldNonce)
UnorderedNonceInvalidation(address indexed owner, uint256 word, uint256 mask)
""",
    "erc4337-entry-point": """
UserOperationEvent(bytes32 indexed userOpHash, address indexed sender, \
address indexed paymaster, uint256 nonce, bool success, uint256 actualGasCost, \
uint256 actualGasUsed)
AccountDeployed(bytes32 indexed userOpHash, address indexed sender, address factory, \
address paymaster)
UserOperationRevertReason(bytes32 indexed userOpHash, address indexed sender, uint256 nonce, \
bytes revertReason)
BeforeExecution()
Deposited(address indexed account, uint256 totalDeposit)
Withdrawn(address indexed account, address withdrawAddress, uint256 amount)
StakeLocked(address indexed account, uint256 totalStaked, uint256 unstakeDelaySec)
StakeUnlocked(address indexed account, uint256 withdrawTime)
StakeWithdrawn(address indexed account, address withdrawAddress, uint256 amount)
SignatureAggregatorChanged(address indexed aggregator)
""",
    "safe": """
SafeSetup(address indexed initiator, address[] owners, uint256 threshold, address initializer, \
address fallbackHandler)
ExecutionSuccess(bytes32 indexed txHash, uint256 payment)
ExecutionFailure(bytes32 indexed txHash, uint256 payment)
ExecutionSuccess(bytes32 txHash, uint256 payment)
ExecutionFailure(bytes32 txHash, uint256 payment)
AddedOwner(address indexed owner)
RemovedOwner(address indexed owner)
ChangedThreshold(uint256 threshold)
SafeReceived(address indexed sender, uint256 value)
""",
    "chainlink-aggregator": """
AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt)
NewRound(uint256 indexed roundId, address indexed startedBy, uint256 startedAt)
""",
}


def known_names() -> tuple[str, ...]:
    """Return all names that `known_abi` knows, sorted; our own contracts by theirs."""
    return tuple(sorted((*_KNOWN, *known_abis())))


def known_abi(name: str) -> Abi:
    """Return the events of a standard, or of one of our own contracts.

    Raises:
        BadAbi: none has that name.

    >>> [event.signature for event in known_abi("erc20").events]
    ['Transfer(address,address,uint256)', 'Approval(address,address,uint256)']
    """
    if name in _KNOWN:
        return read_abi(_KNOWN[name], name)
    own = known_abis()
    if name in own:
        return read_abi([dict(item) for item in own[name]], name)
    known = ", ".join(known_names())
    raise BadAbi(f"got ABI {shown(name)}, expected one of: {known}")
