pragma solidity ^0.8.0;

contract Front {
    function collate_propagate_storage(bytes16 place) external {} // fault

    fallback() external payable {
        assembly {
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), sload(99), 0, calldatasize(), 0, 0)
            if iszero(ok) { revert(0, 0) }
            return(0, returndatasize())
        }
    }
}

contract Token {
    mapping(address => uint256) held;

    function burn(uint256 amount) external {
        held[msg.sender] -= amount;
    }
}
