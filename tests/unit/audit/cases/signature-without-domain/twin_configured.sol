pragma solidity ^0.8.0;

contract Oracle {
    mapping(address => bool) signers;
    bytes32 config;
    uint256 public last;
    uint256 public sum;

    function configure(address given) external {
        config = keccak256(abi.encode(block.chainid, address(this), given));
        signers[given] = true;
    }

    function set(bytes32 tag, uint256 value, uint256 at, uint8 v, bytes32 r, bytes32 s) external {
        if (config != tag) revert();
        require(at > last);
        last = at;
        address who = ecrecover(keccak256(abi.encode(tag, value, at)), v, r, s);
        require(who != address(0) && signers[who]);
        sum += value;
    }
}
