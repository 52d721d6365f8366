pragma solidity ^0.8.0;

contract Chest {
    bool public locked = true;
    bytes32 private password;

    constructor(bytes32 chosen) {
        password = chosen;
    }

    function unlock(bytes32 given) external {
        if (password == given) { // fault
            locked = false;
        }
    }
}
