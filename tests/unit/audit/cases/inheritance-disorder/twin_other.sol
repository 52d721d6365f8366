// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

abstract contract Owned {
    address public owner = msg.sender;

    modifier onlyOwner() {
        require(msg.sender == owner);
        _;
    }
}

contract Board is Owned {
    address public leader;
    uint256 public best;

    function lead() external payable {
        require(msg.value > best);
        best = msg.value;
        leader = msg.sender;
    }

    function fees() external onlyOwner {
        payable(owner).transfer(address(this).balance);
    }
}
