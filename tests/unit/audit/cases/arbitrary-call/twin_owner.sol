pragma solidity ^0.8.0;

contract Wallet {
    address immutable owner = msg.sender;
    mapping(bytes32 => uint256) ready;

    function run(address target, bytes calldata data) external {
        require(msg.sender == owner);
        (bool ok, ) = target.call(data);
        require(ok);
    }

    function queue(address target, bytes calldata data) external {
        require(msg.sender == owner);
        ready[keccak256(abi.encode(target, data))] = block.timestamp + 1 days;
    }

    function runQueued(address target, bytes calldata data) external {
        uint256 time = ready[keccak256(abi.encode(target, data))];
        require(time != 0 && time <= block.timestamp);
        (bool ok, ) = target.call(data);
        require(ok);
    }
}
