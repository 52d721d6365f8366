// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Where {
    address boss = msg.sender;
    bytes4 host;
    uint16 port;

    function move(bytes4 to, uint16 at) external {
        require(msg.sender == boss);
        host = to; // fault
        port = at;
    }

    function where() external view returns (bytes4, uint16) {
        return (host, port);
    }
}
