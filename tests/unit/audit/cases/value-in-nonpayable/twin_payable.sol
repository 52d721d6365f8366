pragma solidity ^0.8.0;

contract Shop {
    uint256 sold;

    modifier costs(uint256 price) {
        require(msg.value >= price);
        _;
    }

    function buy() external payable costs(1 ether) {
        sold += 1;
    }
}
