"""The interfaces that come with Vyper's compiler, by the names they are imported under."""

__all__ = ["STANDARDS"]

_ERC20 = """
@view
@external
def totalSupply() -> uint256: ...
@view
@external
def balanceOf(owner: address) -> uint256: ...
@view
@external
def allowance(owner: address, spender: address) -> uint256: ...
@external
def transfer(to: address, value: uint256) -> bool: ...
@external
def transferFrom(owner: address, to: address, value: uint256) -> bool: ...
@external
def approve(spender: address, value: uint256) -> bool: ...
"""
_DETAILED = """
@view
@external
def name() -> String[100]: ...
@view
@external
def symbol() -> String[100]: ...
@view
@external
def decimals() -> uint8: ...
"""
_ERC165 = """
@view
@external
def supportsInterface(id: bytes4) -> bool: ...
"""
_ERC721 = """
@view
@external
def balanceOf(owner: address) -> uint256: ...
@view
@external
def ownerOf(token: uint256) -> address: ...
@view
@external
def getApproved(token: uint256) -> address: ...
@view
@external
def isApprovedForAll(owner: address, operator: address) -> bool: ...
@payable
@external
def transferFrom(owner: address, to: address, token: uint256): ...
@payable
@external
def safeTransferFrom(owner: address, to: address, token: uint256, data: Bytes[1024] = b""): ...
@payable
@external
def approve(to: address, token: uint256): ...
@external
def setApprovalForAll(operator: address, approved: bool): ...
"""
_RECEIVER = """
@external
def onERC721Received(
    operator: address, owner: address, token: uint256, data: Bytes[1024]
) -> bytes4: ...
"""
_SHARES = (
    "convertToShares",
    "convertToAssets",
    "previewDeposit",
    "previewMint",
    "previewRedeem",
    "previewWithdraw",
)
_LIMITS = ("maxDeposit", "maxMint", "maxRedeem", "maxWithdraw")
_ERC4626 = "\n".join(
    [
        "@view\n@external\ndef asset() -> address: ...",
        "@view\n@external\ndef totalAssets() -> uint256: ...",
        *(f"@view\n@external\ndef {name}(amount: uint256) -> uint256: ..." for name in _SHARES),
        *(f"@view\n@external\ndef {name}(who: address) -> uint256: ..." for name in _LIMITS),
        *(
            f"@external\ndef {name}(amount: uint256, to: address = msg.sender) -> uint256: ..."
            for name in ("deposit", "mint")
        ),
        *(
            f"@external\ndef {name}(amount: uint256, to: address = msg.sender,"
            " owner: address = msg.sender) -> uint256: ..."
            for name in ("withdraw", "redeem")
        ),
    ]
)
_TEXTS = {
    "ERC20": _ERC20,
    "ERC20Detailed": _DETAILED,
    "ERC165": _ERC165,
    "ERC721": _ERC721,
    "ERC721Receiver": _RECEIVER,
    "ERC4626": _ERC4626,
}
STANDARDS = {
    path: text
    for name, text in _TEXTS.items()
    for path in (f"vyper.interfaces.{name}", f"ethereum.ercs.I{name}")
}
