pragma solidity ^0.8.0;

contract Front {
    address public code;
    address public admin;

    fallback() external payable {
        (bool ok, ) = code.delegatecall(msg.data);
        require(ok);
    }
}

contract Counter {
    address public code;
    address public admin;
    uint256 public count;

    function add(uint256 by) external {
        count += by;
    }
}
