pragma solidity ^0.8.0;

interface Token {
    function approve(address to, uint256 amount) external returns (bool);
}

contract Borrower {
    uint256 public runs;

    function onFlashLoan(address, address token, uint256 amount, uint256 fee, bytes calldata) // fault
        external
        returns (bytes32)
    {
        runs += 1;
        Token(token).approve(msg.sender, amount + fee);
        return keccak256("ERC3156FlashBorrower.onFlashLoan");
    }
}
