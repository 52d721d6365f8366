pragma solidity 0.7.6;

interface IToken {
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

contract Lock {
    IToken immutable token;
    mapping(address => uint64) until;
    mapping(address => uint96) locked;

    constructor(IToken given) {
        token = given;
    }

    function lock(uint256 amount, uint256 span) external {
        require(uint96(amount) <= 1e24); // fault
        require(token.transferFrom(msg.sender, address(this), amount));
        locked[msg.sender] = uint96(amount); // fault
        until[msg.sender] = uint64(block.timestamp + span); // fault
    }
}
