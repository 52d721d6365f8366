pragma solidity ^0.8.0;

interface IToken {
    function balanceOf(address) external view returns (uint256);
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
    function approve(address to, uint256 amount) external returns (bool);
}

contract Lender {
    IToken token;
    IToken other;
    address pool;
    mapping(address => uint256) public deposits;

    function needed(uint256 amount) public view returns (uint256) {
        return (amount * pool.balance * 2) / token.balanceOf(pool); // fault
    }

    function borrow(uint256 amount) external payable {
        require(msg.value >= needed(amount));
        deposits[msg.sender] += msg.value;
        require(token.transfer(msg.sender, amount));
    }

    function swap(uint256 amount) external {
        uint256 out = (amount * other.balanceOf(address(this))) / token.balanceOf(address(this)); // fault
        require(token.transferFrom(msg.sender, address(this), amount));
        require(other.transfer(msg.sender, out));
    }
}
