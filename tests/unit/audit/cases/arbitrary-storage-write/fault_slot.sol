pragma solidity ^0.8.0;

contract Notes {
    address owner = msg.sender;

    function note(uint256 at, bytes32 what) external {
        assembly {
            sstore(add(at, 1), what) // fault
        }
    }
}
