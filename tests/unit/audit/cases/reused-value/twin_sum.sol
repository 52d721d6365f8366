pragma solidity ^0.8.0;

contract Gifts {
    mapping(address => uint256) held;
    mapping(uint256 => uint256) price;

    function give(address[] calldata to, uint256[] calldata amounts) external payable {
        uint256 spent;
        for (uint256 i = 0; i < to.length; i++) {
            held[to[i]] += amounts[i];
            spent += amounts[i];
        }
        require(spent == msg.value);
    }

    function share(address[] calldata to) external payable {
        uint256 part = msg.value / to.length;
        for (uint256 i = 0; i < to.length; i++) {
            held[to[i]] += part;
        }
    }

    function find(uint256 count) external payable returns (uint256) {
        for (uint256 i = 0; i < count; i++) {
            if (msg.value == price[i]) return i;
        }
        return count;
    }
}
