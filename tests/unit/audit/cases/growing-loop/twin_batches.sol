// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Split {
    address payable[] public members;
    address payable[] public few;
    mapping(address => uint256) public due;

    function join() external {
        members.push(payable(msg.sender));
    }

    function joinFew() external {
        require(few.length < 20, "full");
        few.push(payable(msg.sender));
    }

    function share(uint256 from, uint256 count) external {
        uint256 end = from + count;
        if (end > members.length) end = members.length;
        for (uint256 i = from; i < end; i++) {
            due[members[i]] += 1;
        }
    }

    function shareFew() external {
        for (uint256 i = 0; i < few.length; i++) {
            due[few[i]] += 1;
        }
    }
}
