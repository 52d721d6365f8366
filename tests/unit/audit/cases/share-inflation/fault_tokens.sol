pragma solidity ^0.8.0;

interface IToken {
    function balanceOf(address) external view returns (uint256);
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
    function approve(address to, uint256 amount) external returns (bool);
}

contract Vault {
    IToken immutable token;
    uint256 public supply;
    mapping(address => uint256) public shares;

    constructor(IToken given) {
        token = given;
    }

    function put(uint256 amount) external {
        uint256 made;
        if (supply == 0) {
            made = amount;
        } else {
            made = (amount * supply) / token.balanceOf(address(this)); // fault
        }
        shares[msg.sender] += made;
        supply += made;
        require(token.transferFrom(msg.sender, address(this), amount));
    }
}
