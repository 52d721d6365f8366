pragma solidity ^0.8.0;

contract Sale {
    address owner = msg.sender;
    bool public paused;

    modifier mine() {
        require(msg.sender == owner);
        _;
    }

    function pause() external {
        paused = true; // fault
    }

    function go() external mine {
        paused = false;
    }

    function buy() external payable {
        require(!paused);
        payable(owner).transfer(msg.value);
    }
}
