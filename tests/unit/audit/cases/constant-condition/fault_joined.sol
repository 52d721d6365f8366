pragma solidity ^0.8.0;

contract Doors {
    address owner = msg.sender;

    function open(bool wanted) external view returns (bool) {
        require(msg.sender == owner || true); // fault
        return !wanted && wanted; // fault
    }
}
