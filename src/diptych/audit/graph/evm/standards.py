"""Functions of published standards by selector: ERC-20, 165, 721, 1155, 2612, 4626, price feeds."""

from typing import Final

__all__ = ["STANDARD_FUNCTIONS"]

STANDARD_FUNCTIONS: Final = {
    "a9059cbb": ("transfer", ""),
    "23b872dd": ("transferFrom", ""),
    "095ea7b3": ("approve", ""),
    "70a08231": ("balanceOf", "view"),
    "dd62ed3e": ("allowance", "view"),
    "18160ddd": ("totalSupply", "view"),
    "313ce567": ("decimals", "view"),
    "95d89b41": ("symbol", "view"),
    "06fdde03": ("name", "view"),
    "8da5cb5b": ("owner", "view"),
    "01ffc9a7": ("supportsInterface", "view"),
    "42842e0e": ("safeTransferFrom", ""),
    "b88d4fde": ("safeTransferFrom", ""),
    "f242432a": ("safeTransferFrom", ""),
    "2eb2c2d6": ("safeBatchTransferFrom", ""),
    "150b7a02": ("onERC721Received", ""),
    "f23a6e61": ("onERC1155Received", ""),
    "bc197c81": ("onERC1155BatchReceived", ""),
    "0023de29": ("tokensReceived", ""),
    "75ab0056": ("tokensToSend", ""),
    "6352211e": ("ownerOf", "view"),
    "081812fc": ("getApproved", "view"),
    "e985e9c5": ("isApprovedForAll", "view"),
    "a22cb465": ("setApprovalForAll", ""),
    "d505accf": ("permit", ""),
    "1626ba7e": ("isValidSignature", "view"),
    "feaf968c": ("latestRoundData", "view"),
    "50d25bcd": ("latestAnswer", "view"),
    "d0e30db0": ("deposit", ""),
    "2e1a7d4d": ("withdraw", ""),
}
