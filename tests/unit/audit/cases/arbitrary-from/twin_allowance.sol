pragma solidity ^0.8.0;

interface IToken {
    function balanceOf(address) external view returns (uint256);
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
    function approve(address to, uint256 amount) external returns (bool);
}

contract Wrapper {
    IToken token;
    mapping(address => mapping(address => uint256)) public allowance;
    mapping(uint256 => address) public maker;

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        allowance[from][msg.sender] -= amount;
        return token.transferFrom(from, to, amount);
    }

    function signed(address from, uint256 amount, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 digest = keccak256(abi.encode(address(this), from, amount));
        require(ecrecover(digest, v, r, s) == from && from != address(0));
        require(token.transferFrom(from, msg.sender, amount));
    }
}
