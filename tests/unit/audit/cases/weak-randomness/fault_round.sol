pragma solidity ^0.8.20;
contract Draw {
    uint64 internal start;
    uint64 internal length;
    address payable[] internal players;
    function draw() external {
        uint256 at = (block.timestamp - start) % length; // fault
        players[at].transfer(1);
    }
    function even() external {
        if ((block.timestamp - start) % length == 7) payable(msg.sender).transfer(1); // fault
    }
}
