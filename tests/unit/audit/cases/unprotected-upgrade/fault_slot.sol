pragma solidity ^0.8.0;

contract Front {
    bytes32 private constant SLOT = keccak256("front.code");

    function change(address next) public {
        bytes32 slot = SLOT;
        assembly {
            sstore(slot, next) // fault
        }
    }

    fallback() external payable {
        bytes32 slot = SLOT;
        assembly {
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), sload(slot), 0, calldatasize(), 0, 0)
            if iszero(ok) { revert(0, 0) }
            return(0, returndatasize())
        }
    }
}
