// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Runner {
    mapping(address => bool) public listed;
    address public plugin;
    address immutable owner = msg.sender;

    function list(address code) external {
        listed[code] = true;
    }

    function run(address code, bytes calldata data) external {
        require(listed[code], "unlisted");
        (bool ok, ) = code.delegatecall(data); // fault
        require(ok);
    }

    function setPlugin(address code) external {
        plugin = code;
    }

    function plug(bytes calldata data) external {
        (bool ok, ) = plugin.delegatecall(data); // fault
        require(ok);
    }
}
