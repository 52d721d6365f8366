pragma solidity ^0.8.0;

contract Chest {
    bytes32 public digest;
    mapping(bytes32 => uint256) private amounts;

    constructor(bytes32 chosen) payable {
        digest = chosen;
    }

    function take(bytes32 given, uint256 amount) external {
        require(keccak256(abi.encode(given)) == digest);
        require(amounts[given] == amount);
        payable(msg.sender).transfer(address(this).balance);
    }
}
