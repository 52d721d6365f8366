// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Points {
    mapping(address => uint256) public of;

    function burn(address who, uint256 amount) external {
        of[who] -= amount;
    }
}

contract Exit {
    Points points;
    mapping(address => uint256) public due;

    constructor(Points given) {
        points = given;
    }

    function leave(uint256 amount) external {
        due[msg.sender] -= amount;
        (bool ok, ) = msg.sender.call{value: amount}("");
        require(ok);
        points.burn(msg.sender, amount);
    }
}
