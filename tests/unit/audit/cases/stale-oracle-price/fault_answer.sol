pragma solidity 0.6.12;

interface IFeed {
    function decimals() external view returns (uint8);
    function latestAnswer() external view returns (int256);
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80);
}

contract Lender {
    IFeed feed;
    mapping(address => uint256) public owed;

    function borrow() external payable {
        int256 answer = feed.latestAnswer(); // fault
        require(answer > 0);
        owed[msg.sender] = owed[msg.sender] + uint256(answer) * msg.value;
    }
}
