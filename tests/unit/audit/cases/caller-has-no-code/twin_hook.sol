pragma solidity ^0.8.0;

interface Receiver {
    function onGift(address from) external returns (bytes4);
}

contract Gifts {
    mapping(address => uint256) held;

    function give(address to) external {
        held[to] += 1;
        if (to.code.length > 0) {
            require(Receiver(to).onGift(msg.sender) == Receiver.onGift.selector);
        }
    }
}
