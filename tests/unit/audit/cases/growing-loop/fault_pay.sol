// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Split {
    address payable[] public members;

    function join() external {
        members.push(payable(msg.sender));
    }

    function share() external payable {
        uint256 part = msg.value / members.length;
        for (uint256 i = 0; i < members.length; i++) { // fault
            (bool ok, ) = members[i].call{value: part}("");
            ok;
        }
    }
}
