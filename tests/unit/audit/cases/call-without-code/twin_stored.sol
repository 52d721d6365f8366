pragma solidity ^0.8.0;

contract Deposits {
    address immutable token;
    mapping(address => uint256) held;

    constructor(address chosen) {
        token = chosen;
    }

    function deposit(uint256 amount) external {
        (bool ok, ) = token.call(
            abi.encodeWithSelector(0x23b872dd, msg.sender, address(this), amount)
        );
        require(ok);
        held[msg.sender] += amount;
    }

    function send(address to) external {
        held[msg.sender] = 0;
        (bool ok, ) = to.call{value: 1}("");
        require(ok);
    }
}
