// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

interface IToken { function transfer(address to, uint256 value) external returns (bool); }

library SafeCast {
    function toUint64(uint256 x) internal pure returns (uint64) { require(x <= type(uint64).max, "cast"); return uint64(x); }
    function toUint128(uint256 x) internal pure returns (uint128) { require(x <= type(uint128).max, "cast"); return uint128(x); }
}

contract Vesting {
    using SafeCast for uint256;
    struct Grant { uint128 total; uint128 taken; uint64 start; uint64 length; }
    IToken public immutable token;
    address public admin;
    bool private ready;
    mapping(address => Grant) public grants;

    constructor(IToken t) { token = t; admin = msg.sender; }

    function setup(address boss) external {
        require(!ready, "ready"); //- open-initialiser
        ready = true;
        require(msg.sender == admin, "admin"); //- no-caller-check
        admin = boss;
    }

    function grant(address who, uint256 amount, uint256 length) external {
        require(msg.sender == admin, "admin");
        require(length > 0);
        grants[who] = Grant(amount.toUint128(), 0, uint64(block.timestamp), length.toUint64());
    }

    function _vested(Grant storage g) internal view returns (uint256) {
        uint256 gone = block.timestamp - g.start;
        if (gone >= g.length) return g.total;
        return (uint256(g.total) * gone) / g.length;
    }

    function claim(uint256 amount) external {
        Grant storage g = grants[msg.sender];
        require(_vested(g) >= uint256(g.taken) + amount, "early");
        g.taken += amount.toUint128();
        require(token.transfer(msg.sender, amount), "pay");
    }

    function giveUp(uint256 amount) external {
        Grant storage g = grants[msg.sender];
        require(g.total - g.taken >= amount, "more"); //- dropped-bound
        unchecked { g.total = uint128(g.total - amount); }
    }
}
