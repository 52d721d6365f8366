pragma solidity ^0.8.0;

contract Gates {
    address owner = msg.sender;
    uint256 passed;

    modifier either() {
        if (msg.sender == owner) {
            _;
        } else {
            require(passed == 0);
            _;
            passed += 1;
        }
    }

    modifier only() {
        if (msg.sender == owner) {
            _;
        } else {
            revert("no");
        }
    }

    function pass() external either only {}
}
