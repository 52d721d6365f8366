pragma solidity ^0.8.20;

contract Points {
    address manager;
    mapping(address => uint256) points;

    function afterSwap(address sender, bytes calldata) external returns (bytes4, int128) { // fault
        points[sender] += 1;
        return (this.afterSwap.selector, 0);
    }
}

contract Stakes {
    mapping(uint256 => address) owner;

    function onERC721Received(address, address from, uint256 id, bytes calldata) // fault
        external
        returns (bytes4)
    {
        owner[id] = from;
        return this.onERC721Received.selector;
    }
}
