// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Runner {
    mapping(address => bool) public listed;
    address public plugin;
    address immutable owner = msg.sender;

    modifier onlyOwner() {
        if (msg.sender != owner) revert();
        _;
    }

    function list(address code) external onlyOwner {
        listed[code] = true;
    }

    function run(address code, bytes calldata data) external {
        require(listed[code], "unlisted");
        (bool ok, ) = code.delegatecall(data);
        require(ok);
    }

    function setPlugin(address code) external onlyOwner {
        plugin = code;
    }

    function plug(bytes calldata data) external {
        (bool ok, ) = plugin.delegatecall(data);
        require(ok);
    }

    function simulate(address code, bytes calldata data) external {
        (bool ok, bytes memory answer) = code.delegatecall(data);
        revert(string(abi.encode(ok, answer)));
    }
}
