pragma solidity ^0.8.0;

contract Front {
    bytes32 private constant SLOT = bytes32(uint256(keccak256("eip1967.proxy.implementation")) - 1);

    fallback() external payable {
        bytes32 slot = SLOT;
        assembly {
            let target := sload(slot)
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), target, 0, calldatasize(), 0, 0)
            switch ok
            case 0 { revert(0, 0) }
            default { return(0, returndatasize()) }
        }
    }
}

contract Counter {
    uint256 public count;

    function add(uint256 by) external {
        count += by;
    }
}
