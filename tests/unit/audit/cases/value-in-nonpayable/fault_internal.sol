pragma solidity ^0.6.0;

contract Shop {
    uint256 sold;

    function check() internal {
        if (msg.value == 0) revert(); // fault
    }

    function buy() public {
        check();
        sold += 1;
    }
}
