pragma solidity ^0.8.0;

contract Clock {
    address public helper;
    uint256 public time;

    constructor(address chosen) {
        helper = chosen;
    }

    function set(uint256 value) external {
        (bool ok, ) = helper.delegatecall(abi.encodeWithSignature("store(uint256)", value)); // fault
        require(ok);
    }
}

contract Store {
    uint256 public stored;

    function store(uint256 value) external {
        stored = value;
    }
}
