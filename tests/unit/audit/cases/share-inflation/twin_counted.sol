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
    uint256 public counted;
    mapping(address => uint256) public shares;

    constructor(IToken given) {
        token = given;
    }

    function put(uint256 amount) external {
        uint256 made = supply == 0 ? amount : (amount * supply) / counted;
        shares[msg.sender] += made;
        supply += made;
        counted += amount;
        require(token.transferFrom(msg.sender, address(this), amount));
    }
}

contract Locked {
    IToken immutable token;
    uint256 public supply;
    mapping(address => uint256) public shares;

    constructor(IToken given) {
        token = given;
    }

    function put(uint256 amount) external {
        uint256 made;
        if (supply == 0) {
            made = amount - 1000;
            shares[address(0xdead)] = 1000;
            supply = 1000;
        } else {
            made = (amount * supply) / token.balanceOf(address(this));
        }
        shares[msg.sender] += made;
        supply += made;
        require(token.transferFrom(msg.sender, address(this), amount));
    }
}
