pragma solidity ^0.8.0;

contract Flags {
    bool public open;
    uint256 public count;

    function close() external {
        open == false; // fault
        count = 1;
        if (count > 1) {
            count == 0; // fault
        }
    }
}
