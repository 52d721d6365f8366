pragma solidity ^0.8.0;

interface IFeed {
    function decimals() external view returns (uint8);
    function latestAnswer() external view returns (int256);
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80);
}

contract Lender {
    IFeed feed;
    mapping(address => uint256) public owed;

    function price() public view returns (uint256) {
        (, int256 answer, , , ) = feed.latestRoundData(); // fault
        require(answer > 0);
        return uint256(answer);
    }

    function other() public view returns (uint256) {
        (uint80 round, int256 answer, , uint256 updated, ) = feed.latestRoundData(); // fault
        require(answer > 0 && round > 0);
        updated;
        return uint256(answer);
    }
}
