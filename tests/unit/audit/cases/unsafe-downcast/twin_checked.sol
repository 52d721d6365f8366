pragma solidity ^0.8.19;

library Narrow {
    error TooLarge(uint256 value);

    function toUint128(uint256 value) internal pure returns (uint128) {
        if (value > type(uint128).max) revert TooLarge(value);
        return uint128(value);
    }

    function toUint96(uint256 value) internal pure returns (uint96 cut) {
        require((cut = uint96(value)) == value);
    }
}

contract Ledger {
    using Narrow for uint256;

    mapping(address => uint128) public credit;
    uint96 public total;
    uint64 public seen;
    uint8 public digit;
    uint112 public paid;

    function grant(address to, uint256 amount) external {
        credit[to] += amount.toUint128();
        total += amount.toUint96();
    }

    function touch(uint256 amount) external payable {
        seen = uint64(block.timestamp);
        digit = uint8(48 + (amount % 10));
        paid = uint112(msg.value);
    }

    function cap(uint256 amount) external {
        uint256 kept = amount > 1e30 ? 1e30 : amount;
        credit[msg.sender] = uint128(kept);
    }

    function half(uint128 amount) external {
        credit[msg.sender] = uint128((uint256(amount) * 3) / 4);
    }
}
