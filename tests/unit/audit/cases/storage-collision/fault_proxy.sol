pragma solidity ^0.8.0;

contract Front {
    address public code;
    address public admin;

    constructor(address first) {
        code = first;
        admin = msg.sender;
    }

    fallback() external payable {
        address target = code;
        assembly {
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), target, 0, calldatasize(), 0, 0) // fault
            returndatacopy(0, 0, returndatasize())
            switch ok
            case 0 { revert(0, returndatasize()) }
            default { return(0, returndatasize()) }
        }
    }
}

contract Counter {
    uint256 public count;
    bool public open;

    function add(uint256 by) external {
        count += by;
    }
}
