pragma solidity ^0.8.0;

interface IToken {
    function balanceOf(address) external view returns (uint256);
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

contract Exchange {
    IToken first;
    IToken second;
    uint256 reserve;
    uint256 other;

    function trade(uint256 amount) external {
        uint256 out = (other * amount) / (reserve + amount);
        reserve += amount;
        other -= out;
        require(first.transferFrom(msg.sender, address(this), amount));
        require(second.transfer(msg.sender, out)); // fault
    }

    function tradeAtLeast(uint256 amount, uint256 least) external {
        uint256 out = (other * amount) / (reserve + amount);
        require(out >= least);
        reserve += amount;
        other -= out;
        require(first.transferFrom(msg.sender, address(this), amount));
        require(second.transfer(msg.sender, out));
    }
}
