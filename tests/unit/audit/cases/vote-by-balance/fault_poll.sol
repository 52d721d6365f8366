pragma solidity ^0.8.20;

interface IERC20 {
    function balanceOf(address who) external view returns (uint256);
}

contract Poll {
    IERC20 public immutable token;
    uint256 public yes;
    mapping(address => bool) public voted;

    constructor(IERC20 t) {
        token = t;
    }

    function vote() external {
        require(!voted[msg.sender], "voted");
        voted[msg.sender] = true;
        uint256 weight = token.balanceOf(msg.sender);
        yes = yes + weight; // fault
    }
}
