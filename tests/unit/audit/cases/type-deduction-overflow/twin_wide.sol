pragma solidity ^0.4.19;

contract Bonus {
    function() public payable {}

    function bonus() public payable {
        require(msg.value >= 1 ether);
        uint256 won = 0;
        for (uint256 i = 0; i < msg.value * 2; i += 1 finney) {
            won = i;
        }
        msg.sender.transfer(won);
    }
}
