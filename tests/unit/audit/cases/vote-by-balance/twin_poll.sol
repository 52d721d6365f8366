pragma solidity ^0.8.20;

interface IERC20 {
    function balanceOf(address who) external view returns (uint256);
    function transferFrom(address from, address to, uint256 v) external returns (bool);
}

contract Poll {
    IERC20 public immutable token;
    uint256 public yes;
    mapping(address => uint256) public seen;

    constructor(IERC20 t) {
        token = t;
    }

    function vote() external {
        uint256 weight = token.balanceOf(msg.sender);
        require(token.transferFrom(msg.sender, address(this), weight), "in");
        yes += weight;
    }

    function look() external {
        seen[msg.sender] += token.balanceOf(msg.sender);
    }
}
