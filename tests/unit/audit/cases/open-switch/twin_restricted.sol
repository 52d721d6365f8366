pragma solidity ^0.8.0;

contract Sale {
    address owner = msg.sender;
    bool public paused;
    mapping(address => bool) public mute;

    function pause() external {
        require(msg.sender == owner);
        paused = true;
    }

    function silence() external {
        mute[msg.sender] = true;
    }

    function buy() external payable {
        require(!paused && !mute[msg.sender]);
        payable(owner).transfer(msg.value);
    }
}
