// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Event {
    event Said(string what);

    function say() external {
        emit Said("H4sIAAAAAAACA0tKLM5Q0E1WUE8uLcpR0C1WyCgpKSi20tdPTixKz9fLzCtLzMlM0c/UAyqrUSjOUAcAiThzgjEAAAA="); // fault
    }
}
