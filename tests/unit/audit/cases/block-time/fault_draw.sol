// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Draw {
    address payable first;
    address payable second;

    function pick() external {
        uint256 number = uint256(keccak256(abi.encode(block.timestamp))) % 2;
        (number == 0 ? first : second).transfer(address(this).balance); // fault
    }

    function late(uint256 since) external {
        if (block.timestamp > since + 1 minutes) { // fault
            first.transfer(1);
        }
    }
}
