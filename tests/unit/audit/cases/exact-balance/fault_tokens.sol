pragma solidity 0.6.12;

interface IToken {
    function balanceOf(address) external view returns (uint256);
    function transfer(address to, uint256 amount) external returns (bool);
}

contract Lender {
    IToken token;
    uint256 pool;

    function lend(address to, uint256 amount) external {
        assert(pool == token.balanceOf(address(this))); // fault
        pool -= amount;
        require(token.transfer(to, amount));
    }
}
