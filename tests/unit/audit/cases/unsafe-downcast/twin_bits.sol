pragma solidity ^0.8.19;

contract Packed {
    uint256 word;
    mapping(address => uint128) low;
    mapping(address => uint128) high;
    address owner;

    function split(uint256 packed) external {
        low[msg.sender] = uint128(packed);
        high[msg.sender] = uint128(packed >> 128);
    }

    function name(uint256 packed) external {
        owner = address(uint160(packed));
    }

    function draw(bytes32 seed) external view returns (uint32) {
        return uint32(uint256(keccak256(abi.encode(seed, owner))));
    }

    function mask(uint256 packed) external {
        low[msg.sender] = uint128(packed & 0xffff);
    }
}
