pragma solidity ^0.8.0;

interface IPair {
    function getReserves() external view returns (uint112, uint112, uint32);
    function price0CumulativeLast() external view returns (uint256);
}

interface IToken {
    function balanceOf(address) external view returns (uint256);
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
    function approve(address to, uint256 amount) external returns (bool);
}

contract Lender {
    IPair pair;
    IToken token;
    uint256 last;
    uint32 at;
    uint256 public average;
    mapping(address => uint256) public part;
    uint256 public parts;

    function update() external {
        (, , uint32 time) = pair.getReserves();
        uint256 sum = pair.price0CumulativeLast();
        uint32 passed = time - at;
        require(passed >= 30 minutes);
        average = (sum - last) / passed;
        last = sum;
        at = time;
    }

    function put(uint256 amount) external {
        uint256 before = token.balanceOf(address(this));
        require(token.transferFrom(msg.sender, address(this), amount));
        uint256 came = token.balanceOf(address(this)) - before;
        part[msg.sender] += (came * parts) / before;
    }
}
