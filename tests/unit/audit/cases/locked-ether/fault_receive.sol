pragma solidity ^0.8.0;

interface Token {
    function transfer(address to, uint256 amount) external returns (bool);
}

contract Sink {
    Token token;

    receive() external payable {} // fault

    function send(address to, uint256 amount) external {
        require(token.transfer(to, amount));
    }
}
