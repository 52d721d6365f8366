pragma solidity ^0.8.0;

contract Shop {
    mapping(uint256 => uint256) price;
    mapping(uint256 => address) owner;

    function buy(uint256[] calldata ids) external payable {
        for (uint256 i = 0; i < ids.length; i++) {
            buyOne(ids[i]);
        }
    }

    function buyOne(uint256 id) internal {
        require(msg.value >= price[id]); // fault
        owner[id] = msg.sender;
    }
}
