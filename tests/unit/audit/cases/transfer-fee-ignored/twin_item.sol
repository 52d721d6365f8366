pragma solidity ^0.8.0;

interface IItem {
    function transferFrom(address from, address to, uint256 id) external;
}

contract Shelf {
    IItem item;
    mapping(uint256 => address) public from;
    uint256 public count;

    function put(uint256 id) external {
        item.transferFrom(msg.sender, address(this), id);
        from[id] = msg.sender;
        count += 1;
    }
}
