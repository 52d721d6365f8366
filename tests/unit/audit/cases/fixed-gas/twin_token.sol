pragma solidity ^0.8.0;

interface Token {
    function transfer(address to, uint256 amount) external returns (bool);
}

contract Payer {
    function pay(Token token, address to, uint256 gasLimit) external {
        require(token.transfer(to, 1));
        (bool ok, ) = to.call{gas: gasLimit}("");
        require(ok);
    }
}
