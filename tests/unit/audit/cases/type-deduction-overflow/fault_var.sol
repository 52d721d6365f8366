pragma solidity ^0.4.19;

contract Bonus {
    function() public payable {}

    function bonus() public payable {
        require(msg.value >= 1 ether);
        uint256 won = 0;
        for (var i = 0; i < msg.value * 2; i++) { // fault
            won = i * 2;
        }
        msg.sender.transfer(won);
    }
}
