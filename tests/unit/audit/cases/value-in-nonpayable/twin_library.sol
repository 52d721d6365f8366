pragma solidity ^0.8.0;

library Prices {
    function check(uint256 price) internal {
        require(msg.value >= price);
    }
}

abstract contract Base {
    function check(uint256 price) internal virtual {
        require(msg.value >= price);
    }
}

contract Shop {
    uint256 sold;

    function buy() external payable {
        Prices.check(1);
        sold += 1;
    }

    function count() external view returns (uint256) {
        return sold;
    }
}
