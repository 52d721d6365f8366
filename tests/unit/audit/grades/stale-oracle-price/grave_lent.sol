pragma solidity ^0.8.20;
interface IFeed {
    function latestAnswer() external view returns (int256);
}
contract Bank {
    IFeed internal feed;
    mapping(address => uint256) internal held;
    mapping(address => uint256) internal lent;
    function worth(address who) public view returns (uint256) {
        return held[who] * uint256(feed.latestAnswer()) / 1e18; // here
    }
    function lend(uint256 amount) external {
        require(lent[msg.sender] + amount <= worth(msg.sender));
        lent[msg.sender] += amount;
    }
}
