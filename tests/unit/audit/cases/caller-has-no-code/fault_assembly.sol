pragma solidity ^0.8.0;

contract Mint {
    mapping(address => uint256) held;

    modifier people() {
        require(!hasCode(msg.sender));
        _;
    }

    function hasCode(address who) internal view returns (bool) {
        uint256 size;
        assembly { size := extcodesize(who) }
        return size > 0; // fault
    }

    function mint() external people {
        held[msg.sender] += 1;
    }
}
