// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Fwd {
    address payable public immutable sink;
    mapping(address => uint256) public given;
    constructor(address payable s) { sink = s; }
    function forwardFunds() external payable {
        given[msg.sender] += msg.value;
        (bool ok, ) = sink.call{value: msg.value}("");  // fault
        emit Forwarded(msg.sender, ok);
    }
    event Forwarded(address who, bool ok);
}
