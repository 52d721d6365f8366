pragma solidity ^0.8.0;

contract Notes {
    address owner = msg.sender;

    function note(uint256 at, bytes32 what) external {
        bytes32 slot = keccak256(abi.encode("notes", at));
        assembly {
            sstore(slot, what)
        }
    }

    function own(uint256 at, bytes32 what) external {
        require(msg.sender == owner);
        assembly {
            sstore(at, what)
        }
    }
}
