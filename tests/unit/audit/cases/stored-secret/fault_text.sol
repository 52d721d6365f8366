pragma solidity ^0.8.0;

contract Chest {
    string private word;

    constructor(string memory chosen) payable {
        word = chosen;
    }

    function take(string calldata given) external {
        require(keccak256(bytes(given)) == keccak256(bytes(word))); // fault
        payable(msg.sender).transfer(address(this).balance);
    }
}
