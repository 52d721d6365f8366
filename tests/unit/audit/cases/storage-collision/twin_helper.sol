pragma solidity ^0.8.0;

contract State {
    address public helper;
    uint256 public time;
}

contract Clock is State {
    function set(uint256 value) external {
        (bool ok, ) = helper.delegatecall(abi.encodeCall(Store.store, (value)));
        require(ok);
    }
}

contract Store is State {
    function store(uint256 value) external {
        time = value;
    }
}

contract Reader {
    uint256 seen;

    function read() external view returns (uint256) {
        return seen;
    }
}
