pragma solidity ^0.8.20;

contract Points {
    address immutable manager;
    mapping(address => uint256) points;

    constructor(address first) {
        manager = first;
    }

    modifier managed() {
        require(msg.sender == manager);
        _;
    }

    function afterSwap(address sender, bytes calldata) external managed returns (bytes4, int128) {
        points[sender] += 1;
        return (this.afterSwap.selector, 0);
    }
}

contract Stakes {
    mapping(address => mapping(uint256 => address)) owner;

    function onERC721Received(address, address from, uint256 id, bytes calldata)
        external
        returns (bytes4)
    {
        owner[msg.sender][id] = from;
        return this.onERC721Received.selector;
    }
}
